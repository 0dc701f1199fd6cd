"""The Parquet schema, with the features that ``datasets`` reads back from it: label names, small integers, booleans."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from claimstance.model.labels import FACETS, LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_CONTEXT: dict[str, str] = {"text": "string", "previous": "string", "quotation_open": "bool"}
_PLACE: dict[str, str] = {"corpus": "string", "doc": "string", "start": "int32", "end": "int32"}

ROW_COLUMNS: dict[str, str] = {
    "id": "string",
    **_PLACE,
    **_CONTEXT,
    "codes": "string",
    **dict.fromkeys(FACETS, "int8"),
    "label": "label",
    "is_sentence": "bool",
    "split": "string",
    "sampling": "string",
    "decided": "string",
    "topic": "string",
}
"""Columns of annotated rows and their types; ``label`` is an index into ``LABELS``."""

UNLABELLED_COLUMNS: dict[str, str] = {**_PLACE, **_CONTEXT}
"""Columns of sentences without annotation."""

_ARROW = {"string": pa.string(), "bool": pa.bool_(), "int8": pa.int8(), "int32": pa.int32(), "label": pa.int64()}


def _feature(kind: str) -> dict[str, Any]:
    if kind == "label":
        return {"names": list(LABELS), "_type": "ClassLabel"}
    return {"dtype": kind, "_type": "Value"}


def schema(columns: dict[str, str]) -> pa.Schema:
    """Return the Arrow schema of columns, with the metadata from which ``datasets`` restores its features."""
    features = {name: _feature(kind) for name, kind in columns.items()}
    fields = [pa.field(name, _ARROW[kind]) for name, kind in columns.items()]
    return pa.schema(fields, metadata={"huggingface": json.dumps({"info": {"features": features}})})


def write_parquet(rows: Iterable[dict[str, Any]], columns: dict[str, str], path: Path) -> None:
    """Write rows to a Parquet file that appears under its name only when it is complete."""
    table = pa.Table.from_pylist(list(rows), schema=schema(columns))
    part = path.with_name(f"{path.name}.part")
    pq.write_table(table, part, compression="zstd")
    part.replace(path)
