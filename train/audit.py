"""The training rows whose annotation a model that never saw them contradicts: what to read again first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from claimstance.model.errors import CorpusError
from claimstance.model.labels import FACETS, sigmoid
from claimstance.train.features import is_authored

if TYPE_CHECKING:
    import pandas as pd


def suspects(rows: pd.DataFrame, out_of_fold: pd.DataFrame, least: float = 0.95) -> pd.DataFrame:
    """Return the rows of which a facet's annotation has an out-of-fold probability of at most ``1 - least``.

    Args:
        rows: Train rows with ``id``, ``text``, ``previous``, ``codes``, ``decided`` and one column a facet.
        out_of_fold: What ``crossfit`` returned: ``id`` and ``logit_FACET`` columns.
        least: Least probability against the annotation, between 0.5 and 1.

    Returns:
        Columns ``id``, ``codes``, ``facet`` (the most doubtful one), ``against`` (the model's probability that its
        annotation is wrong), ``previous``, ``text``; most doubtful first. Own sentences are left out.

    Raises:
        CorpusError: If rows lack a prediction.
    """
    annotated = rows[~is_authored(rows)].reset_index(drop=True)
    logits = out_of_fold.drop_duplicates("id").set_index("id")[[f"logit_{f}" for f in FACETS]].reindex(annotated["id"])
    if missing := int(logits.isna().any(axis=1).sum()):
        msg = f"{missing} of {len(annotated)} annotated rows have no out-of-fold prediction; run all folds on them"
        raise CorpusError(msg)
    probabilities = sigmoid(logits.to_numpy(dtype=np.float64))
    against = np.where(annotated[list(FACETS)].to_numpy() == 1, 1 - probabilities, probabilities)
    worst = against.argmax(axis=1)
    found = annotated[["id", "codes", "previous", "text"]].assign(
        facet=np.array(FACETS)[worst], against=against.max(axis=1).round(4)
    )
    found = found[found["against"] >= least].sort_values("against", ascending=False, kind="stable")
    return found[["id", "codes", "facet", "against", "previous", "text"]].reset_index(drop=True)
