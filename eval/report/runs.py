"""What other commands measured, for showing in a report: training runs and speed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from claimstance.eval.report.tables import TextTable
from claimstance.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

RUN_FILE = "run.json"
_CURVES = {"macro-F1": "macro_f1", "threat F1": "f1_threat", "forecast F1": "f1_forecast"}


def read_learning_curve(runs: Iterable[Path]) -> dict[str, list[tuple[int, float]]]:
    """Read training sentences and dev scores of runs; scores that no run has are left out.

    Raises:
        InputError: If a folder holds no finished run.
    """
    points: dict[str, list[tuple[int, float]]] = {name: [] for name in _CURVES}
    for folder in runs:
        record = _read(folder / RUN_FILE, f"{folder} holds no finished training run")
        scores = {**record, **record.get("dev", {})}
        for name, key in _CURVES.items():
            if key in scores:
                points[name].append((int(record["training_rows"]), float(scores[key])))
    return {name: values for name, values in points.items() if values}


def read_speed(path: Path) -> TextTable:
    """Read what ``claimstance benchmark`` wrote, as a table of its rows.

    Raises:
        InputError: If the file cannot be read or holds no rows.
    """
    record = _read(path, f"{path} is no speed benchmark")
    rows = record.get("results") or record.get("rows") or []
    if not rows or not isinstance(rows[0], dict):
        msg = f"{path} is no speed benchmark: it holds no list of results"
        raise InputError(msg)
    columns = [k for k, v in rows[0].items() if not isinstance(v, (list, dict))]
    cells = [[_text(row.get(c)) for c in columns] for row in rows]
    return TextTable("", [c.replace("_", " ") for c in columns], cells)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 10 else f"{value:,.0f}"
    return str(value)


def _read(path: Path, what: str) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{what}: {error}"
        raise InputError(msg) from error
    if not isinstance(record, dict):
        msg = f"{what}: expected a JSON object, got {type(record).__name__}"
        raise InputError(msg)
    return record
