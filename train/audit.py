"""What to annotate next: rows whose annotation a model contradicts, and sentences that a model is in doubt about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from claimstance.model.errors import CorpusError
from claimstance.model.labels import FACETS, Facet, sigmoid
from claimstance.train.crossfit import LOGIT_COLUMNS
from claimstance.train.features import is_authored

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from claimstance.model.predictor import Predictor


def suspects(rows: pd.DataFrame, out_of_fold: pd.DataFrame, least: float = 0.95) -> pd.DataFrame:
    """Return the rows of which a facet's annotation has an out-of-fold probability of at most ``1 - least``.

    Args:
        rows: Train rows with ``id``, ``text``, ``previous``, ``codes``, ``sampling`` and one column a facet.
        out_of_fold: What ``crossfit`` returned: ``id`` and ``logit_FACET`` columns.
        least: Least probability against the annotation, between 0.5 and 1.

    Returns:
        Columns ``id``, ``codes``, ``facet`` (the most doubtful one), ``against`` (the model's probability that its
        annotation is wrong), ``previous``, ``text``; most doubtful first. Own sentences are left out.

    Raises:
        CorpusError: If rows lack a prediction.
    """
    annotated = rows[~is_authored(rows)].reset_index(drop=True)
    logits = out_of_fold.drop_duplicates("id").set_index("id")[list(LOGIT_COLUMNS)].reindex(annotated["id"])
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


def doubtful(
    predictor: Predictor, rows: pd.DataFrame, least: float = 0.05, facets: Sequence[Facet] = FACETS
) -> pd.DataFrame:
    """Return the sentences of which a facet's probability lies between ``least`` and ``1 - least``.

    Uncertainty sampling (Lewis and Gale, 1994), the facets apart: an annotation of these tells a model most.

    Args:
        predictor: The model that is asked.
        rows: Sentences with ``id``, ``corpus``, ``doc``, ``start``, ``end``, ``text``, ``previous`` and
            ``quotation_open``.
        least: Least probability, over 0 and under 0.5; ``1 - least`` is the greatest.
        facets: Facets whose doubt counts.

    Returns:
        Columns ``id``, ``corpus``, ``doc``, ``start``, ``end``, one a facet with its probability, ``previous``,
        ``text``; those nearest to one half in one of ``facets`` first.
    """
    found = predictor.predict_facets(rows["text"].tolist(), rows["quotation_open"].tolist(), rows["previous"].tolist())
    probabilities = found.probabilities
    columns = [FACETS.index(facet) for facet in facets]
    distance = np.abs(probabilities[:, columns] - 0.5).min(axis=1)
    listed = rows[["id", "corpus", "doc", "start", "end"]].copy()
    for column, facet in enumerate(FACETS):
        listed[facet] = probabilities[:, column].round(4)
    listed = listed.join(rows[["previous", "text"]])
    order = np.argsort(distance, kind="stable")
    return listed.iloc[order[distance[order] <= 0.5 - least]].reset_index(drop=True)
