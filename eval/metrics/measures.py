"""Scores from sums. Every function keeps the leading axis, so one resample or thousands cost one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from claimstance.model.labels import FACETS, LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from claimstance.eval.metrics.tally import Tally


def measure(sums: Tally) -> dict[str, NDArray[np.float64]]:
    """Return every score by name, each of shape (R,) for sums with a leading axis of length R.

    Names are ``macro_f1``, ``accuracy``, ``mcc``, ``log_loss``, ``brier``, ``ece``, ``ece_equal_mass``,
    ``label.NAME.precision|recall|f1|annotated_share|predicted_share|expected_share`` and
    ``facet.NAME.precision|recall|f1|mcc|log_loss|brier|ece``. NaN where a score is undefined.
    """
    rows = sums.rows
    scores = _label_scores(sums.confusion)
    scores["log_loss"] = ratio(sums.label_nll, rows)
    scores["brier"] = ratio(sums.label_brier, rows)
    scores["ece"] = calibration_error(sums.label_bins)
    scores["ece_equal_mass"] = calibration_error(sums.label_mass_bins)
    for k, label in enumerate(LABELS):
        scores[f"label.{label}.expected_share"] = ratio(sums.expected[:, k], rows)
    for f, facet in enumerate(FACETS):
        table = sums.facets[:, f]
        precision, recall, f1 = precision_recall_f1(table[:, 1, 1], table[:, :, 1].sum(-1), table[:, 1].sum(-1))
        own: Mapping[str, NDArray[np.float64]] = {
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "mcc": matthews(table),
            "log_loss": ratio(sums.facet_nll[:, f], rows),
            "brier": ratio(sums.facet_brier[:, f], rows),
            "ece": calibration_error(sums.facet_bins[:, f]),
        }
        scores |= {f"facet.{facet}.{name}": value for name, value in own.items()}
    return scores


def _label_scores(confusion: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    predicted, annotated, rows = confusion.sum(-2), confusion.sum(-1), confusion.sum((-2, -1))
    precision, recall, f1 = precision_recall_f1(hits, predicted, annotated)
    scores = {"macro_f1": macro(f1), "accuracy": ratio(hits.sum(-1), rows), "mcc": matthews(confusion)}
    for k, label in enumerate(LABELS):
        scores[f"label.{label}.precision"] = precision[..., k]
        scores[f"label.{label}.recall"] = recall[..., k]
        scores[f"label.{label}.f1"] = f1[..., k]
        scores[f"label.{label}.annotated_share"] = ratio(annotated[..., k], rows)
        scores[f"label.{label}.predicted_share"] = ratio(predicted[..., k], rows)
    return scores


def ratio(top: NDArray[np.float64], bottom: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide, NaN where the denominator is 0."""
    top, bottom = np.broadcast_arrays(top, bottom)
    out = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=out, where=bottom != 0)
    return out


def precision_recall_f1(
    hits: NDArray[np.float64], predicted: NDArray[np.float64], annotated: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return precision, recall and F1.

    Precision is NaN if nothing was predicted, recall if nothing was annotated, F1 only if neither was: scikit-learn's
    ``zero_division=nan``.
    """
    return ratio(hits, predicted), ratio(hits, annotated), ratio(2 * hits, predicted + annotated)


def macro(f1: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over the labels that were annotated or predicted; a label that never occurs is left out."""
    defined = ~np.isnan(f1)
    return ratio(np.where(defined, f1, 0.0).sum(-1), defined.sum(-1).astype(np.float64))


def matthews(confusion: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Matthews' correlation for k classes (Gorodkin, 2004); 0 where undefined, as in scikit-learn.

    Args:
        confusion: Shape (..., k, k), annotated by predicted.
    """
    rows = confusion.sum((-2, -1))
    annotated, predicted = confusion.sum(-1), confusion.sum(-2)
    hits = np.trace(confusion, axis1=-2, axis2=-1)
    covariance = hits * rows - (annotated * predicted).sum(-1)
    spread = (rows**2 - (annotated**2).sum(-1)) * (rows**2 - (predicted**2).sum(-1))
    return np.nan_to_num(ratio(covariance, np.sqrt(spread)), nan=0.0)


def is_calibration_error(name: str) -> bool:
    """Tell whether a score that ``measure`` names is an expected calibration error.

    It is computed by plugging frequencies into a sum of absolute differences, so noise raises it: it is biased
    upwards (Kumar et al., 2019, "Verified Uncertainty Calibration"), and more so in resamples than on the data.
    """
    return name.rsplit(".", 1)[-1].startswith("ece")


def calibration_error(bins: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the expected calibration error: mean distance of probability and frequency, weighted by bin size.

    Args:
        bins: Shape (..., B, 3): count, sum of probability, sum of outcomes.
    """
    gap = np.abs(bins[..., 1] - bins[..., 2]).sum(-1)
    return ratio(gap, bins[..., 0].sum(-1))


def average_precision(
    truth: NDArray[np.bool_], scores: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return average precision, as scikit-learn defines it (no interpolation, equal scores count as one threshold).

    Args:
        truth: Shape (n,).
        scores: Shape (n,), higher is more likely.
        weights: Shape (R, n), one row a resample; by default a single row of ones.

    Returns:
        Shape (R,); NaN where nothing is true.
    """
    weights = np.ones((1, len(truth))) if weights is None else weights
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    out = np.empty(len(weights))
    step = max(1, 4_000_000 // max(1, len(truth)))  # bounds memory to tens of megabytes
    for start in range(0, len(weights), step):
        part = weights[start : start + step][:, order]
        flagged = part.cumsum(axis=1)[:, ends]
        hits = (part * truth[order]).cumsum(axis=1)[:, ends]
        recall = ratio(hits, hits[:, -1:])
        gain = np.diff(recall, axis=1, prepend=np.where(np.isnan(recall[:, :1]), np.nan, 0.0))
        precision = np.nan_to_num(ratio(hits, flagged), nan=0.0)  # no weight yet, so no gain either
        out[start : start + step] = (gain * precision).sum(axis=1)
    return out
