"""Out-of-fold predictions: each training document judged by a model that never saw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimstance.model.errors import ConfigError
from claimstance.model.labels import FACETS
from claimstance.train.corpus.leakage import check_leakage
from claimstance.train.features import document_folds
from claimstance.train.network import is_model
from claimstance.train.run import load_data, train
from claimstance.train.teach import predict_facet_logits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from claimstance.train.config import TrainConfig


LOGIT_COLUMNS = tuple(f"logit_{facet}" for facet in FACETS)
COLUMNS = ("id", "fold", "seen", *LOGIT_COLUMNS)
"""What ``crossfit`` writes of each row."""


def crossfit(config: TrainConfig, folds: int, folder: Path, only: Sequence[int] | None = None) -> pd.DataFrame:
    """Train one model a fold of training documents and let each predict the fold it did not see.

    News repeats itself: a sentence of a document held out may nearly stand in one that is trained on. Such rows are
    marked, and are not for judging.

    Args:
        config: The recipe; its own fold settings are replaced.
        folds: Number of folds.
        folder: Gets one run folder a fold; a fold that was finished there is not trained again.
        only: Folds to run, for a partial estimate; all by default.

    Returns:
        Columns ``id``, ``fold``, ``seen`` (whether a sentence equal or near to it is in the other folds), and
        ``logit_FACET`` (uncalibrated) for each held-out row.

    Raises:
        ConfigError: If ``only`` names a fold that there is not, or the recipe starts from a model, or learns from a
            teacher, that has seen the annotations.
    """
    import pandas as pd

    _check_recipe(config)
    if outside := sorted(set(only or ()) - set(range(folds))):
        msg = f"folds are numbered from 0 to {folds - 1}, got {outside}"
        raise ConfigError(msg)
    rows, _ = load_data(config)
    fold_of = document_folds(rows, folds)
    parts = []
    for fold in only if only is not None else range(folds):
        part = config.training_data.model_copy(update={"folds": folds, "fold": fold})
        run = config.model_copy(update={"training_data": part, "name": f"{config.name}-fold{fold}"})
        result = train(run, folder / f"fold-{fold}")
        held = rows[fold_of == fold]
        logits = predict_facet_logits(result.model.path, held)
        columns = {name: logits[:, i] for i, name in enumerate(LOGIT_COLUMNS)}
        seen = _near(held, rows[fold_of != fold])
        parts.append(pd.DataFrame({"id": held["id"].to_numpy(), "fold": fold, "seen": seen, **columns}))
    return pd.concat(parts, ignore_index=True)


def _check_recipe(config: TrainConfig) -> None:
    """Refuse a recipe whose models would know the annotations of the documents held out."""
    reasons = {
        f"base={config.base}, a model that was trained on annotations": is_model(config.base),
        "head=kept": config.head == "kept",
        "a teacher (distillation)": config.distillation is not None,
    }
    if found := [reason for reason, holds in reasons.items() if holds]:
        msg = (
            f"a fold's model must not have seen the documents held out, got {' and '.join(found)}; take a recipe that "
            "learns from the annotations alone, such as minilm-l6, with a pretrained encoder as its base"
        )
        raise ConfigError(msg)


def _near(held: pd.DataFrame, others: pd.DataFrame) -> list[bool]:
    columns = ["id", "corpus", "doc", "text"]
    leaks = check_leakage(held[columns].to_dict("records"), others[columns].to_dict("records"))
    seen = {leak.train for leak in leaks}
    return [str(identity) in seen for identity in held["id"]]
