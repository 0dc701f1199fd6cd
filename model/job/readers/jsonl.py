"""JSON lines: a line is an object with the text under one key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, BinaryIO

from claimstance.model.job.documents import RawRow, too_long
from claimstance.model.job.readers.lines import read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claimstance.model.job.documents import ReadSettings


def read_jsonl(stream: BinaryIO, settings: ReadSettings) -> Iterator[RawRow]:
    """Yield each line that is not blank."""
    for number, line in enumerate(read_lines(stream, settings.max_bytes), 1):
        if line is None:
            yield RawRow(number, error=too_long(settings.max_bytes))
        elif line.strip():
            yield _parse(number, line, settings)


def _parse(number: int, line: bytes, settings: ReadSettings) -> RawRow:
    try:
        value = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        return RawRow(number, error=f"line is not UTF-8: byte 0x{line[error.start]:02x} at byte {error.start}")
    except (ValueError, RecursionError) as error:
        return RawRow(number, error=f"line is not JSON: {error}")
    if not isinstance(value, dict):
        return RawRow(number, error=f"line must be a JSON object, got {type(value).__name__}")
    for name, option in ((settings.text_column, "--text-column"), (settings.id_column, "--id-column")):
        if name is not None and name not in value:
            found = ", ".join(map(repr, list(value)[:10])) or "none"
            return RawRow(number, error=f"no key {name!r}; keys: {found}. See {option}")
    identity = None if settings.id_column is None else value[settings.id_column]
    return RawRow(number, value[settings.text_column], identity)
