"""Sums over sentences from which every score but average precision follows.

One ``Tally`` holds these sums for D documents. A bootstrap resample of documents is then a weighted sum of rows, and
2,000 resamples are one matrix product: resampling sentences themselves would take minutes, this takes milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from claimstance.model.labels import FACETS, LABELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from claimstance.eval.metrics.answers import Answers

BINS = 15
"""Bins of calibration error, as in Guo et al. (2017), "On Calibration of Modern Neural Networks"."""

SMALLEST = 1e-7
"""Probabilities are kept this far from 0 and 1 in log-loss, so that one hard wrong answer does not make it infinite."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums with a leading axis: documents, or resamples of them. L is 4 labels, F is 3 facets, B is bins.

    Attributes:
        rows: Sentences, shape (D,).
        confusion: Annotated by predicted label, (D, L, L).
        facets: Annotated by predicted facet, (D, F, 2, 2).
        label_nll: Sum of -log P(annotated label), (D,).
        label_brier: Sum of squared differences over the four labels, (D,).
        facet_nll: As above for each facet's yes or no, (D, F).
        facet_brier: Squared difference of each facet's probability, (D, F).
        expected: Sum of predicted label probabilities, (D, L).
        label_bins: Bins of equal width over the predicted label's probability: count, sum of probability, sum of
            right answers, (D, B, 3).
        label_mass_bins: The same in bins of equal number, (D, B, 3).
        facet_bins: Bins of equal width over each facet's probability: count, sum of probability, sum of annotated,
            (D, F, B, 3).
    """

    rows: NDArray[np.float64]
    confusion: NDArray[np.float64]
    facets: NDArray[np.float64]
    label_nll: NDArray[np.float64]
    label_brier: NDArray[np.float64]
    facet_nll: NDArray[np.float64]
    facet_brier: NDArray[np.float64]
    expected: NDArray[np.float64]
    label_bins: NDArray[np.float64]
    label_mass_bins: NDArray[np.float64]
    facet_bins: NDArray[np.float64]

    def weighted(self, weights: NDArray[np.float64]) -> Tally:
        """Return the sums of R resamples; ``weights`` of shape (R, D) says how often each holds each document."""
        return Tally(*(np.tensordot(weights, getattr(self, f.name), axes=1) for f in fields(self)))

    def total(self) -> Tally:
        """Return the sum over all documents, with a leading axis of length 1."""
        return Tally(*(getattr(self, f.name).sum(axis=0, keepdims=True) for f in fields(self)))


def tally(answers: Answers, bins: int = BINS) -> Tally:
    """Sum up the answers of each document, in the order of ``np.unique(answers.documents)``."""
    names, document = np.unique(answers.documents, return_inverse=True)
    count = len(names)
    truth, holds, chances = answers.truth, answers.holds, answers.probabilities
    annotated, distribution, confidence = answers.annotated, answers.distribution, answers.confidence
    right = (annotated == answers.predicted).astype(np.float64)

    def per_document(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return cells(document, count, np.zeros(len(document), dtype=np.intp), 1, values)[:, 0]

    def binned(index: NDArray[np.intp], chance: NDArray[np.float64], hit: NDArray[np.float64]) -> NDArray[np.float64]:
        parts = [cells(document, count, index, bins, w) for w in (None, chance, hit)]
        return np.stack(parts, axis=-1)

    def log(p: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.log(np.clip(p, SMALLEST, 1.0 - SMALLEST))

    one_hot = np.eye(len(LABELS))[annotated]
    facet_index = range(len(FACETS))
    mass_edges = np.quantile(confidence, np.linspace(0, 1, bins + 1)[1:-1])
    return Tally(
        rows=per_document(np.ones(len(document))),
        confusion=cells(document, count, annotated * 4 + answers.predicted, 16).reshape(count, 4, 4),
        facets=np.stack(
            [cells(document, count, truth[:, f] * 2 + holds[:, f], 4) for f in facet_index], axis=1
        ).reshape(count, len(FACETS), 2, 2),
        label_nll=per_document(-log(distribution)[np.arange(len(annotated)), annotated]),
        label_brier=per_document(((distribution - one_hot) ** 2).sum(axis=1)),
        facet_nll=np.stack(
            [per_document(-log(np.where(truth[:, f], chances[:, f], 1.0 - chances[:, f]))) for f in facet_index], axis=1
        ),
        facet_brier=np.stack([per_document((chances[:, f] - truth[:, f]) ** 2) for f in facet_index], axis=1),
        expected=np.stack([per_document(distribution[:, k]) for k in range(len(LABELS))], axis=1),
        label_bins=binned(width_bin(confidence, bins), confidence, right),
        label_mass_bins=binned(np.searchsorted(mass_edges, confidence, side="left"), confidence, right),
        facet_bins=np.stack(
            [
                binned(width_bin(chances[:, f], bins), chances[:, f], truth[:, f].astype(np.float64))
                for f in facet_index
            ],
            axis=1,
        ),
    )


def width_bin(values: NDArray[np.float64], bins: int) -> NDArray[np.intp]:
    """Return the bin of each value when [0, 1] is cut into ``bins`` of equal width, each closed on the right."""
    return np.clip(np.ceil(values * bins).astype(np.intp) - 1, 0, bins - 1)


def cells(
    document: NDArray[np.intp],
    count: int,
    cell: NDArray[np.intp],
    size: int,
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Count, or sum ``weights``, by document and cell; returns shape (count, size)."""
    flat = np.bincount(document * size + cell, weights=weights, minlength=count * size)
    return flat.astype(np.float64).reshape(count, size)
