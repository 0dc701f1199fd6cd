"""The scores of a system, as small frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from claimstance.eval.metrics.bootstrap import (
    CONFIDENCE,
    RESAMPLES,
    Estimate,
    document_weights,
    estimates,
    resampled_measures,
)
from claimstance.eval.metrics.tally import BINS
from claimstance.model.labels import FACETS, LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claimstance.eval.metrics.answers import Answers
    from claimstance.model.labels import Facet, Label

TOGETHER = "together"
"""Name of the scores over all rows, whatever their sampling."""


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How intervals are made.

    Attributes:
        resamples: Resamples of the articles.
        confidence: Coverage that the intervals aim at.
        seed: Of the resampling.
        bins: Bins of calibration error.
    """

    resamples: int = RESAMPLES
    confidence: float = CONFIDENCE
    seed: int = 0
    bins: int = BINS


@dataclass(frozen=True, slots=True)
class LabelScores:
    """Scores of one label.

    Attributes:
        precision: NaN if the label was never predicted.
        recall: NaN if it was never annotated.
        f1: NaN if neither.
        annotated: Sentences annotated so.
        predicted: Sentences predicted so.
        annotated_share: Share of the sentences annotated so.
        predicted_share: Share predicted so.
        expected_share: Mean predicted probability; the better estimate of prevalence if probabilities are calibrated.
    """

    precision: Estimate
    recall: Estimate
    f1: Estimate
    annotated: int
    predicted: int
    annotated_share: Estimate
    predicted_share: Estimate
    expected_share: Estimate


@dataclass(frozen=True, slots=True)
class FacetScores:
    """Scores of one yes/no question: at its threshold, over all thresholds, and of its probability."""

    precision: Estimate
    recall: Estimate
    f1: Estimate
    mcc: Estimate
    average_precision: Estimate
    log_loss: Estimate
    brier: Estimate
    ece: Estimate
    annotated: int
    predicted: int


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of a system on some sentences.

    Attributes:
        sentences: How many.
        documents: Of how many articles.
        macro_f1: Mean F1 of the four labels; a label neither annotated nor predicted is left out.
        accuracy: Share of sentences with the right label.
        mcc: Matthews' correlation over four labels.
        log_loss: Mean -log probability of the annotated label, natural logarithm.
        brier: Mean sum of squared differences over the four labels, 0 to 2.
        ece: Calibration error of the predicted label's probability, bins of equal width.
        ece_equal_mass: The same in bins of equal number.
        labels: By label.
        facets: By facet.
        confusion: Counts, rows annotated, columns predicted, order of ``LABELS``.
    """

    sentences: int
    documents: int
    macro_f1: Estimate
    accuracy: Estimate
    mcc: Estimate
    log_loss: Estimate
    brier: Estimate
    ece: Estimate
    ece_equal_mass: Estimate
    labels: dict[Label, LabelScores]
    facets: dict[Facet, FacetScores]
    confusion: list[list[int]]


def score(answers: Answers, bootstrap: Bootstrap | None = None) -> Scores:
    """Score a system, with intervals by resampling articles within their strata."""
    how = bootstrap or Bootstrap()
    weights = document_weights(answers.documents, answers.strata, how.resamples, how.seed)
    points, spread = resampled_measures(answers, weights, how.bins)
    found = estimates(points, spread, how.confidence)
    confusion = np.zeros((len(LABELS), len(LABELS)), dtype=int)
    np.add.at(confusion, (answers.annotated, answers.predicted), 1)
    whole = ("macro_f1", "accuracy", "mcc", "log_loss", "brier", "ece", "ece_equal_mass")
    return Scores(
        sentences=len(answers),
        documents=weights.shape[1],
        **{name: found[name] for name in whole},
        labels={
            label: LabelScores(
                **_under(found, f"label.{label}."),
                annotated=int(confusion[k].sum()),
                predicted=int(confusion[:, k].sum()),
            )
            for k, label in enumerate(LABELS)
        },
        facets={
            facet: FacetScores(
                **_under(found, f"facet.{facet}."),
                annotated=int(answers.truth[:, f].sum()),
                predicted=int(answers.holds[:, f].sum()),
            )
            for f, facet in enumerate(FACETS)
        },
        confusion=confusion.tolist(),
    )


def score_by_sampling(answers: Answers, bootstrap: Bootstrap | None = None) -> dict[str, Scores]:
    """Score all rows together, and apart by stratum (how the sentences were sampled)."""
    out = {TOGETHER: score(answers, bootstrap)}
    for stratum in sorted(set(answers.strata.tolist()), reverse=True):  # natural before enriched
        out[stratum] = score(answers.take(answers.strata == stratum), bootstrap)
    return out


def _under(found: Mapping[str, Estimate], prefix: str) -> dict[str, Estimate]:
    return {name.removeprefix(prefix): value for name, value in found.items() if name.startswith(prefix)}
