"""From a text to its sentences."""

from __future__ import annotations

from claimstance.model.errors import InputTypeError
from claimstance.model.segment.blocks import find_blocks
from claimstance.model.segment.boundaries import split_block
from claimstance.model.segment.quotation import QuotationTracker
from claimstance.model.segment.spans import Span


def segment(text: str) -> list[Span]:
    """Split a text into sentences with exact character offsets.

    Args:
        text: An article as plain text; line breaks separate headline, paragraphs and boilerplate.

    Returns:
        Spans in order, disjoint, none blank, none across a line break that separates blocks. What is no sentence
        (byline, credit, navigation ...) is among them, with its reason.

    Raises:
        InputTypeError: If ``text`` is not a ``str``.
    """
    if not isinstance(text, str):
        msg = f"segment takes the text of one article as a str, got {type(text).__name__}"
        raise InputTypeError(msg)
    blocks = find_blocks(text)
    quotation = QuotationTracker(text, blocks)
    return [
        Span(start, end, quotation.open_at(start), None)
        for block in blocks
        for start, end in split_block(text, *block, quotation)
    ]
