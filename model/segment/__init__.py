"""From article text to sentences with offsets."""

from __future__ import annotations

from claimstance.model.segment.quotation import quotation_states
from claimstance.model.segment.segmenter import segment
from claimstance.model.segment.spans import Span

__all__ = ["Span", "quotation_states", "segment"]
