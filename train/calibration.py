"""Fitting facet probabilities that can be believed, and thresholds for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from claimstance.model.labels import FACETS, sigmoid
from claimstance.model.settings import FacetCalibration

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

MIN_POSITIVES = 20
"""With fewer positive examples a facet keeps its scale and threshold: the fit would be noise."""

MIN_POSITIVES_FOR_BIAS = 5
"""With fewer a facet keeps its bias too. The bias alone says how many there are, which few examples can tell."""


def fit_platt(
    logits: ArrayLike, targets: ArrayLike, strength: float = 1e-3, *, scaled: bool = True
) -> tuple[float, float]:
    """Fit ``sigmoid(scale * logit + bias)`` to binary targets by Newton's method.

    Platt (1999), with a ridge that pulls towards the identity (scale 1, bias 0) rather than towards zero.

    Args:
        logits: Shape (n,).
        targets: Shape (n,), 0 or 1.
        strength: Ridge, per example.
        scaled: Whether the scale is fitted too; otherwise it is 1.

    Returns:
        ``(scale, bias)``; the scale is positive.
    """
    x = np.asarray(logits, dtype=np.float64)
    y = np.asarray(targets, dtype=np.float64)
    design = np.stack([x, np.ones_like(x)], axis=1)
    anchor = np.array([1.0, 0.0])
    ridge = strength * len(x) * np.eye(2)
    weights = anchor.copy()
    for _ in range(100):
        p = sigmoid(design @ weights)
        gradient = design.T @ (p - y) + ridge @ (weights - anchor)
        hessian = (design * (p * (1 - p))[:, None]).T @ design + ridge
        step = np.linalg.solve(hessian, gradient) if scaled else np.array([0.0, gradient[1] / hessian[1, 1]])
        weights -= np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-8:
            break
    return max(float(weights[0]), 1e-3), float(weights[1])


def best_threshold(probabilities: ArrayLike, targets: ArrayLike) -> float:
    """Return the F1-optimal threshold for calibrated probabilities: half the best F1 that any threshold reaches.

    Lipton, Elkan and Naryanaswamy (2014), Theorem 1. Less jumpy than the argmax over a small sample.
    """
    order = np.argsort(-np.asarray(probabilities, dtype=np.float64))
    hits = np.cumsum(np.asarray(targets, dtype=np.float64)[order])
    predicted = np.arange(1, len(hits) + 1)
    f1 = 2 * hits / (predicted + hits[-1])
    return float(f1.max() / 2)


def fit_calibration(facet_logits: NDArray[np.float64], facets: NDArray[np.int64]) -> dict[str, FacetCalibration]:
    """Fit scale, bias and threshold of each facet on held-out predictions at natural prevalence.

    Args:
        facet_logits: Shape (n, 3), order of ``FACETS``.
        facets: Annotated facets, shape (n, 3), 0 or 1.
    """
    fitted: dict[str, FacetCalibration] = {}
    for column, facet in enumerate(FACETS):
        x, y = facet_logits[:, column], facets[:, column]
        rarer = min(y.sum(), len(y) - y.sum())
        if rarer < MIN_POSITIVES_FOR_BIAS:
            fitted[facet] = FacetCalibration()
        elif rarer < MIN_POSITIVES:
            fitted[facet] = FacetCalibration(bias=round(fit_platt(x, y, scaled=False)[1], 4))
        else:
            scale, bias = fit_platt(x, y)
            threshold = best_threshold(sigmoid(scale * x + bias), y)
            fitted[facet] = FacetCalibration(round(scale, 4), round(bias, 4), round(threshold, 4))
    return fitted
