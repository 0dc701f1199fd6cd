"""Formats of output files, each written as a stream of tables."""

from __future__ import annotations

import contextlib
import gzip
import os
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, cast, get_args

import pyarrow as pa

from claimstance.model.errors import ConfigError, MissingDependencyError
from claimstance.model.job.render import to_csv, to_jsonl

if TYPE_CHECKING:
    from pathlib import Path

OutputFormat = Literal["jsonl", "jsonl.gz", "jsonl.zst", "csv", "parquet"]
OUTPUT_FORMATS: tuple[OutputFormat, ...] = get_args(OutputFormat)
ROW_GROUP = 32_768
"""Rows that a Parquet writer gathers before it writes them: memory against the size of row groups."""


def format_of(path: Path) -> OutputFormat | None:
    """Return the format that a file's name asks for; None if the name has no suffix, as a folder's.

    Raises:
        ConfigError: If it has a suffix that is none of the formats, or no suffix and is a file.
    """
    name = path.name.lower()
    for known in OUTPUT_FORMATS:
        if name.endswith(f".{known}"):
            return known
    if os.path.isdir(path):
        return None
    endings = ", ".join(f".{f}" for f in OUTPUT_FORMATS)
    if path.suffix:
        msg = f"output must be a folder or end in {endings}, got {path}"
        raise ConfigError(msg)
    if os.path.lexists(path):
        msg = f"{path} is a file and its name ends in none of {endings}; give a folder or such an ending"
        raise ConfigError(msg)
    return None


class TableFile:
    """An output file in work.

    Args:
        path: Where to write.
        format_: How.
        header: Whether a CSV begins with its header.
    """

    def __init__(self, path: Path, format_: OutputFormat, *, header: bool = True) -> None:
        self._raw: BinaryIO = open(path, "wb")  # noqa: SIM115 - closed by close() and abandon()
        self._format = format_
        self._header = header
        self._waiting: list[pa.Table] = []
        self._parquet: Any = None
        self._stream = _compressed(self._raw, format_)

    def write(self, table: pa.Table) -> None:
        """Append rows."""
        if self._format == "parquet":
            self._waiting.append(table)
            if sum(t.num_rows for t in self._waiting) >= ROW_GROUP:
                self._write_group()
        elif self._format == "csv":
            self._stream.write(to_csv(table, self._header))
            self._header = False
        else:
            self._stream.write(to_jsonl(table))

    def close(self) -> None:
        """Write what is left and see to it that it is on the disk."""
        if self._format == "parquet":
            self._write_group()
            if self._parquet is not None:
                self._parquet.close()
        elif self._stream is not self._raw:
            self._stream.close()
        self._raw.flush()
        os.fsync(self._raw.fileno())
        self._raw.close()

    def abandon(self) -> None:
        """Close without a care for the content, after an error or for a file that will be deleted."""
        with contextlib.suppress(OSError, ValueError, pa.ArrowException):
            self._raw.close()

    def _write_group(self) -> None:
        import pyarrow.parquet as pq

        if not self._waiting:
            return
        table = pa.concat_tables(self._waiting)
        if self._parquet is None:
            self._parquet = pq.ParquetWriter(self._raw, table.schema, compression="zstd")
        self._parquet.write_table(table)
        self._waiting.clear()


def _compressed(raw: BinaryIO, format_: OutputFormat) -> BinaryIO:
    if format_ == "jsonl.gz":
        return cast("BinaryIO", gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6, mtime=0, filename=""))
    if format_ == "jsonl.zst":
        try:
            import zstandard
        except ImportError as error:
            msg = ".zst output needs zstandard: pip install 'claimstance[zstd]'"
            raise MissingDependencyError(msg) from error
        return cast("BinaryIO", zstandard.ZstdCompressor(level=3).stream_writer(raw, closefd=False))
    return raw
