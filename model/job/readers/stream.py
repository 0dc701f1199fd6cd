"""One stream of documents over all input files, which can begin anywhere."""

from __future__ import annotations

import zlib
from contextlib import ExitStack
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from claimstance.model.errors import ConfigError, InputError
from claimstance.model.job.documents import BadRow, Item, ReadSettings, printable, to_item
from claimstance.model.job.readers.csv import read_csv
from claimstance.model.job.readers.failures import may_pass
from claimstance.model.job.readers.jsonl import read_jsonl
from claimstance.model.job.readers.opening import decompress, open_raw
from claimstance.model.job.readers.parquet import read_parquet
from claimstance.model.job.readers.text import read_text
from claimstance.model.job.readers.tsv import read_tsv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from claimstance.model.job.documents import RawRow
    from claimstance.model.job.readers.files import Format, SourceFile

    Reader = Callable[[BinaryIO, ReadSettings], Iterator[RawRow]]

READERS: dict[Format, Reader] = {
    "txt": read_text,
    "jsonl": read_jsonl,
    "csv": read_csv,
    "tsv": read_tsv,
    "parquet": read_parquet,
}


class Position(NamedTuple):
    """A place between two rows of the input: so many rows of so-and-so-many-th file are behind it."""

    file: int = 0
    rows: int = 0


class DocumentStream:
    """Reads files one after the other.

    Args:
        files: The input.
        settings: How to read it.

    Attributes:
        bytes_read: How much of the input, as stored, was read so far.

    Raises:
        ConfigError: If an id column is asked for, and a file is plain text, which has none.
    """

    def __init__(self, files: Sequence[SourceFile], settings: ReadSettings) -> None:
        _check_ids(files, settings)
        self.files = files
        self.settings = settings
        self.bytes_read = 0

    @property
    def bytes_total(self) -> int | None:
        """Size of the input as stored, None if a part of it is unknown."""
        sizes = [f.size for f in self.files]
        return None if None in sizes else sum(s for s in sizes if s is not None)

    def skip_to(self, start: Position) -> None:
        """Count the files before a position as read."""
        self.bytes_read = sum(f.size or 0 for f in self.files[: start.file])

    def items(self, start: Position = Position()) -> Iterator[tuple[Position, Item]]:  # noqa: B008 - immutable
        """Yield documents and bad rows from ``start`` on, each with the position behind it.

        Raises:
            InputError: If reading failed in a way that may pass, as a lost connection does.
        """
        self.skip_to(start)
        done = self.bytes_read
        for index in range(start.file, len(self.files)):
            skip = start.rows if index == start.file else 0
            yield from self._file_items(index, skip, done)
            done += self.files[index].size or 0
            self.bytes_read = done

    def _file_items(self, index: int, skip: int, done: int) -> Iterator[tuple[Position, Item]]:
        file = self.files[index]
        single = file.format == "txt" and self.settings.mode == "document"
        rows = 0
        with ExitStack() as stack:
            try:
                raw = stack.enter_context(open_raw(file))
                for row in READERS[file.format](decompress(file, raw), self.settings):
                    rows += 1
                    if rows <= skip:
                        continue
                    if file.size is not None:
                        self.bytes_read = done + raw.tell()
                    yield Position(index, rows), to_item(file.address, row, self.settings, single=single)
            except (OSError, EOFError, zlib.error) as error:
                if may_pass(error):
                    msg = _broken_off(file, rows, error)
                    raise InputError(msg) from error
                if rows >= skip:
                    bad = BadRow(printable(file.address), printable(file.address), f"file cannot be read: {error}")
                    yield Position(index, rows + 1), bad


def _check_ids(files: Sequence[SourceFile], settings: ReadSettings) -> None:
    plain = next((f.address for f in files if f.format == "txt"), None)
    if settings.id_column is not None and plain is not None:
        msg = (
            f"id column {settings.id_column!r} was asked for, and {printable(plain)} is read as plain text, which has "
            "none; leave out id_column (--id-column), or name the format that it has (--format)"
        )
        raise ConfigError(msg)


def _broken_off(file: SourceFile, rows: int, error: Exception) -> str:
    """Return the message for a file that could not be read on, for now, after so many rows."""
    advice = (
        "it cannot be read twice: save it to a file and label that"
        if file.once
        else "try later: with an output (-o) the same command goes on from there"
    )
    what = f"{type(error).__name__}: {error}"
    return f"{printable(file.address)}: reading broke off after {rows} rows ({what}); {advice}"
