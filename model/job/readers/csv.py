"""CSV with a header row."""

from __future__ import annotations

import csv
import itertools
from typing import TYPE_CHECKING, BinaryIO

from claimstance.model.job.documents import RawRow, too_long
from claimstance.model.job.readers.lines import read_lines
from claimstance.model.job.readers.text import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claimstance.model.job.documents import ReadSettings


def read_csv(stream: BinaryIO, settings: ReadSettings) -> Iterator[RawRow]:
    """Yield each record; its number is that of the record, since a quoted field may span lines.

    After a line that is too long or breaks the quoting nothing behind it can be trusted, so the file ends there with an
    error.
    """
    lines = Lines(stream, settings.max_bytes)
    yield from table_rows(quoted_records(lines, ",", settings.max_bytes), lines, settings)


def quoted_records(lines: Iterator[str], delimiter: str, max_bytes: int) -> Iterator[list[str]]:
    """Return an iterator over the records of a CSV, the header among them.

    It raises ``csv.Error`` where a quotation mark is neither doubled nor at an end of its field.
    """
    csv.field_size_limit(max(csv.field_size_limit(), max_bytes))  # one setting for the whole process
    return csv.reader(lines, delimiter=delimiter, strict=True)


def table_rows(records: Iterator[list[str]], lines: Lines, settings: ReadSettings) -> Iterator[RawRow]:
    """Yield the rows of a table whose first record is its header.

    Args:
        records: The records.
        lines: What they are read from.
        settings: For columns and limit.
    """
    number = 0
    try:
        header = next(records, [])
        lines.used = 0
        problem = column_problem(header, settings)
        if problem is not None:
            yield RawRow(0, error=problem)
            return
        text_at = header.index(settings.text_column)
        id_at = None if settings.id_column is None else header.index(settings.id_column)
        for number, record in enumerate(_filled(records, lines), 1):
            if len(record) != len(header):
                yield RawRow(number, error=f"row has {len(record)} fields, the header {len(header)}")
            else:
                yield RawRow(number, record[text_at], None if id_at is None else record[id_at], escaped=True)
    except TooLongError:
        yield RawRow(number + 1, error=f"{too_long(settings.max_bytes)} (the rest of the file was not read)")
    except csv.Error as error:
        what = "a quoted field is never closed" if "end of data" in str(error) else error
        yield RawRow(number + 1, error=f"row is not CSV: {what} (the rest of the file was not read)")


def column_problem(columns: list[str], settings: ReadSettings) -> str | None:
    """Return why the columns that were asked for cannot be read from a table, or None if they can."""
    for name in (settings.text_column, settings.id_column):
        if name is not None and columns.count(name) != 1:
            count = f"{columns.count(name)} columns are named" if name in columns else "no column"
            found = ", ".join(map(repr, columns[:20])) or "none"
            return f"{count} {name!r}; columns: {found}. See --text-column and --id-column"
    return None


def _filled(records: Iterator[list[str]], lines: Lines) -> Iterator[list[str]]:
    for record in records:
        lines.used = 0
        if record:
            yield record


class TooLongError(Exception):
    """A line, or a quoted field over many lines, is over the limit."""


class Lines:
    """Feeds lines with their line breaks to the csv module and counts the bytes of the record in work.

    Args:
        stream: The file.
        max_bytes: Longest record.

    Attributes:
        used: Bytes of the record in work; whoever takes a record sets it back.
    """

    def __init__(self, stream: BinaryIO, max_bytes: int) -> None:
        self._lines = read_lines(stream, max_bytes, keep_ends=True)
        self._max_bytes = max_bytes
        self._peeked: list[bytes | None] = []
        self.used = 0

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = self._peeked.pop() if self._peeked else next(self._lines)
        if line is None:
            raise TooLongError
        self.used += len(line)
        if self.used > self._max_bytes + len(b"\r\n"):
            raise TooLongError
        return decode(line)

    def peek(self) -> str | None:
        """Return the next line without taking it; None if there is none, or it is too long."""
        if not self._peeked:
            self._peeked.extend(itertools.islice(self._lines, 1))
        line = self._peeked[0] if self._peeked else None
        return None if line is None else decode(line)
