"""Lines of a byte stream, none longer than a limit: a 200 MB line or a gzip bomb must not fill memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 2**16


def read_lines(stream: BinaryIO, max_bytes: int) -> Iterator[bytes | None]:
    """Yield lines without their line break; None in place of one that is longer than ``max_bytes``.

    A byte order mark at the beginning is dropped.
    """
    first = True
    while line := stream.readline(max_bytes + 2):
        if first:
            line = line.removeprefix(b"\xef\xbb\xbf")
            first = False
        if not line.endswith(b"\n") and len(line) >= max_bytes + 2:
            while (rest := stream.readline(_CHUNK)) and not rest.endswith(b"\n"):
                pass
            yield None
            continue
        stripped = line.removesuffix(b"\n").removesuffix(b"\r")
        yield stripped if len(stripped) <= max_bytes else None
