"""What stands around a sentence: the sentence before it, and whether a quotation is open where it begins."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from claimstance.model.segment import quotation_states, segment

if TYPE_CHECKING:
    from collections.abc import Sequence

_LINE_CORPORA = frozenset({"basil", "newsdiscourse"})
"""Corpora whose documents hold one sentence a line, so that their lines, not our segmenter's, are the sentences."""


def _lines(text: str) -> list[tuple[int, int]]:
    spans = []
    start = 0
    for line in text.split("\n"):
        if stripped := line.strip():
            begin = start + line.index(stripped[0])
            spans.append((begin, begin + len(stripped)))
        start += len(line) + 1
    return spans


class Context:
    """The context of sentences in one document.

    Args:
        corpus: The document's corpus, which decides what its sentences are.
        text: The document's text, with the corpus's own marks blanked out.
    """

    def __init__(self, corpus: str, text: str) -> None:
        self._text = text
        spans = _lines(text) if corpus in _LINE_CORPORA else [(span.start, span.end) for span in segment(text)]
        self._spans = spans
        self._ends = [end for _, end in spans]

    def previous(self, start: int) -> str:
        """Return the sentence that ends last at or before offset ``start``, empty if there is none."""
        index = bisect_right(self._ends, start) - 1
        if index < 0:
            return ""
        begin, end = self._spans[index]
        return self._text[begin:end]

    def quotation_open(self, starts: Sequence[int]) -> list[bool]:
        """Return whether a quotation is open at each of the ascending offsets."""
        return quotation_states(self._text, starts)
