"""Tables on a terminal or in a pipe: plain columns, nothing cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from claimstance.eval.report.tables import TextTable


def echo_table(table: TextTable) -> None:
    """Print a table to stdout, the first column left-aligned and the others right-aligned."""
    rows = [table.headers, *table.rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(table.headers))]
    typer.echo()
    if table.title:
        typer.secho(table.title, bold=True)
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
        typer.echo("  ".join(cells).rstrip())
