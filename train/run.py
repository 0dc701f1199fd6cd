"""One training run, from configuration to a model folder that the predictor loads."""

from __future__ import annotations

import json
import platform
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from claimstance.model.artifact import TORCH_FILES, ModelFolder, load_folder, seal_folder, sha256
from claimstance.model.encoding import Encoder
from claimstance.model.errors import ConfigError, CorpusError
from claimstance.model.settings import InputSettings, ModelSettings
from claimstance.train.network import base_path, is_model

if TYPE_CHECKING:
    import pandas as pd

    from claimstance.train.config import TrainConfig

CONFIG_FILE = "config.json"
INPUTS_FILE = "inputs.json"
"""SHA-256 of each file that the run reads: the same configuration over other data is another run."""
MODEL_FOLDER = "model"
MEASURED_SPLITS = ("dev", "test", "authored_test")
"""No sentence of these may be trained on; checked before each run."""


@dataclass(frozen=True, slots=True)
class TrainResult:
    """What a run made.

    Attributes:
        folder: The run's folder: ``config.json``, ``inputs.json``, ``run.json``, ``checkpoints/``, ``model/``.
        model: The model folder; float32 safetensors, not yet calibrated or exported.
        dev: Scores on the dev split, thresholds at one half.
        resumed: Whether an interrupted run was continued.
        seconds: Wall time of this part of the run.
    """

    folder: Path
    model: ModelFolder
    dev: dict[str, float]
    resumed: bool
    seconds: float


def train(config: TrainConfig, folder: Path) -> TrainResult:
    """Fine-tune a classifier, or continue the run that ``folder`` holds.

    Args:
        config: The run's configuration.
        folder: The run's folder. If a run with the same configuration was interrupted there, it goes on from its last
            complete checkpoint.

    Raises:
        ConfigError: If ``folder`` holds a run with another configuration or on other data.
        CorpusError: If the data are missing, or a training sentence also stands in dev or test.
        ModelError: If the base encoder cannot be loaded.
    """
    from transformers import set_seed

    from claimstance.train import features
    from claimstance.train.network import build_network, load_tokenizer
    from claimstance.train.states import TokenStates, attach_projection, detach_projection
    from claimstance.train.trainer import (
        FacetTrainer,
        dev_scores,
        early_stopping,
        last_whole_checkpoint,
        training_arguments,
    )

    start = time.perf_counter()
    hashes = input_hashes(config)
    _claim_folder(config, hashes, folder)
    set_seed(config.seed)
    tokenizer = load_tokenizer(config.base)
    encoder = Encoder(tokenizer.backend_tokenizer, InputSettings(config.input.max_tokens, config.input.context))
    rows, dev = load_data(config)
    selected = features.select_training_rows(rows, config.training_data, config.seed)
    training, targets = _training_rows(config, selected)
    model = build_network(config)
    states = None
    if config.distillation is not None and config.distillation.states is not None:
        states = TokenStates(config.distillation.states)
        attach_projection(model, states)
    trainer = FacetTrainer(
        model=model,
        args=training_arguments(config, folder, len(training)),
        train_dataset=features.to_dataset(training, encoder, targets, states),
        eval_dataset=features.to_dataset(dev, encoder),
        data_collator=features.PadCollator(tokenizer.pad_token_id, states),
        compute_metrics=dev_scores,
        callbacks=early_stopping(config.optimisation),
    )
    trainer.loss_settings = config.loss.model_dump()
    trainer.states_weight = config.distillation.states_weight if config.distillation is not None else 0.0
    checkpoint = last_whole_checkpoint(folder)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    scores = {k.removeprefix("eval_"): v for k, v in trainer.evaluate().items() if "f1" in k or k == "eval_loss"}
    detach_projection(trainer.model)
    record = {"data_sha256": hashes, "annotated_rows": _count_by_corpus(selected)}
    artifact = _save(config, folder, trainer, tokenizer, encoder, record)
    result = TrainResult(folder, artifact, scores, checkpoint is not None, time.perf_counter() - start)
    _write_record(result, hashes, len(training), trainer.state.log_history)
    return result


def input_hashes(config: TrainConfig) -> dict[str, str]:
    """Return the SHA-256 of each file that a run reads, by its name, or by its path where two have one name.

    Of a teacher's token states the index is read, not the gigabytes beside it. A base named by a hub id has none.

    Raises:
        CorpusError: If one is missing.
    """
    from claimstance.train.features import AUTHORED_FILE
    from claimstance.train.states import INDEX_FILE

    source = Path(config.data)
    files = [AUTHORED_FILE] if config.data == "authored" else [source / "train.parquet", source / "dev.parquet"]
    weights = Path(base_path(config.base)) / TORCH_FILES[1]
    if (taught := config.distillation) is not None:
        files += [source / "unlabelled.parquet"] if taught.unlabelled else []
        files += [taught.targets, *taught.made]
        files += [taught.states / INDEX_FILE] if taught.states is not None else []
    if missing := [str(file) for file in files if not file.is_file()]:
        msg = (
            f"the run reads {', '.join(missing)}, which is not there. `claimstance corpus build` writes the splits; "
            "the commands for the rest stand at the head of the run's YAML"
        )
        raise CorpusError(msg)
    names = [file.name for file in files]
    hashes = {file.name if names.count(file.name) == 1 else str(file): sha256(file) for file in files}
    return hashes | ({f"base/{weights.name}": sha256(weights)} if weights.is_file() else {})


