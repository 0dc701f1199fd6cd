"""What the predictor returns: small frozen records."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from claimstance.model.labels import Facet, Label


@dataclass(frozen=True, slots=True)
class FacetPredictions:
    """Calibrated facet probabilities of n sentences, as arrays.

    Attributes:
        probabilities: Shape (n, 3), order of ``FACETS``.
        truncated: Shape (n,), whether tokens were cut.
    """

    probabilities: NDArray[np.float64]
    truncated: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model says of one sentence.

    Attributes:
        text: The sentence.
        label: fact, quote, threat or forecast; None if it was not labelled, and ``reason`` says why.
        score: Calibrated probability of ``label``, 0 to 1; None without a label, except after an abstention.
        probabilities: Calibrated probability of each label; they sum to 1. None for a non-sentence.
        facets: Calibrated probability of each facet; independent of one another. None for a non-sentence.
        holds: The facets that hold, in order of precedence: a threat inside a quotation has both.
        truncated: Whether the sentence was longer than the model reads, so that its end was not seen.
        reason: Why there is no label: the kind of non-sentence, or ``"low_confidence"``.
    """

    text: str
    label: Label | None
    score: float | None
    probabilities: dict[Label, float] | None
    facets: dict[Facet, float] | None
    holds: tuple[Facet, ...] = ()
    truncated: bool = False
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return a plain dictionary, ready for JSON."""
        return {**asdict(self), "holds": list(self.holds)}


@dataclass(frozen=True, slots=True)
class SentencePrediction(Prediction):
    """A prediction and where its sentence stands in the article.

    Attributes:
        index: Position among the article's segments, from 0.
        start: Character offset of the first character; ``article[start:end] == text``.
        end: Character offset behind the last character.
        quotation_open: Whether the sentence begins inside a quotation that an earlier one opened.
    """

    index: int = 0
    start: int = 0
    end: int = 0
    quotation_open: bool = False
