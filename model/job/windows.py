"""Windows: the documents that are labelled in one call, cut at the same places in every run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from claimstance.model.job.documents import BadRow
from claimstance.model.job.readers.stream import Position

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claimstance.model.job.documents import Item
    from claimstance.model.job.readers.stream import DocumentStream

WINDOW_CHARACTERS = 2**18
"""About 2,000 sentences of news."""
WINDOW_DOCUMENTS = 4096


@dataclass(slots=True)
class Window:
    """Documents and bad rows that are labelled in one call.

    Attributes:
        items: In order of input.
        end: Position behind the last of them.
        bytes_read: How much of the input was read by then.
        last_bad: The bad row that ended the job's patience right behind ``items``, if one did.
    """

    items: list[Item] = field(default_factory=list)
    end: Position = field(default_factory=Position)
    bytes_read: int = 0
    last_bad: BadRow | None = None


def read_windows(stream: DocumentStream, start: Position, *, stop_at_bad_row: bool) -> Iterator[Window]:
    """Yield windows from ``start`` on.

    Where a window ends depends on the input alone, counted from where a window began; a job that goes on behind a
    window therefore sees the windows that an undisturbed one would have seen.

    Args:
        stream: The input.
        start: Where to begin.
        stop_at_bad_row: End with the first bad row, as ``last_bad`` of its window, instead of passing it on as an item.
    """
    window = Window(end=start)
    size = 0
    for position, item in stream.items(start):
        if isinstance(item, BadRow):
            if stop_at_bad_row:
                window.last_bad = item
                break
        else:
            size += len(item.text)
        window.items.append(item)
        window.end = position
        window.bytes_read = stream.bytes_read
        if size >= WINDOW_CHARACTERS or len(window.items) >= WINDOW_DOCUMENTS:
            yield window
            window, size = Window(end=position), 0
    if window.items or window.last_bad is not None:
        yield window
