"""Contrast groups: sentences that share their words and differ in their labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from claimstance.eval.metrics.bootstrap import Estimate, document_weights, interval
from claimstance.eval.metrics.proportion import wilson_interval
from claimstance.eval.metrics.scores import Bootstrap
from claimstance.model.labels import LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from claimstance.eval.metrics.answers import Answers


@dataclass(frozen=True, slots=True)
class PhenomenonResult:
    """How a system does on the sentences with one tag.

    Attributes:
        name: The tag.
        sentences: How many have it.
        right: How many got the right label.
        low: Lower end of Wilson's 95% interval of the share.
        high: Upper end.
    """

    name: str
    sentences: int
    right: int
    low: float
    high: float

    @property
    def accuracy(self) -> float:
        """Share with the right label."""
        return self.right / self.sentences


@dataclass(frozen=True, slots=True)
class ContrastResult:
    """How a system does on contrast groups.

    Attributes:
        sentences: How many.
        groups: How many groups.
        accuracy: Share of sentences with the right label; interval by resampling groups.
        groups_right: Share of groups in which every label is right.
        facets_right: Share of sentences in which all three facets are right.
        by_label: Accuracy by annotated label.
        phenomena: By tag, the hardest first.
        wrong: Ids of the sentences with a wrong label.
    """

    sentences: int
    groups: int
    accuracy: Estimate
    groups_right: Estimate
    facets_right: Estimate
    by_label: dict[str, float]
    phenomena: list[PhenomenonResult]
    wrong: list[str]


def measure_contrast(
    answers: Answers,
    ids: Sequence[str],
    tags: Mapping[str, Sequence[str]],
    bootstrap: Bootstrap | None = None,
) -> ContrastResult:
    """Score contrast groups.

    Args:
        answers: Annotation and prediction; their documents are the groups.
        ids: Id of each sentence.
        tags: Phenomena by id; a sentence without any counts in no phenomenon.
        bootstrap: How intervals are made.
    """
    how = bootstrap or Bootstrap()
    right = answers.annotated == answers.predicted
    names, group = np.unique(answers.documents, return_inverse=True)
    size = np.bincount(group).astype(np.float64)
    weights = document_weights(answers.documents, np.zeros(len(answers), dtype=str), how.resamples, how.seed)

    def share(hits: NDArray[np.float64], out_of: NDArray[np.float64]) -> Estimate:
        spread = (weights @ hits) / (weights @ out_of)
        return Estimate(float(hits.sum() / out_of.sum()), *interval(spread, how.confidence))

    hits = np.bincount(group, weights=right).astype(np.float64)
    whole = np.bincount(group, weights=(answers.truth == answers.holds).all(axis=1)).astype(np.float64)
    annotated = answers.annotated
    return ContrastResult(
        sentences=len(answers),
        groups=len(names),
        accuracy=share(hits, size),
        groups_right=share((hits == size).astype(np.float64), np.ones(len(names))),
        facets_right=share(whole, size),
        by_label={
            label: float(right[annotated == k].mean()) if (annotated == k).any() else float("nan")
            for k, label in enumerate(LABELS)
        },
        phenomena=_phenomena(right, ids, tags),
        wrong=[i for i, hit in zip(ids, right.tolist(), strict=True) if not hit],
    )


def _phenomena(
    right: NDArray[np.bool_], ids: Sequence[str], tags: Mapping[str, Sequence[str]]
) -> list[PhenomenonResult]:
    found: dict[str, list[bool]] = {}
    for sentence, hit in zip(ids, right.tolist(), strict=True):
        for tag in tags.get(sentence, ()):
            found.setdefault(tag, []).append(hit)
    low, high = wilson_interval([sum(hits) for hits in found.values()], [len(hits) for hits in found.values()])
    results = [
        PhenomenonResult(tag, len(hits), sum(hits), lower, upper)
        for (tag, hits), lower, upper in zip(found.items(), low.tolist(), high.tolist(), strict=True)
    ]
    return sorted(results, key=lambda r: (r.accuracy, r.name))
