"""Calibration finds the distortion that was put in, and leaves alone what is too rare to fit."""

from __future__ import annotations

import numpy as np
import pytest

from claimstance.model.labels import sigmoid
from claimstance.train.calibration import best_threshold, fit_calibration, fit_platt


@pytest.fixture
def overconfident() -> tuple[np.ndarray, np.ndarray]:
    """Return logits that are three times too large and shifted, and the targets they should have matched."""
    rng = np.random.default_rng(0)
    true = rng.normal(-1, 2, 20_000)
    targets = (rng.random(20_000) < sigmoid(true)).astype(np.int64)
    return 3 * true + 1.5, targets


def test_platt_undoes_overconfidence(overconfident: tuple[np.ndarray, np.ndarray]) -> None:
    scale, bias = fit_platt(*overconfident)
    assert scale == pytest.approx(1 / 3, abs=0.03)
    assert bias == pytest.approx(-0.5, abs=0.05)


def test_platt_stays_finite_on_separable_data() -> None:
    x = np.r_[np.full(50, -9.0), np.full(50, 9.0)]
    scale, bias = fit_platt(x, (x > 0).astype(int))
    assert 0 < scale < 50
    assert abs(bias) < 50


def test_threshold_is_half_the_best_f1() -> None:
    probabilities = np.array([0.9, 0.8, 0.7, 0.1])
    assert best_threshold(probabilities, [1, 1, 0, 0]) == pytest.approx(0.5)
    assert best_threshold(probabilities, [0, 1, 0, 0]) == pytest.approx((2 / 3) / 2)


def test_a_rare_facet_is_not_fitted(overconfident: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = overconfident
    rare = np.zeros_like(y)
    rare[:5] = 1
    fitted = fit_calibration(np.stack([x, x, x], axis=1), np.stack([y, rare, y], axis=1))
    assert fitted["threat"].scale == 1.0
    assert fitted["threat"].threshold == 0.5
    assert fitted["quote"].scale == pytest.approx(1 / 3, abs=0.03)


def test_a_few_examples_move_the_bias_towards_their_number_and_nothing_else() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(-3, 2, 800)
    few = np.zeros(800, dtype=np.int64)
    few[np.argsort(-logits)[:8]] = 1
    x, y = np.stack([logits] * 3, axis=1), np.stack([few] * 3, axis=1)
    before, after = sigmoid(logits).sum(), fit_calibration(x, y)["threat"]
    assert before > 80
    assert sigmoid(logits + after.bias).sum() == pytest.approx(8, abs=3)
    assert (after.scale, after.threshold) == (1.0, 0.5)
    y[np.flatnonzero(few)[:4]] = 0
    assert fit_calibration(x, y)["threat"].bias == 0.0
