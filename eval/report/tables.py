"""The tables of a report as plain rows, for the terminal, for HTML and for Markdown alike."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from claimstance.eval.evaluation import COVERAGES
from claimstance.model.labels import FACETS, LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from claimstance.eval.evaluation import DetectionScores
    from claimstance.eval.metrics.bootstrap import Estimate
    from claimstance.eval.metrics.comparison import Comparison
    from claimstance.eval.metrics.scores import Scores
    from claimstance.eval.metrics.selective import RiskCoverage
    from claimstance.eval.outside import OutsideResult

DASH = "–"


@dataclass(frozen=True, slots=True)
class TextTable:
    """Headers and rows of text.

    Attributes:
        title: What it shows.
        headers: One a column.
        rows: As many cells each as there are headers.
    """

    title: str
    headers: list[str]
    rows: list[list[str]]


def number(value: float, digits: int = 3) -> str:
    """Write a score; a dash if it is undefined."""
    return DASH if math.isnan(value) else f"{value:.{digits}f}"


def percent(value: float | None) -> str:
    """Write a share with one decimal; a dash if it is undefined, NaN here and null in JSON."""
    return DASH if value is None or math.isnan(value) else f"{value:.1%}"


def with_interval(estimate: Estimate, digits: int = 3) -> str:
    """Write a score and its interval."""
    if math.isnan(estimate.value) or math.isnan(estimate.low):
        return number(estimate.value, digits)
    return f"{number(estimate.value, digits)} [{number(estimate.low, digits)}, {number(estimate.high, digits)}]"


def overview_table(scores: Mapping[str, Scores], title: str = "Overall") -> TextTable:
    """One row a group of sentences."""
    headers = [
        "sentences",
        "n",
        "articles",
        "macro-F1",
        "accuracy",
        "MCC",
        "log-loss",
        "Brier",
        "ECE",
        "equal mass",
    ]
    rows = [
        [
            name,
            f"{s.sentences:,}",
            f"{s.documents:,}",
            with_interval(s.macro_f1),
            with_interval(s.accuracy),
            number(s.mcc.value),
            number(s.log_loss.value),
            number(s.brier.value),
            with_interval(s.ece),
            number(s.ece_equal_mass.value),
        ]
        for name, s in scores.items()
    ]
    return TextTable(title, headers, rows)


def label_table(scores: Scores, title: str) -> TextTable:
    """One row a label."""
    headers = [
        "label",
        "precision",
        "recall",
        "F1",
        "annotated",
        "predicted",
        "annotated %",
        "predicted %",
        "expected %",
    ]
    rows = []
    for label in LABELS:
        s = scores.labels[label]
        shares = (s.annotated_share, s.predicted_share, s.expected_share)
        rows.append(
            [
                label,
                with_interval(s.precision),
                with_interval(s.recall),
                with_interval(s.f1),
                str(s.annotated),
                str(s.predicted),
                *(percent(share.value) for share in shares),
            ]
        )
    return TextTable(title, headers, rows)


def facet_table(scores: Scores, title: str) -> TextTable:
    """One row a facet."""
    headers = ["facet", "precision", "recall", "F1", "average precision", "MCC", "log-loss", "Brier", "ECE"]
    rows = []
    for facet in FACETS:
        s = scores.facets[facet]
        cells = [with_interval(s.precision), with_interval(s.recall), with_interval(s.f1)]
        cells += [with_interval(s.average_precision), *(number(e.value) for e in (s.mcc, s.log_loss, s.brier, s.ece))]
        rows.append([f"{facet} ({s.annotated})", *cells])
    return TextTable(title, headers, rows)


def abstention_table(curves: Mapping[str, RiskCoverage]) -> TextTable:
    """Error left when the least sure sentences are withheld."""
    headers = ["share answered", *(f"{c:.0%}" for c in COVERAGES), "area"]
    rows = [[name, *(percent(curve.at(c)) for c in COVERAGES), number(curve.area)] for name, curve in curves.items()]
    return TextTable("Error among the answered", headers, rows)


def detection_table(scores: DetectionScores) -> TextTable:
    """Detection of rows that are no sentences."""
    headers = ["", "precision", "recall", "F1", "annotated", "found", "rows"]
    row = ["non-sentences", number(scores.precision), number(scores.recall), number(scores.f1)]
    return TextTable(
        "Non-sentences (bylines, credits, navigation, ...)",
        headers,
        [[*row, str(scores.annotated), str(scores.found), f"{scores.rows:,}"]],
    )


def outside_table(results: Sequence[OutsideResult]) -> TextTable:
    """One row an outside benchmark."""
    headers = ["benchmark", "facet", "n", "positive", "average precision", "F1", "precision", "recall"]
    rows = [
        [
            r.name,
            r.facet,
            f"{r.sentences:,}",
            f"{r.positive:,}",
            with_interval(r.average_precision),
            with_interval(r.f1),
            number(r.precision.value),
            number(r.recall.value),
        ]
        for r in results
    ]
    return TextTable("Outside benchmarks: human labels under other definitions", headers, rows)


def comparison_table(comparison: Comparison, first: str, second: str) -> TextTable:
    """One row a score of two systems; calibration errors have a difference only."""
    names = ["macro_f1", "accuracy", "mcc", *(f"label.{k}.f1" for k in LABELS)]
    names += [f"facet.{f}.average_precision" for f in FACETS] + ["log_loss", "brier", "ece"]
    rows = []
    for name in names:
        d = comparison.differences[name]
        cells = [number(d.first), number(d.second), with_interval(d.difference), number(d.p_value, 4)]
        rows.append([name.replace("label.", "").replace("facet.", "").replace("_", " ").replace(".", " "), *cells])
    return TextTable("Difference: second minus first", ["score", first, second, "difference", "p"], rows)
