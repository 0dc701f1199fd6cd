"""What every place for rows can do, and the simplest of them: a stream that is written as it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from claimstance.model.job.counts import Counts
from claimstance.model.job.readers.stream import Position

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa


class Sink(Protocol):
    """Takes the rows of one window after the other."""

    start: Position
    """Where in the input to begin: behind what is here already."""
    counts: Counts
    """Sums over what is here already and what was written since."""

    @property
    def complete(self) -> bool:
        """Whether an earlier job wrote all there is."""
        ...

    def write(self, table: pa.Table, counts: Counts, end: Position) -> None:
        """Take the rows of a window that ends at ``end`` in the input."""
        ...

    def close(self, complete: bool) -> None:
        """Make lasting what was taken. ``complete``: the input came to its end."""
        ...


class StreamSink:
    """Hands each table to a function, such as one that prints it.

    Args:
        show: Called with each table.
    """

    def __init__(self, show: Callable[[pa.Table], None]) -> None:
        self.start = Position()
        self.counts = Counts()
        self.complete = False
        self._show = show

    def write(self, table: pa.Table, counts: Counts, end: Position) -> None:
        """See ``Sink``."""
        self._show(table)
        self.counts.add(counts)

    def close(self, complete: bool) -> None:
        """See ``Sink``."""
