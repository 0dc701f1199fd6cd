"""The columns of a job's output: one row a sentence, flat, so that every format can hold them."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pyarrow as pa

from claimstance.model.labels import FACETS, LABELS, PRECEDENCE

if TYPE_CHECKING:
    from collections.abc import Sequence

PROBABILITY_COLUMNS = tuple(f"p_{label}" for label in LABELS)
FACET_COLUMNS = tuple(f"facet_{facet}" for facet in FACETS)

DECIMALS = 6
"""Of probabilities; more would be noise."""

SCHEMA = pa.schema(
    [
        ("document", pa.string()),
        ("sentence", pa.int32()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("text", pa.string()),
        ("label", pa.string()),
        ("score", pa.float32()),
        *((name, pa.float32()) for name in PROBABILITY_COLUMNS + FACET_COLUMNS),
        ("holds", pa.string()),
        ("truncated", pa.bool_()),
        ("reason", pa.string()),
        ("model", pa.string()),
        ("error", pa.string()),
    ]
)
"""A non-sentence has a reason and no label; a bad row has an error and, but for its document id, nothing else."""

HOLDS = tuple(
    " ".join(label for label in PRECEDENCE if label in FACETS and dict(zip(FACETS, held, strict=True))[label])
    for held in product((False, True), repeat=len(FACETS))
)
"""Names of the facets that hold, in order of precedence, by the number that the three flags make in base 2."""


def output_schema(text: bool = True) -> pa.Schema:
    """Return the schema, with or without the sentences' text."""
    return SCHEMA if text else SCHEMA.remove(SCHEMA.get_field_index("text"))


def column_lists(table: pa.Table) -> Sequence[list[object]]:
    """Return the columns as Python lists; probabilities as the short decimals that they are."""
    return [_as_list(column) for column in table.columns]


def _as_list(column: pa.ChunkedArray) -> list[object]:
    if column.type != pa.float32():
        return list(column.to_pylist())
    values = column.to_numpy().astype(float).round(DECIMALS).tolist()
    return [None if v != v else v for v in values] if column.null_count else list(values)
