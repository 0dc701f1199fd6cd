"""Baseline: TF-IDF of word n-grams with logistic regression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimstance.eval.baselines.logistic import FacetRegressions
from claimstance.model.encoding import normalise_quotes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from claimstance.eval.config import TfidfConfig
    from claimstance.eval.examples import Examples

_TOKEN = r"""(?u)\b\w+(?:'\w+)?\b|["?!$%]"""  # noqa: S105 - a pattern: words with their apostrophes, telling marks


def marked_texts(examples: Examples) -> list[str]:
    """Return the sentences, with an opening quotation mark put before those inside an open quotation.

    The model sees the quotation state in the same way, so the baselines shall too.
    """
    return [
        ('"' if is_open else "") + normalise_quotes(text)
        for text, is_open in zip(examples.texts, examples.quotation_open.tolist(), strict=True)
    ]


class Tfidf:
    """Word n-grams with sublinear term frequency, three logistic regressions.

    Args:
        config: Features and regularisation.
    """

    def __init__(self, config: TfidfConfig) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._vectorizer = TfidfVectorizer(
            ngram_range=(1, config.longest_ngram),
            min_df=config.min_documents,
            sublinear_tf=True,
            token_pattern=_TOKEN,
        )
        self._regressions = FacetRegressions(config.inverse_regularisation)

    def fit(self, train: Examples) -> None:
        """Learn vocabulary and weights."""
        self._regressions.fit(self._vectorizer.fit_transform(marked_texts(train)), train.facets)

    def probabilities(self, examples: Examples) -> NDArray[np.float64]:
        """Return facet probabilities, shape (n, 3)."""
        return self._regressions.probabilities(self._vectorizer.transform(marked_texts(examples)))
