"""Engines are interchangeable, and batching changes nothing but speed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimstance.model.artifact import load_folder
from claimstance.model.batching import length_batches, pad
from claimstance.model.engines import ENGINES, load_engine
from claimstance.model.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@given(st.lists(st.integers(1, 60), max_size=80), st.integers(1, 200))
def test_batches_cover_each_sentence_once_and_hold_one_length(lengths: list[int], budget: int) -> None:
    batches = list(length_batches(lengths, budget))
    assert sorted(i for rows in batches for i in rows) == list(range(len(lengths)))
    for rows in batches:
        assert len({lengths[i] for i in rows}) == 1
        assert len(rows) == 1 or lengths[rows[0]] * len(rows) <= budget


def test_pad_fills_on_the_right() -> None:
    assert pad([[1, 2, 3], [4]], value=9).tolist() == [[1, 2, 3], [4, 9, 9]]


def _batch() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    ids = np.random.default_rng(0).integers(5, 60, size=(4, 11))
    mask = np.ones_like(ids)
    mask[2, 6:] = 0
    return ids, mask


@pytest.mark.parametrize("name", [e for e in ENGINES if e != "torch"])
def test_engine_agrees_with_torch(name: str, tiny_model: Path) -> None:
    if name == "openvino":
        pytest.importorskip("openvino")
    folder = load_folder(tiny_model)
    ids, mask = _batch()
    expected = load_engine(folder, "torch").logits(ids, mask, None)
    found = load_engine(folder, name).logits(ids, mask, None)
    assert found.shape == (4, 4)
    assert found.dtype == np.float32
    # A network of random weights 32 wide: int8 and bfloat16 are coarse, a wrong graph is off by the spread itself.
    assert np.abs(found - expected).max() < 0.25 * expected.std()


@pytest.mark.parametrize("name", ENGINES)
def test_engine_gives_the_same_from_several_threads(name: str, tiny_model: Path) -> None:
    if name == "openvino":
        pytest.importorskip("openvino")
    engine = load_engine(load_folder(tiny_model), name, threads=1)
    ids, mask = _batch()
    expected = engine.logits(ids, mask, None)
    with ThreadPoolExecutor(3) as pool:
        for found in pool.map(lambda _: engine.logits(ids, mask, None), range(12)):
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", ["onnx", "openvino"])
def test_cpu_engines_refuse_other_devices(name: str, tiny_model: Path) -> None:
    with pytest.raises(ModelError, match="runs on 'cpu', got device 'cuda'"):
        load_engine(load_folder(tiny_model), name, "cuda")


def test_unknown_engine_names_the_known_ones(tiny_model: Path) -> None:
    with pytest.raises(ModelError, match="onnx, openvino, torch, got 'tensorrt'"):
        load_engine(load_folder(tiny_model), "tensorrt")


def test_openvino_refuses_segment_ids(tiny_model: Path) -> None:
    pytest.importorskip("openvino")
    ids, mask = _batch()
    with pytest.raises(ModelError, match="one segment"):
        load_engine(load_folder(tiny_model), "openvino").logits(ids, mask, np.ones_like(ids))


def test_openvino_refuses_another_architecture(tiny_model: Path, tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    from claimstance.model.engines.openvino_graph import build_bert

    (tmp_path / "config.json").write_text('{"model_type": "mpnet"}')
    with pytest.raises(ModelError, match="got 'mpnet'"):
        build_bert(tmp_path / "config.json", tiny_model / "model.safetensors")
