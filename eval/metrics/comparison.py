"""Is one system better than another on the same sentences?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from claimstance.eval.metrics.bootstrap import Estimate, document_weights, interval, resampled_measures
from claimstance.eval.metrics.measures import is_calibration_error
from claimstance.eval.metrics.scores import Bootstrap
from claimstance.model.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from claimstance.eval.metrics.answers import Answers


@dataclass(frozen=True, slots=True)
class Difference:
    """One score of two systems.

    Attributes:
        first: Score of the first.
        second: Score of the second.
        difference: Second minus first, with its interval; NaN ends for a calibration error.
        p_value: Two-sided, of the paired article bootstrap; NaN where the difference is undefined, and for a
            calibration error.
    """

    first: float
    second: float
    difference: Estimate
    p_value: float


@dataclass(frozen=True, slots=True)
class McNemar:
    """The exact McNemar test of label accuracy.

    It takes sentences as independent, which those of an article are not: the bootstrap is the one to report.

    Attributes:
        only_first: Sentences that only the first system has right.
        only_second: Sentences that only the second has right.
        p_value: Two-sided, exact binomial.
    """

    only_first: int
    only_second: int
    p_value: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two systems on the same sentences.

    Attributes:
        sentences: How many.
        documents: Of how many articles.
        same_label: Share of sentences that both give the same label.
        differences: By the names that ``measure`` uses.
        mcnemar: The test on accuracy.
    """

    sentences: int
    documents: int
    same_label: float
    differences: dict[str, Difference]
    mcnemar: McNemar


def compare(first: Answers, second: Answers, bootstrap: Bootstrap | None = None) -> Comparison:
    """Compare two systems by the same resamples of articles.

    A calibration error is biased upwards in every resample, and not by as much for both systems: the resampled
    differences do not centre on the one measured, so it gets neither an interval nor a p-value.

    Raises:
        InputError: If the two are not about the same annotated sentences in the same order.
    """
    if not np.array_equal(first.documents, second.documents) or not np.array_equal(first.truth, second.truth):
        msg = "the two systems must be compared on the same sentences in the same order, but documents or facets differ"
        raise InputError(msg)
    how = bootstrap or Bootstrap()
    weights = document_weights(first.documents, first.strata, how.resamples, how.seed)
    points_a, spread_a = resampled_measures(first, weights, how.bins)
    points_b, spread_b = resampled_measures(second, weights, how.bins)
    differences = {}
    for name in points_a:
        gaps = spread_b[name] - spread_a[name]
        if is_calibration_error(name):
            gaps = np.full_like(gaps, np.nan)
        estimate = Estimate(points_b[name] - points_a[name], *interval(gaps, how.confidence))
        differences[name] = Difference(points_a[name], points_b[name], estimate, bootstrap_p_value(gaps))
    return Comparison(
        sentences=len(first),
        documents=weights.shape[1],
        same_label=float((first.predicted == second.predicted).mean()),
        differences=differences,
        mcnemar=mcnemar(first.predicted == first.annotated, second.predicted == second.annotated),
    )


def bootstrap_p_value(gaps: NDArray[np.float64]) -> float:
    """Return the two-sided p-value of resampled differences: twice the smaller tail beyond 0, counted with the data."""
    defined = gaps[~np.isnan(gaps)]
    if len(defined) * 2 <= len(gaps):
        return float("nan")
    tail = min((defined <= 0).sum(), (defined >= 0).sum())
    return float(min(1.0, 2 * (tail + 1) / (len(defined) + 1)))


def mcnemar(first_right: NDArray[np.bool_], second_right: NDArray[np.bool_]) -> McNemar:
    """Test whether two systems are equally often right, exactly, from the sentences on which only one is."""
    from scipy.stats import binomtest

    only_first = int((first_right & ~second_right).sum())
    only_second = int((second_right & ~first_right).sum())
    either = only_first + only_second
    p_value = float(binomtest(only_first, either).pvalue) if either else 1.0
    return McNemar(only_first, only_second, p_value)
