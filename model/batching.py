"""Grouping sentences of one length, so that nothing of a batch is padding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

TOKEN_BUDGET = 512
"""Tokens in a batch: ONNX Runtime int8 peaks between 256 and 512, where a layer's activations stay in cache."""


def length_batches(lengths: Sequence[int], token_budget: int = TOKEN_BUDGET) -> Iterator[NDArray[np.intp]]:
    """Yield index arrays that together cover all sentences once, each of one length and within the token budget.

    One length a batch means no padding: no arithmetic is wasted, and what a sentence gets cannot depend on how far its
    neighbours made it be padded.

    Args:
        lengths: Tokens of each sentence.
        token_budget: Length times number of sentences in a batch; a longer sentence goes alone.
    """
    sizes = np.asarray(lengths)
    order = np.argsort(sizes, kind="stable")
    edges = np.flatnonzero(np.diff(sizes[order])) + 1
    for rows in np.split(order, edges):
        if len(rows):
            step = max(1, token_budget // max(1, int(sizes[rows[0]])))
            for start in range(0, len(rows), step):
                yield rows[start : start + step]


def pad(rows: Sequence[Sequence[int]], value: int = 0) -> NDArray[np.int64]:
    """Return ragged rows as one array of shape (n, longest), filled up with ``value`` on the right."""
    out = np.full((len(rows), max(map(len, rows))), value, dtype=np.int64)
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out
