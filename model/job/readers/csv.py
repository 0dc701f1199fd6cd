"""CSV with a header row."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, BinaryIO

from claimstance.model.job.documents import RawRow, too_long
from claimstance.model.job.readers.lines import read_lines
from claimstance.model.job.readers.text import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claimstance.model.job.documents import ReadSettings


class _TooLongError(Exception):
    """A line, or a quoted field over many lines, is over the limit."""


def read_csv(stream: BinaryIO, settings: ReadSettings, delimiter: str = ",") -> Iterator[RawRow]:
    """Yield each record; its number is that of the record, since a quoted field may span lines.

    After a line that is too long or breaks the quoting nothing behind it can be trusted, so the file ends there with an
    error.
    """
    csv.field_size_limit(max(csv.field_size_limit(), settings.max_bytes))  # one setting for the whole process
    lines = _Lines(stream, settings.max_bytes)
    reader = csv.reader(lines, delimiter=delimiter)
    number = 0
    try:
        header = next(reader, [])
        try:
            text_at = header.index(settings.text_column)
            id_at = None if settings.id_column is None else header.index(settings.id_column)
        except ValueError:
            yield RawRow(0, error=missing_column(header, settings))
            return
        for number, record in enumerate(_records(reader, lines), 1):
            if len(record) != len(header):
                yield RawRow(number, error=f"row has {len(record)} fields, the header {len(header)}")
            else:
                yield RawRow(number, record[text_at], None if id_at is None else record[id_at])
    except _TooLongError:
        yield RawRow(number + 1, error=f"{too_long(settings.max_bytes)} (the rest of the file was not read)")
    except csv.Error as error:
        yield RawRow(number + 1, error=f"row is not CSV: {error} (the rest of the file was not read)")


def missing_column(columns: list[str], settings: ReadSettings) -> str:
    """Return the message for a table without a column that was asked for."""
    wanted = [c for c in (settings.text_column, settings.id_column) if c is not None and c not in columns]
    found = ", ".join(map(repr, columns[:20])) or "none"
    return f"no column {wanted[0]!r}; columns: {found}. See --text-column and --id-column"


def _records(reader: Iterator[list[str]], lines: _Lines) -> Iterator[list[str]]:
    for record in reader:
        lines.used = 0
        if record:
            yield record


class _Lines:
    """Feeds lines to the csv module and counts the bytes of the record in work."""

    def __init__(self, stream: BinaryIO, max_bytes: int) -> None:
        self._lines = read_lines(stream, max_bytes)
        self._max_bytes = max_bytes
        self.used = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.used += 0 if line is None else len(line) + 1
        if line is None or self.used > self._max_bytes + 1:
            raise _TooLongError
        return decode(line) + "\n"
