"""What is scored: annotated facets beside predicted ones, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from claimstance.model.errors import InputError
from claimstance.model.labels import FACETS, LABELS, decide, label_distribution

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Answers:
    """Annotation and prediction of n sentences.

    Attributes:
        documents: Shape (n,), the article of each sentence; the unit of resampling.
        truth: Shape (n, 3), which facets were annotated, order of ``FACETS``.
        probabilities: Shape (n, 3), predicted facet probabilities.
        holds: Shape (n, 3), which facets were predicted to hold.
        predicted: Shape (n,), index into ``LABELS`` of the predicted label.
        strata: Shape (n,), groups of documents that were sampled in different ways; documents are resampled within
            their group.
    """

    documents: NDArray[np.str_]
    truth: NDArray[np.bool_]
    probabilities: NDArray[np.float64]
    holds: NDArray[np.bool_]
    predicted: NDArray[np.intp]
    strata: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.documents)

    @property
    def annotated(self) -> NDArray[np.intp]:
        """Shape (n,), index into ``LABELS`` of the annotated label."""
        return decide(self.truth.astype(np.float64))[0]

    @property
    def distribution(self) -> NDArray[np.float64]:
        """Shape (n, 4), predicted label probabilities."""
        return label_distribution(self.probabilities)

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Shape (n,), the probability of the predicted label."""
        return np.asarray(np.take_along_axis(self.distribution, self.predicted[:, None], axis=1)[:, 0])

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Answers:
        """Return some of the rows, by mask or index."""
        return Answers(
            self.documents[rows],
            self.truth[rows],
            self.probabilities[rows],
            self.holds[rows],
            self.predicted[rows],
            self.strata[rows],
        )


def make_answers(
    truth: ArrayLike,
    probabilities: ArrayLike,
    *,
    documents: ArrayLike | None = None,
    thresholds: ArrayLike = (0.5, 0.5, 0.5),
    predicted: ArrayLike | None = None,
    strata: ArrayLike | None = None,
) -> Answers:
    """Check arrays and put them together.

    Args:
        truth: Annotated facets, shape (n, 3), order of ``FACETS``.
        probabilities: Facet probabilities, shape (n, 3), between 0 and 1.
        documents: The article of each sentence; by default each sentence is an article of its own.
        thresholds: Shape (3,); a facet holds when its probability is at least its threshold.
        predicted: Index into ``LABELS`` of each predicted label; by default what thresholds and precedence give.
        strata: Groups of documents that were sampled in different ways; by default one.

    Raises:
        InputError: If shapes differ, there is no row, or a value is out of range.
    """
    facets = np.asarray(truth, dtype=bool)
    chances = np.asarray(probabilities, dtype=np.float64)
    n = len(facets)
    if facets.shape != (n, len(FACETS)) or chances.shape != facets.shape or n == 0:
        msg = f"truth and probabilities must have the same shape (n, 3) with n > 0, got {facets.shape}, {chances.shape}"
        raise InputError(msg)
    if not ((chances >= 0) & (chances <= 1)).all():  # NaN fails this too
        msg = f"probabilities must lie between 0 and 1, got {chances[~((chances >= 0) & (chances <= 1))][0]}"
        raise InputError(msg)
    labels, holds = decide(chances, thresholds)
    if predicted is not None:
        labels = np.asarray(predicted, dtype=np.intp)
    if labels.shape != (n,) or not ((labels >= 0) & (labels < len(LABELS))).all():
        msg = f"predicted must be {n} indices into {LABELS}, got shape {labels.shape}"
        raise InputError(msg)
    return Answers(
        _names(documents if documents is not None else np.arange(n), n, "documents"),
        facets,
        chances,
        holds,
        labels,
        _names(strata if strata is not None else np.zeros(n, dtype=int), n, "strata"),
    )


def _names(values: ArrayLike, n: int, what: str) -> NDArray[np.str_]:
    names = np.asarray(values).astype(str)
    if names.shape != (n,):
        msg = f"{what} must have shape ({n},), got {names.shape}"
        raise InputError(msg)
    return names
