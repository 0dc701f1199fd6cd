"""Plain text: a file is an article, or in sentence mode a line is a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from claimstance.model.job.documents import RawRow, too_long
from claimstance.model.job.readers.lines import BOM, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claimstance.model.job.documents import ReadSettings


def read_text(stream: BinaryIO, settings: ReadSettings) -> Iterator[RawRow]:
    """Yield the file as one row, or in sentence mode each line that is not blank."""
    if settings.mode == "sentence":
        yield from _read_sentences(stream, settings)
        return
    data = stream.read(len(BOM) + settings.max_bytes + 1).removeprefix(BOM)
    if len(data) > settings.max_bytes:
        yield RawRow(1, error=too_long(settings.max_bytes))
        return
    yield RawRow(1, decode(data), escaped=True)


def _read_sentences(stream: BinaryIO, settings: ReadSettings) -> Iterator[RawRow]:
    for number, line in enumerate(read_lines(stream, settings.max_bytes), 1):
        if line is None:
            yield RawRow(number, error=too_long(settings.max_bytes))
        elif line.strip():
            yield RawRow(number, decode(line), escaped=True)


def decode(data: bytes) -> str:
    """Decode UTF-8; bytes that are none become lone surrogates, which the check of the text reports."""
    return data.decode("utf-8", "surrogateescape")
