"""From a text to its sentences."""

from __future__ import annotations

from claimstance.model.segment.blocks import find_blocks, require_text
from claimstance.model.segment.boundaries import split_block
from claimstance.model.segment.nonsentences import non_sentence_reason
from claimstance.model.segment.quotation import QuotationTracker
from claimstance.model.segment.spans import Span

OPENING_BLOCKS = 3
"""The headline is among the first blocks: navigation or a category may stand before it, a byline after."""

_TEASER = 16
"""Characters before the dots of a cut-off line that must come back in the next one for it to be a teaser of it."""


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
    require_text(text, "segment")
    blocks = find_blocks(text)
    quotation = QuotationTracker(text, blocks)
    spans: list[Span] = []
    for number, block in enumerate(blocks):
        opening = number < OPENING_BLOCKS
        if opening and number + 1 < len(blocks) and _is_teaser(text, block, blocks[number + 1]):
            spans.append(Span(*block, quotation.open_at(block[0]), "navigation"))
            continue
        for start, end in split_block(text, *block, quotation):
            reason = non_sentence_reason(text[start:end], whole_block=(start, end) == block, opening=opening)
            spans.append(Span(start, end, quotation.open_at(start), reason))
    return spans


def _is_teaser(text: str, block: tuple[int, int], following: tuple[int, int]) -> bool:
    """Tell whether a line is a cut-off copy of the headline below it, as a trail of links to the page ends in one."""
    line = text[max(block[0], block[1] - 200) : block[1]]
    kept = line.rstrip(".…").rstrip()
    if len(line) - len(kept) < (1 if line.endswith("…") else 3) or len(kept) < _TEASER:
        return False
    return text.find(kept[-_TEASER:], following[0], min(following[1], following[0] + 400)) >= 0