def load_data(config: TrainConfig) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the train rows and the dev rows.

    Raises:
        CorpusError: If a split is missing.
    """
    from claimstance.train import features

    if config.data == "authored":
        return features.read_authored_rows()
    source = Path(config.data)
    return features.read_rows(source, "train"), features.read_rows(source, "dev")


def _training_rows(config: TrainConfig, selected: pd.DataFrame) -> tuple[pd.DataFrame, Any]:
    from claimstance.train import features

    _check_no_leak(config, selected)
    if config.distillation is None:
        return selected, None
    parts = []
    if config.distillation.unlabelled:
        unlabelled = features.read_rows(Path(config.data), "unlabelled")
        parts.append(features.without_corpora(unlabelled, config.distillation.exclude_corpora))
        _check_no_leak(config, parts[0])
    for file in config.distillation.made:
        parts.append(features.read_file(file))
        _check_no_leak(config, parts[-1], f"`claimstance augment` {file} with another --seed")
    if config.training_data.folds:
        # Sentences of the documents held out, noisy or not, would tell the model what it is to be judged on.
        parts = [features.without_fold(part, config.training_data) for part in parts]
    return features.distillation_rows(selected, parts, config.distillation)


def _check_no_leak(config: TrainConfig, rows: pd.DataFrame, remedy: str = "build the corpus anew") -> None:
    if config.data == "authored":
        return
    from claimstance.train import features
    from claimstance.train.corpus.leakage import check_leakage

    for split in MEASURED_SPLITS:
        measured = features.read_rows(Path(config.data), split)
        if leaks := check_leakage(_records(rows), _records(measured)):
            msg = (
                f"{len(leaks)} training sentences also stand in {split}, such as {leaks[0].train} and {leaks[0].other} "
                f"({leaks[0].kind}); {remedy}"
            )
            raise CorpusError(msg)


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", rows.to_dict("records"))


def _claim_folder(config: TrainConfig, hashes: dict[str, str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    echoes = {
        CONFIG_FILE: ("another configuration", config.model_dump_json(indent=2) + "\n"),
        INPUTS_FILE: ("other data", json.dumps(hashes, indent=2) + "\n"),
    }
    for name, (what, echo) in echoes.items():
        file = folder / name
        if file.exists() and file.read_text(encoding="utf-8") != echo:
            msg = f"{folder} holds a run with {what} (see {file}); give another --out, or remove the folder"
            raise ConfigError(msg)
    for name, (_, echo) in echoes.items():
        (folder / name).write_text(echo, encoding="utf-8")


def _save(
    config: TrainConfig, folder: Path, trainer: Any, tokenizer: Any, encoder: Encoder, record: dict[str, Any]
) -> ModelFolder:
    path = folder / MODEL_FOLDER
    path.mkdir(exist_ok=True)
    trainer.model.save_pretrained(path, safe_serialization=True)
    tokenizer.model_max_length = config.input.max_tokens
    tokenizer.save_pretrained(path)
    settings = ModelSettings(
        name=config.name,
        input=encoder.settings,
        training={
            "config": json.loads(config.model_dump_json()),
            **record,
            "versions": versions(),
            **_origin_of(config.base),
        },
    )
    return seal_folder(path, settings)


def _count_by_corpus(rows: pd.DataFrame) -> dict[str, int]:
    return {str(corpus): int(count) for corpus, count in sorted(rows["corpus"].value_counts().items())}


def _origin_of(base: str) -> dict[str, Any]:
    """Return which model a run started from and how that was pruned, if its base is a model folder of ours."""
    if not is_model(base):
        return {}
    folder = load_folder(base_path(base))
    pruning = folder.settings.training.get("pruning")
    origin = {"started_from": {"name": folder.settings.name, "revision": folder.revision}}
    return origin | ({} if pruning is None else {"pruning": pruning})


def versions() -> dict[str, str]:
    """Return the versions that a result depends on."""
    names = ("claimstance", "torch", "transformers", "datasets", "tokenizers", "numpy", "scikit-learn")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def _write_record(result: TrainResult, hashes: dict[str, str], rows: int, history: list[dict[str, float]]) -> None:
    record = {
        "dev": result.dev,
        "resumed": result.resumed,
        "seconds": round(result.seconds, 1),
        "training_rows": rows,
        "data_sha256": hashes,
        "versions": versions(),
        "model": asdict(result.model.settings)["files"],
        "history": history,
    }
    (result.folder / "run.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
