"""The Hugging Face Trainer with the facet loss, dev macro-F1 and checkpoints that survive a kill."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from transformers import EarlyStoppingCallback, Trainer, TrainingArguments

from claimstance.eval.metrics.measures import macro, precision_recall_f1
from claimstance.model.errors import ConfigError
from claimstance.model.labels import LABELS, decide, facet_logits, sigmoid
from claimstance.train.loss import facet_loss
from claimstance.train.network import bfloat16_pays
from claimstance.train.states import LAYER

if TYPE_CHECKING:
    from pathlib import Path

    from transformers import EvalPrediction

    from claimstance.train.config import OptimisationConfig, TrainConfig

CHECKPOINT_FILES = ("model.safetensors", "optimizer.pt", "scheduler.pt", "trainer_state.json")


class FacetTrainer(Trainer):
    """A Trainer whose loss reads three facets off the four label logits."""

    loss_settings: dict[str, float]
    states_weight: float

    def compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, **_: Any) -> Any:
        """Return the facet loss; annotated and soft targets alike arrive as probabilities in ``labels``.

        Batches with a teacher's ``states`` add the error of imitating them.
        """
        targets = inputs.pop("labels")
        states, mask = inputs.pop("states", None), inputs.pop("state_mask", None)
        outputs = model(**inputs, output_hidden_states=states is not None)
        loss = facet_loss(outputs.logits, targets, **self.loss_settings)
        if states is not None and mask.any():
            imitated = model.state_projection(outputs.hidden_states[LAYER][mask]).float()
            loss = loss + self.states_weight * torch.nn.functional.mse_loss(imitated, states[mask])
        return (loss, {"loss": loss, "logits": outputs.logits}) if return_outputs else loss


def dev_scores(prediction: EvalPrediction) -> dict[str, float]:
    """Return macro-F1 and per-label F1 of the derived labels, uncalibrated, thresholds at one half.

    Macro-F1 is that of ``claimstance evaluate``: a label that is neither annotated nor predicted is left out. Its own
    F1 is undefined and stands as 0 here, since a run's record is JSON.
    """
    facets = np.asarray(prediction.label_ids) >= 0.5
    annotated, _ = decide(facets.astype(float))
    predicted, _ = decide(sigmoid(facet_logits(prediction.predictions)))
    confusion = np.zeros((len(LABELS), len(LABELS)))
    np.add.at(confusion, (annotated, predicted), 1)
    _, _, each = precision_recall_f1(np.diagonal(confusion), confusion.sum(axis=0), confusion.sum(axis=1))
    by_label = zip(LABELS, np.nan_to_num(each).tolist(), strict=True)
    return {"macro_f1": float(macro(each)), **{f"f1_{label}": f1 for label, f1 in by_label}}


def training_arguments(config: TrainConfig, folder: Path, rows: int) -> TrainingArguments:
    """Translate a configuration into ``TrainingArguments`` for a training set of ``rows`` rows."""
    fit = config.optimisation
    steps_per_epoch = -(-rows // fit.batch_size)
    interval = max(1, steps_per_epoch // fit.evaluations_per_epoch)
    return TrainingArguments(
        output_dir=str(folder / "checkpoints"),
        num_train_epochs=fit.epochs,
        per_device_train_batch_size=fit.batch_size,
        per_device_eval_batch_size=64,
        learning_rate=fit.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=int(fit.warmup_share * steps_per_epoch * fit.epochs),
        weight_decay=fit.weight_decay,
        max_grad_norm=fit.max_grad_norm,
        use_cpu=not torch.cuda.is_available(),
        bf16=_use_bfloat16(fit),
        train_sampling_strategy="group_by_length",
        length_column_name="length",
        eval_strategy="steps",
        eval_steps=interval,
        save_strategy="steps",
        save_steps=interval,
        save_total_limit=2,
        load_best_model_at_end=fit.keep == "best",
        metric_for_best_model="macro_f1",
        greater_is_better=True,
        logging_steps=50,
        report_to=_reporters(),
        seed=config.seed,
        data_seed=config.seed,
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_pin_memory=False,
    )


def early_stopping(fit: OptimisationConfig) -> list[EarlyStoppingCallback]:
    """Return the callback that stops a run which no longer improves, or none."""
    if not fit.patience:
        return []
    if fit.keep != "best":
        msg = "optimisation.patience needs optimisation.keep: best, since the last checkpoint is then not the best one"
        raise ConfigError(msg)
    return [EarlyStoppingCallback(early_stopping_patience=fit.patience)]


def last_whole_checkpoint(folder: Path) -> Path | None:
    """Return the newest complete checkpoint of a run, removing those that a kill left torn."""
    found = sorted((folder / "checkpoints").glob("checkpoint-*"), key=lambda p: int(p.name.rsplit("-", 1)[1]))
    for checkpoint in reversed(found):
        if _is_whole(checkpoint):
            return checkpoint
        shutil.rmtree(checkpoint)
    return None


def _is_whole(checkpoint: Path) -> bool:
    if not all((checkpoint / name).is_file() for name in CHECKPOINT_FILES):
        return False
    try:
        # The Trainer writes its state last, so a state that parses means that the rest is complete.
        json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
    except ValueError:
        return False
    return True


def _use_bfloat16(fit: OptimisationConfig) -> bool:
    return fit.precision == "bfloat16" or (fit.precision == "auto" and bfloat16_pays())


def _reporters() -> list[str]:
    from importlib.util import find_spec

    return ["tensorboard"] if find_spec("tensorboard") else []
