"""The unit that segmentation returns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """One sentence, or one non-sentence, of a text.

    Attributes:
        start: Offset of its first character in the text (Python characters).
        end: Offset after its last character; ``text[start:end]`` has no white space at either end.
        quotation_open: Whether a quotation that began earlier is still open where this span begins.
        reason: None for a sentence, else what kind of non-sentence it is (one of ``REASONS``).
    """

    start: int
    end: int
    quotation_open: bool
    reason: str | None
