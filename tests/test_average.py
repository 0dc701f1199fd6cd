"""The mean of models."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from typer.testing import CliRunner

from claimstance.cli import app
from claimstance.model.artifact import load_folder, seal_folder
from claimstance.model.errors import ConfigError
from claimstance.model.predictor import Predictor
from claimstance.train.average import average_models

if TYPE_CHECKING:
    from pathlib import Path

WEIGHTS = "model.safetensors"


@pytest.fixture
def moved(tiny_float_model: Path, tmp_path: Path) -> Path:
    """Return a copy of the tiny model with each weight 0.5 higher, in half precision."""
    path = shutil.copytree(tiny_float_model, tmp_path / "moved")
    weights = load_file(path / WEIGHTS)
    save_file(
        {k: (v + np.float32(0.5)).astype(np.float16) for k, v in weights.items()}, path / WEIGHTS, {"format": "pt"}
    )
    settings = load_folder(tiny_float_model).settings
    seal_folder(path, settings)
    return path


def test_the_mean_lies_between_and_says_what_of(tiny_float_model: Path, moved: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["average", str(tiny_float_model), str(moved), "-o", str(tmp_path / "mean")])
    assert result.exit_code == 0, result.output
    folder = load_folder(tmp_path / "mean")
    before, mean = load_file(tiny_float_model / WEIGHTS), load_file(folder.file(WEIGHTS))
    assert set(mean) == set(before)
    for name, value in before.items():
        assert mean[name].dtype == np.float32
        np.testing.assert_allclose(mean[name], value + 0.25, atol=2e-3)
    assert [model["revision"] for model in folder.settings.training["average_of"]] == [
        load_folder(path).revision for path in (tiny_float_model, moved)
    ]
    Predictor.from_pretrained(folder.path, engine="torch").label("The harbour closed.")


def test_a_model_averaged_with_itself_is_the_same(tiny_mpnet: Path, tmp_path: Path) -> None:
    folder = average_models([tiny_mpnet, tiny_mpnet, tiny_mpnet], tmp_path / "mean")
    mean = load_file(folder.file(WEIGHTS))
    for name, value in load_file(tiny_mpnet / WEIGHTS).items():
        np.testing.assert_allclose(mean[name], value, rtol=1e-6)


def test_models_that_do_not_go_together_are_refused(tiny_float_model: Path, tiny_mpnet: Path, tmp_path: Path) -> None:
    def refused(models: list[Path], message: str) -> None:
        with pytest.raises(ConfigError, match=message):
            average_models(models, tmp_path / "mean")
        assert not (tmp_path / "mean").exists()

    refused([tiny_mpnet], "at least two models, got 1")
    refused([tiny_mpnet, tiny_float_model], "another (tokenizer|input)")
    other = shutil.copytree(tiny_mpnet, tmp_path / "other")
    weights = load_file(other / WEIGHTS)
    name = sorted(weights)[0]
    save_file({k: v for k, v in weights.items() if k != name}, other / WEIGHTS, {"format": "pt"})
    seal_folder(other, load_folder(tiny_mpnet).settings)
    refused([tiny_mpnet, other], "other names or shapes")
    tokenizer = json.loads((other / "tokenizer.json").read_text())
    tokenizer["post_processor"] = None
    (other / "tokenizer.json").write_text(json.dumps(tokenizer))
    seal_folder(other, load_folder(tiny_mpnet).settings)
    refused([tiny_mpnet, other], "another tokenizer")
    with pytest.raises(ConfigError, match="other than that of the model"):
        average_models([tiny_mpnet, other], other)
