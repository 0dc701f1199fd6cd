"""Tables on a terminal or in a pipe: plain columns, nothing cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from claimstance.eval.report.tables import TextTable


def echo_table(table: TextTable) -> None:
    """Print a table to stdout; columns of text are left-aligned, columns of numbers right-aligned."""
    rows = [table.headers, *table.rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(table.headers))]
    typer.echo()
    if table.title:
        typer.secho(table.title, bold=True)
    texts = [i == 0 or any(row[i][:1].isalpha() for row in table.rows) for i in range(len(table.headers))]
    for row in rows:
        columns = zip(row, widths, texts, strict=True)
        typer.echo("  ".join(c.ljust(w) if text else c.rjust(w) for c, w, text in columns).rstrip())
