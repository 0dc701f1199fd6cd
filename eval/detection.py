"""How well the segmenter's rules tell bylines, credits and navigation from sentences, on annotated rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from claimstance.eval.evaluation import DetectionScores, detection_scores
from claimstance.model.segment import non_sentence_reason

if TYPE_CHECKING:
    from claimstance.eval.examples import Examples

NATURAL = "natural"


def detect_non_sentences(examples: Examples) -> DetectionScores | None:
    """Run the rules over the rows of whole articles.

    Rows that were picked one by one are left out: they were picked as sentences. The rules see a row without its
    layout here, so this is a little harder than in an article, where a heading stands alone on its line.

    Returns:
        None if the data hold no whole articles.
    """
    whole = examples.take(examples.sampling == NATURAL)
    if not len(whole):
        return None
    found = [non_sentence_reason(text.strip(), opening=not before) is not None for text, before in _rows(whole)]
    return detection_scores(whole.is_sentence, np.array(found))


def _rows(examples: Examples) -> list[tuple[str, str]]:
    return list(zip(examples.texts, examples.previous, strict=True))
