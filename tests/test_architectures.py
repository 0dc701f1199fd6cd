"""MPNet through every engine: its distances, its positions, its int8."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from claimstance import Predictor
from claimstance.model.artifact import RANGES_FILE, load_folder
from claimstance.model.engines import load_engine
from claimstance.model.engines.architectures import architecture_of, relative_bias_table, relative_buckets
from claimstance.model.errors import ModelError
from claimstance.train.export import export

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def exported(tiny_mpnet: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exported")
    export(tiny_mpnet, path)
    return path


def test_distances_fall_into_the_buckets_of_transformers() -> None:
    import torch
    from transformers.models.mpnet.modeling_mpnet import MPNetEncoder

    distances = np.arange(-600, 601)
    expected = MPNetEncoder.relative_position_bucket(torch.from_numpy(distances)).numpy()
    np.testing.assert_array_equal(relative_buckets(distances, 32), expected)


def test_the_table_of_distances_has_a_column_for_each() -> None:
    buckets = np.arange(64, dtype=np.float32).reshape(32, 2)
    table = relative_bias_table(buckets, 40)
    assert table.shape == (2, 79)
    assert table[:, 39].tolist() == [0, 1], "distance 0 is bucket 0"
    assert table[0, 40] != table[0, 38], "before is not after"


@pytest.mark.parametrize("name", ["onnx", "openvino"])
def test_int8_engines_agree_with_torch_on_padded_batches_of_mpnet(
    name: str, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "openvino":
        pytest.importorskip("openvino")
        monkeypatch.setattr("claimstance.model.engines.openvino.processor_flags", lambda: frozenset({"avx512_vnni"}))
    folder = load_folder(exported)
    ids = np.random.default_rng(0).integers(5, 60, (5, 17))
    mask = np.ones_like(ids)
    for row, length in enumerate((17, 3, 9, 1, 16)):
        mask[row, length:] = 0
    ids[mask == 0] = 1
    expected = load_engine(folder, "torch").logits(ids, mask, None)
    found = load_engine(folder, name).logits(ids, mask, None)
    assert expected.std() > 0.1
    # Untrained weights, bfloat16 and one range for all: near is all that int8 can be here. Two tests are exact.
    assert np.abs(found - expected).mean() < 0.3 * expected.std()
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.9


def test_the_openvino_graph_of_mpnet_is_the_same_function(tiny_mpnet: Path) -> None:
    ov = pytest.importorskip("openvino")
    from claimstance.model.engines.openvino_graph import build_graph

    graph = build_graph(tiny_mpnet / "config.json", tiny_mpnet / "model.safetensors")
    compiled = ov.compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    ids = np.random.default_rng(1).integers(5, 60, (4, 13))
    mask = np.ones_like(ids)
    mask[1, 4:] = 0
    expected = load_engine(load_folder(tiny_mpnet), "torch").logits(ids, mask, None)
    np.testing.assert_allclose(compiled([ids, mask])[0], expected, atol=1e-4)


def test_ranges_of_another_network_are_refused(exported: Path, tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    from safetensors.numpy import load_file, save_file

    from claimstance.model.engines.openvino_graph import build_graph

    ranges = load_file(exported / RANGES_FILE)
    save_file({name.replace("mpnet", "bert"): value for name, value in ranges.items()}, tmp_path / "other")
    with pytest.raises(ModelError, match="names products that"):
        build_graph(exported / "config.json", exported / "model.safetensors", tmp_path / "other")


@pytest.mark.parametrize("change", [{"hidden_act": "relu"}, {"relative_attention_num_buckets": 16}])
def test_what_is_not_computed_is_refused(change: dict[str, object], tiny_mpnet: Path) -> None:
    config = json.loads((tiny_mpnet / "config.json").read_text())
    assert architecture_of(config, "it").encoder == "mpnet"
    with pytest.raises(ModelError, match="it knows bert and mpnet with gelu, got 'mpnet'"):
        architecture_of({**config, **change}, "it")


def test_a_predictor_takes_an_mpnet_folder(exported: Path, article: str) -> None:
    labelled = Predictor.from_pretrained(exported).label_article(article)
    found = [sentence.probabilities for sentence in labelled if sentence.probabilities]
    assert len(found) > 4
    assert all(abs(sum(each.values()) - 1) < 1e-6 for each in found)
