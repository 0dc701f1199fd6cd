"""``metrics.json``: everything that was measured, for machines."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimstance.eval.evaluation import COVERAGES
from claimstance.eval.metrics.tally import width_bin
from claimstance.eval.provenance import provenance
from claimstance.model.errors import InputError
from claimstance.model.labels import FACETS

if TYPE_CHECKING:
    from os import PathLike

    from claimstance.eval.config import EvalConfig
    from claimstance.eval.evaluation import Evaluation
    from claimstance.eval.metrics.answers import Answers
    from claimstance.eval.metrics.comparison import Comparison
    from claimstance.eval.probes.run import ProbeResults

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning or goes away; new fields do not raise it."""

METRICS_FILE = "metrics.json"


def plain(value: Any) -> Any:
    """Turn records into JSON values; undefined numbers (NaN) become null."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def evaluation_record(evaluation: Evaluation, config: EvalConfig) -> dict[str, Any]:
    """Return the content of ``metrics.json``."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "evaluation",
        "system": evaluation.system,
        "about": plain(evaluation.about),
        "data": asdict(evaluation.data),
        "scores": plain(evaluation.scores),
        "corpora": plain(evaluation.corpora),
        "abstention": {
            name: {
                "area": plain(curve.area),
                "risk_at_coverage": {str(c): plain(curve.at(c)) for c in COVERAGES},
            }
            for name, curve in evaluation.abstention.items()
        },
        "reliability": reliability_record(evaluation.answers),
        "non_sentences": plain(evaluation.detection),
        "outside": plain(evaluation.outside),
        "config": config.model_dump(),
        **provenance(),
    }


def reliability_record(answers: Answers, bins: int = 10) -> dict[str, list[dict[str, float]]]:
    """Return bins of equal width by label and facet: count, mean probability, frequency; empty ones left out."""
    series = {"label": (answers.confidence, answers.annotated == answers.predicted)}
    series |= {facet: (answers.probabilities[:, f], answers.truth[:, f]) for f, facet in enumerate(FACETS)}
    found: dict[str, list[dict[str, float]]] = {}
    for name, (chances, outcomes) in series.items():
        index = width_bin(chances, bins)
        found[name] = [
            {
                "count": int((index == b).sum()),
                "probability": float(chances[index == b].mean()),
                "frequency": float(outcomes[index == b].mean()),
            }
            for b in range(bins)
            if (index == b).any()
        ]
    return found


def probe_record(results: ProbeResults, config: EvalConfig) -> dict[str, Any]:
    """Return the content of ``probe.json``."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "probe",
        **plain(results),
        "config": config.model_dump(),
        **provenance(),
    }


def comparison_record(
    comparison: Comparison, first: str, second: str, sha256: str, config: EvalConfig
) -> dict[str, Any]:
    """Return the content of a comparison's JSON file."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "comparison",
        "first": first,
        "second": second,
        "data_sha256": sha256,
        **plain(comparison),
        "config": config.model_dump(),
        **provenance(),
    }


def write_json(record: dict[str, Any], path: str | PathLike[str]) -> None:
    """Write indented JSON that any parser reads."""
    Path(path).write_text(json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def read_metrics(path: str | PathLike[str], kind: str) -> dict[str, Any]:
    """Read a JSON file of measurements, or the one in a report folder.

    Args:
        path: The file, or a folder with ``metrics.json``.
        kind: What it must be: ``evaluation``, ``comparison`` or ``probe``.

    Raises:
        InputError: If it is missing, not JSON, of another kind or of a newer schema.
    """
    file = Path(path)
    file = file / METRICS_FILE if file.is_dir() else file
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{file} cannot be read as measurements: {error}"
        raise InputError(msg) from error
    if not isinstance(record, dict) or record.get("kind") != kind or record.get("schema_version") != SCHEMA_VERSION:
        found = (
            (record.get("kind"), record.get("schema_version")) if isinstance(record, dict) else type(record).__name__
        )
        msg = f"{file}: expected kind {kind!r} of schema version {SCHEMA_VERSION}, got {found}"
        raise InputError(msg)
    return record
