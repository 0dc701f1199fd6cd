"""An evaluation: predictions against annotations, from all sides that a report shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from claimstance.eval.metrics.scores import TOGETHER, Bootstrap, Scores, score, score_by_sampling
from claimstance.eval.metrics.selective import RiskCoverage, risk_coverage
from claimstance.model.labels import LABELS

if TYPE_CHECKING:
    from claimstance.eval.examples import Examples
    from claimstance.eval.metrics.answers import Answers
    from claimstance.eval.outside import OutsideResult
    from claimstance.eval.predictions import Predictions
    from claimstance.model.labels import Label

COVERAGES = (1.0, 0.95, 0.9, 0.8, 0.7, 0.5)


@dataclass(frozen=True, slots=True)
class DataFacts:
    """What was evaluated on.

    Attributes:
        name: Name of the data, such as the split.
        sha256: Of the file.
        rows: Rows in it.
        sentences: Rows that are sentences and so have a label.
        left_out: Rows annotated as no sentence, by sampling; they count in no score of labels or facets.
        documents: Articles that the sentences are from.
        truncated: Sentences among those whose end the system did not see.
    """

    name: str
    sha256: str
    rows: int
    sentences: int
    left_out: dict[str, int]
    documents: int
    truncated: int


@dataclass(frozen=True, slots=True)
class DetectionScores:
    """How well rows that are no sentences are told from sentences.

    Attributes:
        precision: Of those found, the share annotated as no sentence; NaN if none was found.
        recall: Of those annotated, the share found; NaN if none was annotated.
        f1: Of the two.
        annotated: Rows annotated as no sentence.
        found: Rows found to be none.
        rows: All rows.
    """

    precision: float
    recall: float
    f1: float
    annotated: int
    found: int
    rows: int


@dataclass(frozen=True, slots=True)
class ConfidentError:
    """A wrong label that the system was sure of.

    Attributes:
        id: Id of the sentence.
        document: Its article.
        sampling: How it was chosen.
        previous: The sentence before.
        text: The sentence.
        quotation_open: Whether it begins inside an open quotation.
        annotated: Its label.
        predicted: The system's label.
        confidence: The system's probability for it.
        annotated_probability: The system's probability for the annotated label.
    """

    id: str
    document: str
    sampling: str
    previous: str
    text: str
    quotation_open: bool
    annotated: Label
    predicted: Label
    confidence: float
    annotated_probability: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that is known of a system after evaluating it.

    Attributes:
        system: Its name.
        about: Further facts of it, such as revision and engine.
        data: What it was evaluated on.
        scores: Scores of all sentences together, then by sampling.
        corpora: Scores by corpus.
        abstention: Risk-coverage curves, together and by sampling.
        detection: Detection of non-sentences, if it was measured.
        outside: Results on outside benchmarks, if they were measured.
        answers: The arrays that the scores were made from.
    """

    system: str
    about: dict[str, Any]
    data: DataFacts
    scores: dict[str, Scores]
    corpora: dict[str, Scores]
    abstention: dict[str, RiskCoverage]
    answers: Answers
    detection: DetectionScores | None = None
    outside: list[OutsideResult] = field(default_factory=list)

    @property
    def together(self) -> Scores:
        """Scores of all sentences."""
        return self.scores[TOGETHER]


def evaluate(
    examples: Examples, predictions: Predictions, bootstrap: Bootstrap | None = None, name: str = "data"
) -> Evaluation:
    """Score predictions on annotated rows; rows that are no sentences are left out and counted.

    Raises:
        InputError: If a sentence has no prediction, or more than one.
    """
    sentences = examples.sentences()
    answers = predictions.answers(sentences)
    kinds, counts = np.unique(examples.sampling[~examples.is_sentence], return_counts=True)
    return Evaluation(
        system=predictions.system,
        about=predictions.about,
        data=DataFacts(
            name=name,
            sha256=examples.sha256,
            rows=len(examples),
            sentences=len(sentences),
            left_out={str(k): int(c) for k, c in zip(kinds, counts, strict=True)},
            documents=len(np.unique(sentences.documents)),
            truncated=int(predictions.truncated[predictions.rows(sentences)].sum()),
        ),
        scores=score_by_sampling(answers, bootstrap),
        corpora=_by_corpus(answers, sentences, bootstrap),
        abstention=_abstention(answers),
        answers=answers,
    )


def _by_corpus(answers: Answers, sentences: Examples, bootstrap: Bootstrap | None) -> dict[str, Scores]:
    corpora = np.array(sentences.corpora)
    return {str(c): score(answers.take(corpora == c), bootstrap) for c in np.unique(corpora)}


def _abstention(answers: Answers) -> dict[str, RiskCoverage]:
    right = answers.annotated == answers.predicted
    curves = {TOGETHER: risk_coverage(right, answers.confidence)}
    for stratum in sorted(set(answers.strata.tolist()), reverse=True):
        rows = answers.strata == stratum
        curves[stratum] = risk_coverage(right[rows], answers.confidence[rows])
    return curves


def detection_scores(is_sentence: np.ndarray, found: np.ndarray) -> DetectionScores:
    """Score the detection of non-sentences.

    Args:
        is_sentence: Shape (n,), the annotation.
        found: Shape (n,), whether each row was found to be no sentence.
    """
    wanted = ~np.asarray(is_sentence, dtype=bool)
    flagged = np.asarray(found, dtype=bool)
    hits, annotated, predicted = int((wanted & flagged).sum()), int(wanted.sum()), int(flagged.sum())
    undefined = float("nan")
    return DetectionScores(
        precision=hits / predicted if predicted else undefined,
        recall=hits / annotated if annotated else undefined,
        f1=2 * hits / (annotated + predicted) if annotated + predicted else undefined,
        annotated=annotated,
        found=predicted,
        rows=len(wanted),
    )


def confident_errors(examples: Examples, answers: Answers, count: int) -> list[ConfidentError]:
    """Return the wrong labels with the highest probability, the surest first.

    Args:
        examples: The sentences that ``answers`` are about, in the same order.
        answers: Annotation and prediction.
        count: At most this many.
    """
    annotated, confidence, distribution = answers.annotated, answers.confidence, answers.distribution
    wrong = np.flatnonzero(annotated != answers.predicted)
    ordered = wrong[np.argsort(-confidence[wrong], kind="stable")][:count]
    return [
        ConfidentError(
            id=examples.ids[i],
            document=str(examples.documents[i]),
            sampling=str(examples.sampling[i]),
            previous=examples.previous[i],
            text=examples.texts[i],
            quotation_open=bool(examples.quotation_open[i]),
            annotated=LABELS[annotated[i]],
            predicted=LABELS[answers.predicted[i]],
            confidence=float(confidence[i]),
            annotated_probability=float(distribution[i, annotated[i]]),
        )
        for i in ordered
    ]
