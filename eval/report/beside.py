"""Other systems' results beside the one that a report is about, from their ``metrics.json``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from claimstance.eval.metrics.bootstrap import Estimate
from claimstance.eval.metrics.scores import TOGETHER
from claimstance.eval.report.serialise import read_metrics
from claimstance.eval.report.tables import TextTable, with_interval
from claimstance.model.errors import InputError
from claimstance.model.labels import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from os import PathLike

    from claimstance.eval.evaluation import Evaluation


@dataclass(frozen=True, slots=True)
class Beside:
    """A system's measurements.

    Attributes:
        system: Its name.
        record: Its ``metrics.json``.
    """

    system: str
    record: dict[str, Any]

    def estimate(self, *keys: str, group: str = TOGETHER) -> Estimate:
        """Return a score by its path, such as ``"labels", "threat", "f1"``."""
        value = self.record["scores"][group]
        for key in keys:
            value = value[key]
        return as_estimate(value)


def as_estimate(value: dict[str, float | None]) -> Estimate:
    """Read an estimate back from JSON, where undefined is null."""
    return Estimate(*(float("nan") if value[k] is None else float(value[k] or 0.0) for k in ("value", "low", "high")))


def read_beside(paths: Iterable[str | PathLike[str]], sha256: str | None = None) -> list[Beside]:
    """Read other evaluations.

    Args:
        paths: ``metrics.json`` files or report folders.
        sha256: Of the data that all must have been evaluated on, or None for any.

    Raises:
        InputError: If one cannot be read, or is about other data.
    """
    found = []
    for path in paths:
        record = read_metrics(path, "evaluation")
        if sha256 is not None and record["data"]["sha256"] != sha256:
            name, digest = record["data"]["name"], record["data"]["sha256"][:12]
            msg = f"{path} is about other data: {name}, {digest}, not {sha256[:12]}; evaluate it on the same split"
            raise InputError(msg)
        found.append(Beside(record["system"], record))
    return found


def comparison_rows(systems: Sequence[Beside]) -> TextTable:
    """One row a system: macro-F1 together and natural, F1 of each label, calibration error."""
    headers = ["system", "macro-F1", "natural", *(f"{label} F1" for label in LABELS), "ECE"]
    rows = []
    for system in systems:
        natural = (
            with_interval(system.estimate("macro_f1", group="natural")) if "natural" in system.record["scores"] else ""
        )
        rows.append(
            [
                system.system,
                with_interval(system.estimate("macro_f1")),
                natural,
                *(f"{system.estimate('labels', label, 'f1').value:.3f}" for label in LABELS),
                f"{system.estimate('ece').value:.3f}",
            ]
        )
    return TextTable("", headers, rows)


def beside_table(evaluation: Evaluation, others: Sequence[Beside]) -> TextTable:
    """Return ``comparison_rows`` of an evaluation and others."""
    from claimstance.eval.report.serialise import plain

    own = Beside(evaluation.system, {"scores": plain(evaluation.scores)})
    return comparison_rows([own, *others])
