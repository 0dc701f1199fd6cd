"""What a job has done so far, in numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from claimstance.model.labels import LABELS

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(slots=True)
class Counts:
    """Sums over rows.

    Attributes:
        documents: Documents labelled.
        rows: Rows written.
        sentences: Of these, sentences that the model read.
        labels: Sentences of each label.
        reasons: Rows without a label, by reason.
        truncated: Sentences that were cut.
        errors: Bad rows, skipped ones included.
    """

    documents: int = 0
    rows: int = 0
    sentences: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    truncated: int = 0
    errors: int = 0

    @classmethod
    def of(cls, table: pa.Table, documents: int, errors: int) -> Counts:
        """Count the rows of a table."""
        score = table.column("score")
        return cls(
            documents=documents,
            rows=table.num_rows,
            sentences=len(score) - score.null_count,
            labels=_tally(table.column("label")),
            reasons=_tally(table.column("reason")),
            truncated=int(sum(bool(v) for v in table.column("truncated").to_pylist())),
            errors=errors,
        )

    def add(self, other: Counts) -> None:
        """Add to this one."""
        for name in (f.name for f in fields(self)):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def to_dict(self) -> dict[str, Any]:
        """Return a plain dictionary; labels are all there, in their order."""
        record = {f.name: getattr(self, f.name) for f in fields(self)}
        return {
            **record,
            "labels": {label: self.labels[label] for label in LABELS},
            "reasons": dict(sorted(self.reasons.items())),
        }

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Counts:
        """Return what ``to_dict`` wrote."""
        counters = {name: Counter(record[name]) for name in ("labels", "reasons")}
        return cls(**{**record, **counters})


def _tally(column: pa.ChunkedArray) -> Counter[str]:
    counts = column.drop_null().value_counts()
    return Counter({str(c["values"]): int(c["counts"].as_py()) for c in counts})
