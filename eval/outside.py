"""Benchmarks that other people labelled, under definitions of their own, and that nothing was trained on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from claimstance.eval.examples import Examples, make_examples
from claimstance.eval.metrics.bootstrap import Estimate, document_weights, interval
from claimstance.eval.metrics.measures import average_precision, precision_recall_f1
from claimstance.eval.metrics.scores import Bootstrap
from claimstance.eval.metrics.tally import cells
from claimstance.model.labels import FACETS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from claimstance.eval.predictions import Predictions
    from claimstance.model.labels import Facet


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Sentences with human answers to one yes/no question.

    Attributes:
        name: Of the benchmark.
        facet: The facet that comes nearest.
        gap: How its definition differs from that facet's.
        published: What others report on it, and why that can or cannot be compared.
        examples: The sentences; their ``facets`` hold the human answer under ``facet`` alone.
    """

    name: str
    facet: Facet
    gap: str
    published: str
    examples: Examples


@dataclass(frozen=True, slots=True)
class OutsideResult:
    """How a system's facet agrees with a benchmark's human answers.

    Attributes:
        name: Of the benchmark.
        facet: The facet that was taken for its answer.
        gap: How the definitions differ.
        published: What others report on it.
        sentences: How many.
        positive: How many of them people answered with yes.
        predicted: How many the system did.
        average_precision: Over all thresholds.
        precision: At the system's threshold.
        recall: At the system's threshold.
        f1: At the system's threshold.
    """

    name: str
    facet: Facet
    gap: str
    published: str
    sentences: int
    positive: int
    predicted: int
    average_precision: Estimate
    precision: Estimate
    recall: Estimate
    f1: Estimate


_SPEECH_GAP = (
    "Speech marks direct quotes and paraphrased speech of a human. Our quote facet also takes documents, polls, "
    '"reportedly" and views or beliefs of a source, and not every speech act: rulings and orders are none. '
    "The marks are incomplete, too: 34 of the 200 documents carry none at all, though people are quoted there, and in "
    "others attributed statements go unmarked. So precision is bounded; recall and average precision say more."
)
_EXPECTATIONS_GAP = (
    "The role is given to sentences whose main function in the article is an expectation about how the story goes on, "
    "one role a sentence, judged in the discourse. Our forecast facet holds for any clause that judges an open "
    "outcome, also when the sentence's main function is another, and not for the plans, hopes and demands that the "
    "role includes."
)
_NEWSDISCOURSE_PUBLISHED = (
    "Choubey et al. (ACL 2020) report macro-F1 54.4 over all content types, from whole documents and trained on this "
    "corpus; we know of no published figure for this one label, so there is nothing to compare directly."
)
_THREATEN_GAP = (
    "THREATEN is the code of the one event between a marked source and target. Our threat facet asks of the whole "
    "sentence; it leaves out warnings of dangers that the warner would not cause, and includes announced sanctions "
    "and prepared measures, which PLOVER may code as SANCTION, COERCE or MOBILIZE."
)
_THREATEN_PUBLISHED = (
    "Hu et al. (ACL 2024) report scores over all root codes with source and target given; that is another task."
)
_CLAIM_GAP = (
    "In-claim is a numeric estimate, projection or guidance in analysts' reports and earnings calls, lower-cased text. "
    "Our forecast facet leaves out plans and targets that a company sets itself, and takes forecasts without a number; "
    "the genre is not news."
)
_CLAIM_PUBLISHED = "Shah et al. (FEVER 2024) report models trained on this corpus; ours never saw it or its genre."


