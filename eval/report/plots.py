"""The plots of a report, as PNG bytes. Colours by Okabe and Ito, told apart by line style and marker too."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from claimstance.eval.metrics.proportion import wilson_interval
from claimstance.eval.metrics.tally import width_bin
from claimstance.model.labels import FACETS, LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from claimstance.eval.metrics.answers import Answers
    from claimstance.eval.metrics.selective import RiskCoverage

INK = "#222222"
COLOURS = {"fact": "#666666", "quote": "#0072B2", "threat": "#D55E00", "forecast": "#009E73"}
STYLES = {"fact": ":", "quote": "-", "threat": "--", "forecast": "-."}
MARKERS = {"fact": "s", "quote": "o", "threat": "^", "forecast": "D"}
GREY = "#888888"
FEWEST = 5
"""Bins with fewer sentences are not drawn: their frequency says nothing."""
_SETTINGS: dict[Any, Any] = {
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.dpi": 150,
    "font.size": 10,
    "grid.color": "#E5E5E5",
    "legend.frameon": False,
    "lines.linewidth": 2,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


def _figure(width: float, height: float, columns: int = 1) -> tuple[Any, Any]:
    # The object interface: no global state, no display needed.
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with rc_context(_SETTINGS):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(1, columns, squeeze=False)[0]
    return figure, axes if columns > 1 else axes[0]


def _png(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150)
    return buffer.getvalue()


def _percent_axes(axes: Any, *, x: bool = True, y: bool = True) -> None:
    from matplotlib.ticker import PercentFormatter

    if x:
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    if y:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def confusion_plot(confusions: Mapping[str, Sequence[Sequence[int]]]) -> bytes:
    """Draw confusion matrices side by side, shaded by share of the annotated label, counts written in.

    Args:
        confusions: By name; rows annotated, columns predicted, order of ``LABELS``.
    """
    figure, axes = _figure(4.3 * len(confusions), 4.1, len(confusions))
    for place, (name, counts) in zip(np.atleast_1d(axes), confusions.items(), strict=True):
        table = np.asarray(counts, dtype=float)
        shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
        place.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        place.grid(visible=False)
        for row, column in np.ndindex(*table.shape):
            shade = "white" if shares[row, column] > 0.55 else INK
            text = f"{int(table[row, column])}\n{shares[row, column]:.0%}"
            place.text(column, row, text, ha="center", va="center", color=shade, fontsize=9.5)
        place.set_xticks(range(len(LABELS)), LABELS)
        place.set_yticks(range(len(LABELS)), LABELS)
        place.set_xlabel("predicted")
        place.set_ylabel("annotated")
        place.set_title(f"{name} (n = {int(table.sum()):,})", fontsize=11)
    return _png(figure)


def precision_recall_plot(answers: Answers) -> bytes:
    """Draw precision against recall for each facet, with the point that the thresholds choose."""
    from sklearn.metrics import average_precision_score, precision_recall_curve

    figure, axes = _figure(6.2, 4.6)
    for f, facet in enumerate(FACETS):
        truth, chances, holds = answers.truth[:, f], answers.probabilities[:, f], answers.holds[:, f]
        if not truth.any():
            continue
        precision, recall, _ = precision_recall_curve(truth, chances)
        area = average_precision_score(truth, chances)
        name = f"{facet} (average precision {area:.3f}, {int(truth.sum())} positive)"
        # The last point is by convention (0, 1), not a threshold.
        axes.step(recall[:-1], precision[:-1], where="post", color=COLOURS[facet], linestyle=STYLES[facet], label=name)
        if holds.any():
            hits = (truth & holds).sum()
            axes.plot(
                hits / truth.sum(),
                hits / holds.sum(),
                MARKERS[facet],
                color=COLOURS[facet],
                markersize=9,
                markeredgecolor="white",
            )
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.01), ylim=(0, 1.02))
    _percent_axes(axes)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower left", title="marker: at the model's threshold", alignment="left")
    return _png(figure)


def reliability_plot(answers: Answers, bins: int = 10) -> bytes:
    """Draw observed frequency against predicted probability, of the label and of each facet.

    Args:
        answers: Annotation and prediction.
        bins: Bins of equal width; fewer than the calibration error uses, so that each holds enough to be drawn.
    """
    series = {"label": (answers.confidence, answers.annotated == answers.predicted)}
    series |= {f: (answers.probabilities[:, i], answers.truth[:, i]) for i, f in enumerate(FACETS)}
    figure, axes = _figure(12.4, 3.5, len(series))
    for place, (name, (chances, outcomes)) in zip(axes, series.items(), strict=True):
        colour = COLOURS.get(name, INK)
        mean, observed, low, high, counts = _reliability(chances, outcomes, bins)
        place.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle=(0, (4, 3)))
        place.errorbar(
            mean, observed, yerr=[observed - low, high - observed], fmt="o-", color=colour, linewidth=1.5, capsize=2
        )
        inset = place.twinx()
        inset.bar(mean, counts, width=0.06, color=colour, alpha=0.25)
        inset.set_ylim(0, counts.max(initial=1) * 4)
        inset.axis("off")
        place.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xlabel="predicted probability")
        place.set_title(name if name in FACETS else "the predicted label", fontsize=11)
        _percent_axes(place)
    axes[0].set_ylabel("observed frequency")
    return _png(figure)


def _reliability(
    chances: NDArray[np.float64], outcomes: NDArray[np.bool_], bins: int
) -> tuple[NDArray[np.float64], ...]:
    index = width_bin(chances, bins)
    counts = np.bincount(index, minlength=bins).astype(float)
    used = counts >= FEWEST
    n = counts[used]
    mean = np.bincount(index, weights=chances, minlength=bins)[used] / n
    hits = np.bincount(index, weights=outcomes.astype(float), minlength=bins)[used]
    return mean, hits / n, *wilson_interval(hits, n), n


def risk_coverage_plot(curves: Mapping[str, RiskCoverage]) -> bytes:
    """Draw the error among the answered sentences against the share that is answered."""
    figure, axes = _figure(6.2, 4.2)
    looks = [(INK, "-"), ("#0072B2", "--"), ("#D55E00", "-."), ("#009E73", ":")]
    for i, (name, curve) in enumerate(curves.items()):
        colour, style = looks[i % len(looks)]
        # The first few answers make a ragged start that says nothing.
        shown = curve.coverage >= 0.05
        axes.plot(
            curve.coverage[shown],
            curve.risk[shown],
            color=colour,
            linestyle=style,
            label=f"{name} (area {curve.area:.3f})",
        )
    axes.set(xlabel="coverage: share of sentences answered", ylabel="risk: share of answers wrong", xlim=(0, 1))
    axes.set_ylim(bottom=0)
    _percent_axes(axes)
    axes.legend(loc="upper left")
    return _png(figure)


def learning_curve_plot(points: Mapping[str, Sequence[tuple[int, float]]]) -> bytes:
    """Draw a score against the number of training sentences.

    Args:
        points: By name of the score, such as ``"threat F1"``: training sentences and the score, between 0 and 1.
    """
    figure, axes = _figure(6.2, 4.2)
    for name, values in points.items():
        label = name.split()[0]
        colour, style, marker = COLOURS.get(label, INK), STYLES.get(label, "-"), MARKERS.get(label, "s")
        ordered = sorted(values)
        axes.plot([x for x, _ in ordered], [y for _, y in ordered], marker, linestyle=style, color=colour, label=name)
    axes.set_xscale("log")
    ticks = sorted({x for values in points.values() for x, _ in values})
    axes.set_xticks(ticks, [f"{x:,}" for x in ticks])
    axes.minorticks_off()
    axes.set(xlabel="training sentences (log scale)", ylabel="score")
    axes.legend(loc="lower right")
    return _png(figure)
