"""Export: the rearranged graph is the same function, and quantisation stays near it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from claimstance.model.artifact import ONNX_FILE, load_folder, seal_folder
from claimstance.model.errors import ModelError
from claimstance.model.settings import InputSettings
from claimstance.train.export import export, export_onnx
from claimstance.train.graph import LeanNetwork

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module", params=["tiny_float_model", "tiny_mpnet"])
def model(request: pytest.FixtureRequest) -> torch.nn.Module:
    """Return a tiny classifier of each architecture in evaluation mode."""
    from transformers import AutoModelForSequenceClassification

    return AutoModelForSequenceClassification.from_pretrained(request.getfixturevalue(request.param)).eval()


@pytest.fixture(scope="module")
def batch() -> tuple[torch.Tensor, torch.Tensor]:
    """Return ids and mask of ragged rows, padded with different numbers to show that padding does not matter."""
    ids = torch.randint(5, 60, (6, 19), generator=torch.Generator().manual_seed(0))
    mask = torch.ones_like(ids)
    for row, length in enumerate((19, 3, 11, 1, 19, 7)):
        mask[row, length:] = 0
    return ids, mask


def test_the_lean_graph_is_the_same_function(model: torch.nn.Module, batch: tuple[torch.Tensor, torch.Tensor]) -> None:
    ids, mask = batch
    with torch.no_grad():
        expected = model(input_ids=ids, attention_mask=mask).logits
        lean = LeanNetwork(model).eval()(ids, mask)
    assert torch.allclose(lean, expected, atol=1e-4)


def test_padding_does_not_reach_the_logits(model: torch.nn.Module, batch: tuple[torch.Tensor, torch.Tensor]) -> None:
    ids, mask = batch
    lean = LeanNetwork(model).eval()
    with torch.no_grad():
        assert torch.allclose(lean(ids, mask), lean(ids * mask, mask), atol=1e-5)


def test_onnx_runs_every_batch_size_and_length(model: torch.nn.Module, tmp_path: Path) -> None:
    import onnxruntime as ort

    export_onnx(model, tmp_path / "model.onnx")
    session = ort.InferenceSession(str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"])
    for shape in ((1, 1), (1, 40), (7, 5)):
        ids = np.random.default_rng(0).integers(5, 60, shape)
        mask = np.ones_like(ids)
        got = session.run(["logits"], {"input_ids": ids, "attention_mask": mask})[0]
        with torch.no_grad():
            expected = model(torch.from_numpy(ids), torch.from_numpy(mask)).logits.numpy()
        assert np.allclose(got, expected, atol=1e-4)


def test_the_table_of_distances_is_not_quantised(tiny_mpnet: Path, tmp_path: Path) -> None:
    import onnx

    export(tiny_mpnet, tmp_path)
    kept = onnx.load(tmp_path / ONNX_FILE).graph.initializer
    assert [i.data_type for i in kept if list(i.dims) == [2, 2 * 128 - 1]] == [onnx.TensorProto.FLOAT]
    assert any(i.data_type == onnx.TensorProto.INT8 for i in kept)


def test_export_refuses_inputs_longer_than_the_encoders_positions(tiny_mpnet: Path, tmp_path: Path) -> None:
    source = shutil.copytree(tiny_mpnet, tmp_path / "long")
    settings = load_folder(source).settings
    seal_folder(source, replace(settings, input=InputSettings(129, "quotation")))
    with pytest.raises(ModelError, match="inputs of 129 tokens, but its encoder knows 128"):
        export(source, tmp_path / "out")


def test_another_architecture_is_refused_by_name(tmp_path: Path) -> None:
    from transformers import DistilBertConfig, DistilBertForSequenceClassification

    small = DistilBertConfig(dim=16, n_layers=1, n_heads=2, hidden_dim=16, vocab_size=50)
    with pytest.raises(ModelError, match="knows bert and mpnet with gelu, got 'distilbert'"):
        export_onnx(DistilBertForSequenceClassification(small), tmp_path / "x.onnx")


def test_export_refuses_a_folder_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no claimstance\.json"):
        export(tmp_path, tmp_path / "out")


def test_export_refuses_a_model_that_reads_two_segments(tiny_float_model: Path, tmp_path: Path) -> None:
    source = shutil.copytree(tiny_float_model, tmp_path / "pair")
    settings = load_folder(source).settings
    seal_folder(source, replace(settings, input=InputSettings(64, "both")))
    with pytest.raises(ModelError, match="reads one segment"):
        export(source, tmp_path / "out")
