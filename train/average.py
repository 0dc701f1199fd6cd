"""The mean of models that share a beginning: often better than each of them, at the cost of one.

Wortsman et al. (2022), "Model soups: averaging weights of multiple fine-tuned models improves accuracy without
increasing inference time". Between a student and what further training made of it, the mean keeps what the first was
right about and most of what the second learned.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from claimstance.model.artifact import (
    TOKENIZER_CONFIG,
    TOKENIZER_FILE,
    TORCH_FILES,
    ModelFolder,
    check_target,
    copy_files,
    load_folder,
    seal_folder,
)
from claimstance.model.errors import ConfigError
from claimstance.model.settings import FacetCalibration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CONFIG, WEIGHTS = TORCH_FILES


def average_models(models: Sequence[Path], out: Path) -> ModelFolder:
    """Write the model whose weights are the mean of those of several models, each counting the same.

    Args:
        models: Two or more model folders of one shape, with one tokenizer and one input; those that went on from one
            another, or from one base. The last one gives name, configuration and training record.
        out: Folder to write; float32 safetensors, not calibrated.

    Raises:
        ConfigError: If there are fewer than two models, their weights differ in names or shapes, their tokenizers or
            inputs differ, or ``out`` is one of them.
        ModelError: If one is no intact model folder.
    """
    from safetensors.numpy import load_file, save_file

    if len(models) < 2:
        msg = f"an average needs at least two models, got {len(models)}"
        raise ConfigError(msg)
    folders = [load_folder(model) for model in models]
    last = folders[-1]
    for folder in folders:
        check_target(out, folder.path)
    for folder in folders[:-1]:
        _check_same(folder, last)
    total: dict[str, np.ndarray] = {}
    for folder in folders:
        weights = load_file(folder.file(WEIGHTS))
        if total and {k: v.shape for k, v in weights.items()} != {k: v.shape for k, v in total.items()}:
            msg = f"{folder.path} has weights of other names or shapes than {folders[0].path}"
            raise ConfigError(msg)
        for name, value in weights.items():
            total[name] = total.get(name, np.float32(0)) + value.astype(np.float32)
    out.mkdir(parents=True, exist_ok=True)
    mean = {name: value / np.float32(len(folders)) for name, value in total.items()}
    save_file(mean, out / WEIGHTS, metadata={"format": "pt"})
    copy_files(last.path, out, CONFIG, TOKENIZER_FILE, TOKENIZER_CONFIG)
    record = [{"name": folder.settings.name, "revision": folder.revision} for folder in folders]
    settings = replace(
        last.settings,
        calibration=dict.fromkeys(last.settings.calibration, FacetCalibration()),
        training={**last.settings.training, "average_of": record},
    )
    return seal_folder(out, settings, (*TORCH_FILES, TOKENIZER_FILE))


def _check_same(folder: ModelFolder, other: ModelFolder) -> None:
    if folder.settings.input != other.settings.input:
        msg = f"{folder.path} takes another input than {other.path}"
        raise ConfigError(msg)
    first, second = (json.loads(f.file(TOKENIZER_FILE).read_text(encoding="utf-8")) for f in (folder, other))
    if first["model"] != second["model"] or first["post_processor"] != second["post_processor"]:
        msg = f"{folder.path} has another tokenizer than {other.path}"
        raise ConfigError(msg)
