from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from claimstance.model.errors import ConfigError
from claimstance.model.predictor import Predictor
from claimstance.train.rounding import round_matrix, round_model, rounded_bytes

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_a_rounded_matrix_is_within_half_a_step_and_has_few_levels(bits: int) -> None:
    weights = np.random.default_rng(0).normal(size=(5, 150)).astype(np.float32)
    rounded = round_matrix(weights, bits)
    for row, back in zip(weights, rounded, strict=True):
        for first in range(0, 150, 64):
            part, other = row[first : first + 64], back[first : first + 64]
            step = np.abs(part).max() / (2 ** (bits - 1) - 1)
            assert np.abs(part - other).max() <= step / 2 + 1e-6
            assert len(np.unique(other)) <= 2**bits - 1


def test_zeros_stay_zeros() -> None:
    assert not round_matrix(np.zeros((2, 64), dtype=np.float32), 4).any()


def test_bits_out_of_range_are_refused() -> None:
    with pytest.raises(ConfigError, match="from 2 to 8, got 1"):
        round_matrix(np.ones((1, 1), dtype=np.float32), 1)


def test_the_size_counts_weights_and_scales() -> None:
    assert rounded_bytes((2, 128), 4) == 2 * 128 // 2 + 2 * 2 * 2
    assert rounded_bytes((10,), 4) == 20


def test_a_model_rounded_to_eight_bits_predicts_nearly_the_same(tiny_float_model: Path, tmp_path: Path) -> None:
    folder, size = round_model(tiny_float_model, tmp_path / "rounded", 8)
    assert size < 0.6 * (tiny_float_model / "model.safetensors").stat().st_size
    sentence = "The harbour is unlikely to reopen before spring."
    before = Predictor.from_pretrained(tiny_float_model, engine="torch").label(sentence).probabilities
    after = Predictor.from_pretrained(folder.path, engine="torch").label(sentence).probabilities
    assert after != before
    assert all(abs(after[name] - before[name]) < 0.02 for name in before)
