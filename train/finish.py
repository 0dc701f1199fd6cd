"""The last step of a model: calibrate it on held-out data, then write the compact folder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from claimstance.model.artifact import load_folder
from claimstance.model.errors import CorpusError
from claimstance.model.labels import FACETS
from claimstance.train.calibration import fit_calibration
from claimstance.train.crossfit import COLUMNS, LOGIT_COLUMNS
from claimstance.train.export import export
from claimstance.train.features import read_parquet, read_rows
from claimstance.train.teach import predict_facet_logits

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from claimstance.model.artifact import ModelFolder
    from claimstance.model.settings import FacetCalibration


def held_out_natural(
    model: Path, data: Path, out_of_fold: Path | None = None
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return facet logits (n, 3) and annotated facets (n, 3) at natural prevalence that the model was not fitted on.

    Args:
        model: Model folder; predicts the natural part of dev.
        data: Folder that ``claimstance corpus build`` wrote.
        out_of_fold: Parquet that ``claimstance crossfit`` wrote with the same recipe; its natural rows are added.

    Raises:
        CorpusError: If the out-of-fold rows are not of these data.
    """
    dev = read_rows(data, "dev")
    dev = dev[dev["sampling"] == "natural"]
    logits, facets = [predict_facet_logits(model, dev)], [dev[list(FACETS)].to_numpy(dtype=np.int64)]
    if out_of_fold is not None:
        train = read_rows(data, "train")
        train = train[train["sampling"] == "natural"].set_index("id")
        found = read_parquet(out_of_fold, "claimstance crossfit", COLUMNS)
        found = found[found["id"].isin(train.index) & ~found["seen"]]
        if found.empty:
            msg = f"{out_of_fold} has no row of the natural part of {data}/train.parquet; run crossfit on these data"
            raise CorpusError(msg)
        logits.append(found[list(LOGIT_COLUMNS)].to_numpy(dtype=np.float64))
        facets.append(train.loc[found["id"], list(FACETS)].to_numpy(dtype=np.int64))
    return np.concatenate(logits), np.concatenate(facets)


def finish(model: Path, data: Path, out: Path, out_of_fold: Path | None = None) -> ModelFolder:
    """Calibrate a trained model and export it. Arguments as in ``held_out_natural``; ``out`` is the folder to write."""
    logits, facets = held_out_natural(model, data, out_of_fold)
    fitted: dict[str, FacetCalibration] = fit_calibration(logits, facets)
    settings = load_folder(model).settings
    record = {**settings.training, "calibration_rows": len(facets)}
    return export(model, out, replace(settings, calibration=fitted, training=record))
