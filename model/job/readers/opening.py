"""From a file to the bytes it holds."""

from __future__ import annotations

import gzip
import io
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from claimstance.model.errors import MissingDependencyError
from claimstance.model.job.readers.files import STDIN, filesystem_of, other_compression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claimstance.model.job.readers.files import SourceFile

_BUFFER = 2**16


@contextmanager
def open_raw(file: SourceFile) -> Iterator[BinaryIO]:
    """Open a file's bytes as they are stored.

    Raises:
        OSError: If it cannot be opened.
    """
    if file.address == STDIN:
        with _standard_input() as handle:
            yield handle
        return
    if "://" in file.address:
        filesystem, path = filesystem_of(file.address)
        handle = _sized_reads(filesystem.open(path, "rb"))
    else:
        handle = open(file.address, "rb")  # noqa: SIM115 - closed below
    with handle:
        yield handle


@contextmanager
def _standard_input() -> Iterator[BinaryIO]:
    """Yield standard input, as a stream of its own: Python aborts at its end if a thread waits in ``sys.stdin``."""
    own = sys.__stdin__
    if sys.stdin is not own:  # replaced, as a test does
        yield sys.stdin.buffer
    elif own is None:
        msg = "standard input is closed"
        raise OSError(msg)
    else:
        with open(own.fileno(), "rb", closefd=False) as handle:
            yield handle


def _sized_reads(handle: Any) -> BinaryIO:
    """Return a handle whose ``readline`` takes a size; that of most fsspec file systems takes none."""
    raw = isinstance(handle, io.IOBase) and not isinstance(handle, io.BufferedIOBase)
    return cast("BinaryIO", io.BufferedReader(cast("Any", handle), _BUFFER) if raw else handle)


def decompress(file: SourceFile, raw: BinaryIO) -> BinaryIO:
    """Return a stream of the file's content, decompressed as it is read.

    Raises:
        OSError: If it is compressed in a way that is not read, or Parquet in a form that cannot be searched.
        MissingDependencyError: If .zst is asked for and this pyarrow was built without it.
    """
    problem = other_compression(file.address)
    if file.format == "parquet" and (file.compression or not raw.seekable()):
        problem = "Parquet needs a file, not a pipe or a compressed one; save it to a file, decompressed"
    if problem is not None:
        raise OSError(problem)
    if file.compression == ".gz":
        return cast("BinaryIO", gzip.GzipFile(fileobj=raw, mode="rb"))
    if file.compression == ".zst":
        return _unzstd(file, raw)
    return raw


def _unzstd(file: SourceFile, raw: BinaryIO) -> BinaryIO:
    """Decompress by pyarrow, which tells a file that breaks off from one that ends; zstandard's reader does not."""
    import pyarrow as pa

    if not pa.Codec.is_available("zstd"):
        msg = f"{file.address} needs a pyarrow with zstd: pip install pyarrow"
        raise MissingDependencyError(msg)
    stream = pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), "zstd")
    return cast("BinaryIO", io.BufferedReader(stream, _BUFFER))
