"""A table of labelled sentences as text: JSON lines, CSV, or colours on a terminal."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING

from claimstance.model.job.columns import column_lists

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import Console

COLOURS = {"fact": "default", "quote": "cyan", "threat": "bold red", "forecast": "yellow"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
"""An article must not be able to steer the terminal."""


def to_jsonl(table: pa.Table) -> bytes:
    """Return one JSON object a row; keys are the columns, in their order."""
    names = table.column_names
    dump = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
    lines = [dump(dict(zip(names, row, strict=True))) for row in zip(*column_lists(table), strict=True)]
    return "".join(f"{line}\n" for line in lines).encode()


def to_csv(table: pa.Table, header: bool) -> bytes:
    """Return comma-separated rows; strings are quoted, what is missing is empty."""
    import pyarrow.csv as pa_csv

    out = io.BytesIO()
    pa_csv.write_csv(table, out, pa_csv.WriteOptions(include_header=header))
    return out.getvalue()


def print_table(table: pa.Table, console: Console) -> None:
    """Print a table a document: label, score, sentence; what is no sentence is dimmed, with the reason.

    Where the sentences' text is left out, their place in the document stands for it.
    """
    from rich.table import Table
    from rich.text import Text

    current: str | None = None
    grid = Table()
    heading, contents = _contents(table)
    columns = column_lists(table.select(("document", "label", "score", "reason", "error")))
    for document, label, score, reason, error, content in zip(*columns, contents, strict=True):
        if document != current:
            if current is not None:
                console.print(grid)
            current = str(document)
            grid = Table(box=None, title=Text(clean(current), "bold"), title_justify="left", pad_edge=False)
            grid.add_column("label", no_wrap=True)
            grid.add_column("score", justify="right", no_wrap=True)
            grid.add_column(heading, overflow="fold")
        if label is None:
            shown = f"{score:.2f}" if isinstance(score, float) else ""
            style = "red" if error else "dim"
            first = "error" if error else str(reason or "")
            grid.add_row(Text(first, style), Text(shown, style), Text(clean(str(error or content or "")), style))
        else:
            colour = COLOURS[str(label)]
            grid.add_row(Text(str(label), colour), Text(f"{score:.2f}", colour), Text(clean(str(content)), colour))
    if current is not None:
        console.print(grid)


def _contents(table: pa.Table) -> tuple[str, list[str | None]]:
    """Return what stands for the sentences, and its heading: their text, or without it where they begin and end."""
    if "text" in table.column_names:
        return "sentence", table["text"].to_pylist()
    places = zip(table["start"].to_pylist(), table["end"].to_pylist(), strict=True)
    return "characters", [None if start is None else f"{start}–{end}" for start, end in places]


def clean(text: str) -> str:
    """Return ``text`` on one line, without control characters."""
    return _CONTROL.sub(" ", text)
