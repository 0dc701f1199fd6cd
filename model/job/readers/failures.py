"""What fails on the way to a file's bytes, and what is wrong with the file."""

from __future__ import annotations

import gzip
import io

_LASTING = (
    FileNotFoundError,
    PermissionError,
    IsADirectoryError,
    NotADirectoryError,
    io.UnsupportedOperation,
    gzip.BadGzipFile,
)


def may_pass(error: Exception) -> bool:
    """Tell whether a later try may read what this one could not: a connection, a mount or a disk failed.

    What is damaged, gone or forbidden stays so. What pyarrow cannot decode it reports as a bare OSError, without the
    number that an operating system's has.
    """
    if not isinstance(error, OSError) or isinstance(error, _LASTING):
        return False
    return type(error) is not OSError or error.errno is not None