def read_benchmarks(source: Path) -> list[Benchmark]:
    """Read every benchmark from the folder of the public corpora.

    Args:
        source: Folder that holds ``newsdiscourse/``, ``plover/`` and ``finnumclaim/``.

    Raises:
        CorpusError: If one is missing or damaged.
    """
    from claimstance.eval.corpora.benchmarks import (
        read_finnumclaim,
        read_newsdiscourse_roles,
        read_plover_threaten,
    )

    roles = read_newsdiscourse_roles(source)
    news = _examples([f"{r.doc}:{r.start}" for r in roles], [r.text for r in roles])
    news = replace(
        news,
        documents=np.array([r.doc for r in roles]),
        previous=[r.previous for r in roles],
        quotation_open=np.array([r.quotation_open for r in roles], dtype=bool),
    )
    threats, claims = read_plover_threaten(source), read_finnumclaim(source)
    events = _examples([s.id for s in threats], [s.text for s in threats])
    figures = _examples([s.id for s in claims], [s.text for s in claims])
    published = _NEWSDISCOURSE_PUBLISHED
    return [
        _benchmark("NewsDiscourse Speech (test)", "quote", _SPEECH_GAP, published, news, [r.speech for r in roles]),
        _benchmark(
            "NewsDiscourse Expectations (test)",
            "forecast",
            _EXPECTATIONS_GAP,
            published,
            news,
            [r.expectation for r in roles],
        ),
        _benchmark(
            "PLOVER THREATEN (PLV_test)",
            "threat",
            _THREATEN_GAP,
            _THREATEN_PUBLISHED,
            events,
            [s.positive for s in threats],
        ),
        _benchmark(
            "fin-num-claim in-claim (test)",
            "forecast",
            _CLAIM_GAP,
            _CLAIM_PUBLISHED,
            figures,
            [s.positive for s in claims],
        ),
    ]


def _benchmark(
    name: str, facet: Facet, gap: str, published: str, examples: Examples, positive: list[bool]
) -> Benchmark:
    facets = np.zeros_like(examples.facets)
    facets[:, FACETS.index(facet)] = positive
    return Benchmark(name, facet, gap, published, replace(examples, facets=facets))


def _examples(ids: list[str], texts: list[str]) -> Examples:
    return make_examples(
        {
            "id": ids,
            "corpus": ["outside"] * len(ids),
            "doc": ids,
            "text": texts,
            "sampling": ["outside"] * len(ids),
            **{facet: [False] * len(ids) for facet in FACETS},
        }
    )


def measure_benchmark(
    benchmark: Benchmark, predictions: Predictions, bootstrap: Bootstrap | None = None
) -> OutsideResult:
    """Compare one facet of a system with a benchmark's human answers; intervals by resampling documents."""
    how = bootstrap or Bootstrap()
    answers = predictions.answers(benchmark.examples)
    f = FACETS.index(benchmark.facet)
    truth, holds, chances = answers.truth[:, f], answers.holds[:, f], answers.probabilities[:, f]
    names, document = np.unique(answers.documents, return_inverse=True)
    weights = document_weights(answers.documents, answers.strata, how.resamples, how.seed)
    counts = cells(document, len(names), truth * 2 + holds, 4)

    def estimate(value: NDArray[np.float64], spread: NDArray[np.float64]) -> Estimate:
        return Estimate(float(value[0]), *interval(spread, how.confidence))

    points, spreads = _precision_recall_f1(counts.sum(0, keepdims=True)), _precision_recall_f1(weights @ counts)
    precision, recall, f1 = (estimate(p, s) for p, s in zip(points, spreads, strict=True))
    return OutsideResult(
        name=benchmark.name,
        facet=benchmark.facet,
        gap=benchmark.gap,
        published=benchmark.published,
        sentences=len(answers),
        positive=int(truth.sum()),
        predicted=int(holds.sum()),
        average_precision=estimate(
            average_precision(truth, chances), average_precision(truth, chances, weights[:, document])
        ),
        precision=precision,
        recall=recall,
        f1=f1,
    )


def _precision_recall_f1(counts: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    false_positive, false_negative, hits = counts[:, 1], counts[:, 2], counts[:, 3]
    return precision_recall_f1(hits, hits + false_positive, hits + false_negative)


def measure_outside(
    source: Path, predict: Callable[[Examples], Predictions], bootstrap: Bootstrap | None = None
) -> list[OutsideResult]:
    """Measure a system on every benchmark in ``source``; ``predict`` is called once a benchmark."""
    return [measure_benchmark(b, predict(b.examples), bootstrap) for b in read_benchmarks(source)]
