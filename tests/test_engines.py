"""Engines are interchangeable, and batching changes nothing but speed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimstance.model.artifact import RANGES_FILE, load_folder, seal_folder
from claimstance.model.batching import length_batches, pad
from claimstance.model.engines import ENGINES, choose_engine, load_engine
from claimstance.model.errors import ConfigError, ModelError

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


@pytest.fixture(scope="module")
def ranged_model(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the tiny model with ranges for every product that int8 is for; its channels are LayerNorm's, or less."""
    from safetensors.numpy import save_file

    path = shutil.copytree(tiny_model, tmp_path_factory.mktemp("ranged") / "model")
    products = [f"{i}.{name}" for i in range(2) for name in ("attention.self", "attention.output.dense")]
    ends = {"low": np.full(32, -5, np.float32), "high": np.full(32, 5, np.float32)}
    names = [f"bert.encoder.layer.{p}" for p in (*products, "0.intermediate.dense", "1.intermediate.dense")]
    save_file({f"{name}.{end}": value for name in names for end, value in ends.items()}, path / RANGES_FILE)
    seal_folder(path, load_folder(path).settings)
    return path


@pytest.fixture(scope="module")
def unranged_model(ranged_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the tiny model as an older export wrote it."""
    path = shutil.copytree(ranged_model, tmp_path_factory.mktemp("unranged") / "model")
    (path / RANGES_FILE).unlink()
    seal_folder(path, load_folder(path).settings)
    return path


def test_openvino_int8_agrees_with_torch_and_ignores_its_batch(
    ranged_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("openvino")
    monkeypatch.setattr("claimstance.model.engines.openvino.processor_flags", lambda: frozenset({"avx512_vnni"}))
    folder = load_folder(ranged_model)
    ids, mask = _batch()
    expected = load_engine(folder, "torch").logits(ids, mask, None)
    engine = load_engine(folder, "openvino")
    found = engine.logits(ids, mask, None)
    assert np.abs(found - expected).max() < 0.25 * expected.std()
    np.testing.assert_array_equal(engine.logits(ids[:1], mask[:1], None), found[:1])


def test_a_product_in_int8_is_the_product() -> None:
    ov = pytest.importorskip("openvino")
    from openvino import opset13 as ops

    from claimstance.model.engines.openvino_int8 import affine_int8

    random = np.random.default_rng(0)
    spread = np.where(np.arange(48) == 7, 30.0, 1.0)  # one channel that would leave the others no scale of their own
    hidden = (random.normal(size=(2, 5, 48)) * spread + 2).astype(np.float32)
    weight, bias = random.normal(size=(8, 48)).astype(np.float32), random.normal(size=8).astype(np.float32)
    entry = ops.parameter([-1, -1, 48], np.float32)
    ends = hidden.min((0, 1)), hidden.max((0, 1))
    model = ov.compile_model(ov.Model([affine_int8(entry, weight, bias, *ends)], [entry]), "CPU")
    expected = hidden @ weight.T + bias
    assert np.abs(model(hidden)[0] - expected).max() < 0.05 * expected.std()


@pytest.mark.parametrize(
    ("flags", "model", "device", "expected"),
    [
        ({"avx512_vnni"}, "ranged_model", "cpu", "openvino"),
        ({"avx_vnni"}, "ranged_model", "cpu", "openvino"),
        ({"avx2"}, "ranged_model", "cpu", "onnx"),
        ({"avx512_vnni"}, "unranged_model", "cpu", "onnx"),
        ({"avx512_vnni"}, "ranged_model", "cuda", "torch"),
    ],
)
def test_auto_is_openvino_where_it_computes_in_int8(
    flags: set[str],
    model: str,
    device: str,
    expected: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("openvino")
    monkeypatch.setattr("claimstance.model.engines.openvino.processor_flags", lambda: frozenset(flags))
    assert choose_engine(load_folder(request.getfixturevalue(model)), device) == expected


def test_auto_is_onnx_without_openvino(ranged_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("claimstance.model.engines.find_spec", lambda name: None if name == "openvino" else object())
    assert choose_engine(load_folder(ranged_model)) == "onnx"


_FORK = """
import os, signal, sys
from claimstance import Predictor
from claimstance.model.errors import ModelError
predictor = Predictor.from_pretrained(sys.argv[1], engine="openvino", threads=1)
if (child := os.fork()) == 0:
    signal.alarm(60)
    load = lambda: Predictor.from_pretrained(sys.argv[1], engine="openvino")
    for use in (lambda: predictor.label("They met."), load):
        try:
            use()
        except ModelError as error:
            print(error, flush=True)
    print(Predictor.from_pretrained(sys.argv[1]).engine.name, flush=True)
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_openvino_in_a_fork_is_refused_and_does_not_hang(ranged_model: Path) -> None:
    pytest.importorskip("openvino")
    done = subprocess.run([sys.executable, "-c", _FORK, ranged_model], capture_output=True, text=True, check=True)
    *refused, auto = done.stdout.splitlines()
    assert len(refused) == 2
    assert all("start processes by spawn, or use engine='onnx'" in line for line in refused)
    assert auto == "onnx"


def test_unknown_engine_names_the_known_ones(tiny_model: Path) -> None:
    with pytest.raises(ConfigError, match="onnx, openvino, torch, got 'tensorrt'"):
        load_engine(load_folder(tiny_model), "tensorrt")


def test_a_folder_fresh_from_training_names_what_to_do_without_onnx(tiny_float_model: Path) -> None:
    with pytest.raises(ModelError, match=r"no model\.int8\.onnx; .*use engine='torch', or run `claimstance export`"):
        load_engine(load_folder(tiny_float_model), "onnx")


def test_openvino_refuses_segment_ids(tiny_model: Path) -> None:
    pytest.importorskip("openvino")
    ids, mask = _batch()
    with pytest.raises(ModelError, match="one segment"):
        load_engine(load_folder(tiny_model), "openvino").logits(ids, mask, np.ones_like(ids))


def test_openvino_refuses_another_architecture(tiny_model: Path, tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    from claimstance.model.engines.openvino_graph import build_graph

    (tmp_path / "config.json").write_text('{"model_type": "deberta-v2"}')
    with pytest.raises(ModelError, match="got 'deberta-v2'"):
        build_graph(tmp_path / "config.json", tiny_model / "model.safetensors")
