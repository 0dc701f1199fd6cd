"""From article text to sentences with offsets."""

from __future__ import annotations

from claimstance.model.segment.nonsentences import REASONS, non_sentence_reason
from claimstance.model.segment.quotation import quotation_states
from claimstance.model.segment.segmenter import segment
from claimstance.model.segment.spans import Span

__all__ = ["REASONS", "Span", "non_sentence_reason", "quotation_states", "segment"]
