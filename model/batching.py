"""Grouping sentences of like length, so that little of a batch is padding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

TOKEN_BUDGET = 2048
"""Tokens in a batch, padding included."""


def length_batches(lengths: Sequence[int], token_budget: int = TOKEN_BUDGET) -> Iterator[NDArray[np.intp]]:
    """Yield index arrays that together cover all sentences once, each of like length and within the token budget.

    Args:
        lengths: Tokens of each sentence.
        token_budget: Longest length times number of sentences in a batch; a longer sentence goes alone.
    """
    order = np.argsort(np.asarray(lengths), kind="stable")
    start = 0
    while start < len(order):
        stop = start + 1
        while stop < len(order) and lengths[order[stop]] * (stop + 1 - start) <= token_budget:
            stop += 1
        yield order[start:stop]
        start = stop


def pad(rows: Sequence[Sequence[int]], value: int = 0) -> NDArray[np.int64]:
    """Return ragged rows as one array of shape (n, longest), filled up with ``value`` on the right."""
    out = np.full((len(rows), max(map(len, rows))), value, dtype=np.int64)
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out
