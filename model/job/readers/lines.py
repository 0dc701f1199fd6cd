"""Lines of a byte stream, none longer than a limit: a 200 MB line or a gzip bomb must not fill memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

BOM = b"\xef\xbb\xbf"
_CHUNK = 2**16


def read_lines(stream: BinaryIO, max_bytes: int, *, keep_ends: bool = False) -> Iterator[bytes | None]:
    """Yield lines, without their line break unless ``keep_ends``; None in place of one longer than ``max_bytes``.

    The line break does not count. A byte order mark at the beginning is dropped.
    """
    limit = max_bytes + len(BOM) + len(b"\r\n")
    first = True
    while line := stream.readline(limit):
        cut = len(line) == limit and not line.endswith(b"\n")
        if first:
            line = line.removeprefix(BOM)
            first = False
        if cut:
            while (rest := stream.readline(_CHUNK)) and not rest.endswith(b"\n"):
                pass
        stripped = line.removesuffix(b"\n").removesuffix(b"\r")
        if cut or len(stripped) > max_bytes:
            yield None
        else:
            yield line if keep_ends else stripped
