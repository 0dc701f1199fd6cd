"""Out-of-fold predictions: each training document judged by a model that never saw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimstance.model.errors import ConfigError
from claimstance.model.labels import FACETS
from claimstance.train.features import document_folds
from claimstance.train.run import load_data, train
from claimstance.train.teach import predict_facet_logits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from claimstance.train.config import TrainConfig


def crossfit(config: TrainConfig, folds: int, folder: Path, only: Sequence[int] | None = None) -> pd.DataFrame:
    """Train one model a fold of training documents and let each predict the fold it did not see.

    Args:
        config: The recipe; its own fold settings are replaced.
        folds: Number of folds.
        folder: Gets one run folder a fold; a fold that was finished there is not trained again.
        only: Folds to run, for a partial estimate; all by default.

    Returns:
        Columns ``id``, ``fold``, and ``logit_FACET`` (uncalibrated) for each held-out row.

    Raises:
        ConfigError: If ``only`` names a fold that there is not.
    """
    import pandas as pd

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
        columns = {f"logit_{facet}": logits[:, i] for i, facet in enumerate(FACETS)}
        parts.append(pd.DataFrame({"id": held["id"].to_numpy(), "fold": fold, **columns}))
    return pd.concat(parts, ignore_index=True)
