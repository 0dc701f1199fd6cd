"""Tab-separated values with a header row. Some writers quote as in a CSV, most do not, and no name tells which."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from claimstance.model.job.readers.csv import Lines, quoted_records, table_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claimstance.model.job.documents import RawRow, ReadSettings

_MARK = '"'


def read_tsv(stream: BinaryIO, settings: ReadSettings) -> Iterator[RawRow]:
    """Yield each record, numbered as by ``read_csv``.

    A quotation mark is a character of the text, which often begins with one. Fields are quoted only where they cannot
    be read otherwise: everywhere, if names in the header are quoted; else where marks inside are doubled, or the next
    line has not as many fields as a row, so that it must be the rest of this one.
    """
    lines = Lines(stream, settings.max_bytes)
    yield from table_rows(_records(lines, settings.max_bytes), lines, settings)


def _records(lines: Lines, max_bytes: int) -> Iterator[list[str]]:
    header = _fields(lines.peek() or "")
    if any(name.startswith(_MARK) for name in header):
        yield from quoted_records(lines, "\t", max_bytes)
        return
    for line in lines:
        fields = _fields(line)
        if fields and _opens(fields[-1]) and not _is_row(lines.peek(), header):
            yield next(quoted_records(chain([line], lines), "\t", max_bytes))
        else:
            yield [_unquoted(field) for field in fields]


def _fields(line: str) -> list[str]:
    content = line.removesuffix("\n").removesuffix("\r")
    return content.split("\t") if content else []


def _opens(field: str) -> bool:
    """Tell whether a field, read as quoted, goes on behind the line."""
    return field.startswith(_MARK) and _MARK not in field[1:].replace(_MARK * 2, "")


def _is_row(line: str | None, header: list[str]) -> bool:
    return line is None or len(_fields(line)) == len(header)


def _unquoted(field: str) -> str:
    """Return a field without its quoting, if marks inside are doubled; a text in quotation marks keeps them."""
    inner = field[1:-1]
    quoted = len(field) > 1 and field.startswith(_MARK) and field.endswith(_MARK)
    if quoted and _MARK * 2 in inner and _MARK not in inner.replace(_MARK * 2, ""):
        return inner.replace(_MARK * 2, _MARK)
    return field
