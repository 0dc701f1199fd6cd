"""Facet probabilities of a teacher, for a student to learn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from claimstance.model.labels import FACETS, facet_logits, sigmoid
from claimstance.model.predictor import Predictor
from claimstance.train.features import text_hashes
from claimstance.train.states import HASH_COLUMN, write_states

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

CHUNK = 2048


def predict_facet_logits(
    model: Path, rows: pd.DataFrame, progress: Callable[[int], None] | None = None
) -> NDArray[np.float64]:
    """Return uncalibrated facet logits, shape (n, 3), of a float32 model folder, in bfloat16 where that is fast.

    Args:
        model: Model folder.
        rows: Sentences with columns ``text``, ``quotation_open`` and ``previous``.
        progress: Called with the number of rows done after each chunk.
    """
    import torch

    from claimstance.train.network import bfloat16_pays

    predictor = Predictor.from_pretrained(model, engine="torch")
    parts = []
    for start in range(0, len(rows), CHUNK):
        part = rows.iloc[start : start + CHUNK]
        encoded = predictor.encoder.encode(
            part["text"].tolist(), part["quotation_open"].tolist(), part["previous"].fillna("").tolist()
        )
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16_pays()):
            parts.append(facet_logits(predictor.predict_logits(encoded)))
        if progress is not None:
            progress(start + len(part))
    return np.concatenate(parts) if parts else np.zeros((0, len(FACETS)))


def teacher_targets(
    models: Sequence[Path],
    rows: pd.DataFrame,
    progress: Callable[[int], None] | None = None,
    states: Path | None = None,
) -> pd.DataFrame:
    """Return columns ``id``, ``sha256`` of the text, and one a facet: the mean probability over the teachers.

    Args:
        models: One or more model folders.
        rows: Sentences as in ``predict_facet_logits``, with an ``id``.
        progress: See ``predict_facet_logits``; called for each model anew.
        states: Folder that gets the token states of the first teacher.
    """
    import pandas as pd

    logits = [] if states is None else [write_states(models[0], rows, states, progress)]
    logits += [predict_facet_logits(model, rows, progress) for model in models[len(logits) :]]
    mean = np.mean([sigmoid(part) for part in logits], axis=0)
    targets = pd.DataFrame(mean.round(5), columns=list(FACETS))
    targets.insert(0, "id", rows["id"].to_numpy())
    targets.insert(1, HASH_COLUMN, text_hashes(rows))
    return targets
