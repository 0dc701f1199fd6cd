"""Resampling whole articles: their sentences depend on one another, so sentences cannot be the unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from claimstance.eval.metrics.measures import average_precision, is_calibration_error, measure
from claimstance.eval.metrics.tally import BINS, tally
from claimstance.model.errors import InputError
from claimstance.model.labels import FACETS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from claimstance.eval.metrics.answers import Answers

RESAMPLES = 2000
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A score and its confidence interval.

    Attributes:
        value: The score on the data; NaN if it is undefined there.
        low: Lower end of the interval; NaN if the score is undefined in half of the resamples or more.
        high: Upper end.
    """

    value: float
    low: float
    high: float


def document_weights(
    documents: NDArray[np.str_], strata: NDArray[np.str_], resamples: int, seed: int
) -> NDArray[np.float64]:
    """Draw how often each resample holds each document.

    Args:
        documents: Shape (n,), the article of each sentence.
        strata: Shape (n,), documents are drawn within the stratum of their first sentence, as many as it has.
        resamples: How many, R.
        seed: Of NumPy's default generator.

    Returns:
        Shape (R, D), in the order of ``np.unique(documents)``.

    Raises:
        InputError: If ``resamples`` is less than 1.
    """
    if resamples < 1:
        msg = f"resamples must be at least 1, got {resamples}"
        raise InputError(msg)
    names, first = np.unique(documents, return_index=True)
    generator = np.random.default_rng(seed)
    weights = np.zeros((resamples, len(names)))
    for stratum in np.unique(strata[first]):
        members = np.flatnonzero(strata[first] == stratum)
        weights[:, members] = generator.multinomial(len(members), np.full(len(members), 1 / len(members)), resamples)
    return weights


def resampled_measures(
    answers: Answers, weights: NDArray[np.float64], bins: int = BINS
) -> tuple[dict[str, float], dict[str, NDArray[np.float64]]]:
    """Return every score on the data, and in every resample.

    Args:
        answers: n sentences of D documents.
        weights: Shape (R, D), from ``document_weights``.
        bins: Bins of calibration error.

    Returns:
        Scores by name (see ``measure``, and ``facet.NAME.average_precision``); the same as arrays of shape (R,).
    """
    sums = tally(answers, bins)
    points = {name: float(v[0]) for name, v in measure(sums.total()).items()}
    spread = measure(sums.weighted(weights))
    sentence_weights = weights[:, np.unique(answers.documents, return_inverse=True)[1]]
    for f, facet in enumerate(FACETS):
        name = f"facet.{facet}.average_precision"
        truth, scores = answers.truth[:, f], answers.probabilities[:, f]
        points[name] = float(average_precision(truth, scores)[0])
        spread[name] = average_precision(truth, scores, sentence_weights)
    return points, spread


def interval(values: NDArray[np.float64], confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the percentile interval of resampled values; NaN ends if half of them or more are undefined."""
    defined = values[~np.isnan(values)]
    if len(defined) * 2 <= len(values):
        return float("nan"), float("nan")
    tail = (1.0 - confidence) / 2
    low, high = np.quantile(defined, [tail, 1.0 - tail])
    return float(low), float(high)


def estimates(
    points: dict[str, float], spread: dict[str, NDArray[np.float64]], confidence: float = CONFIDENCE
) -> dict[str, Estimate]:
    """Put scores and their intervals together, by name.

    A calibration error is a sum of absolute differences, to which resampling adds noise that only raises it, so that
    its percentile interval may lie above the value measured; it gets the basic interval, which mirrors the percentiles
    at the value (Davison and Hinkley, 1997, section 5.2), cut at 0. Where even the lower percentile lies above the
    value, as it does for a system that is calibrated, the mirrored interval would lie below it; it ends at the value.
    """
    found = {}
    for name, value in points.items():
        low, high = interval(spread[name], confidence)
        if is_calibration_error(name):
            low, high = float(np.clip(2 * value - high, 0.0, value)), float(np.maximum(2 * value - low, value))
        found[name] = Estimate(value, low, high)
    return found
