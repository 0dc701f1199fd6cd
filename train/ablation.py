"""One change at a time to a training recipe, each judged on training documents that its model never saw.

Dev has too few threats to tell recipes apart; a fold of the training documents has many times as many.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import yaml
from pydantic import Field, ValidationError, model_validator

from claimstance.eval.metrics.answers import make_answers
from claimstance.eval.metrics.comparison import compare
from claimstance.eval.strict import Strict
from claimstance.model.errors import ConfigError
from claimstance.model.labels import FACETS, LABELS, sigmoid
from claimstance.train.config import load_train_config, override
from claimstance.train.crossfit import LOGIT_COLUMNS, crossfit
from claimstance.train.features import is_authored
from claimstance.train.run import load_data

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from claimstance.eval.metrics.answers import Answers

MEASURES = ("macro_f1", *(f"label.{label}.f1" for label in LABELS), "log_loss")
"""What a row reports, by the names of ``claimstance.eval.metrics.measures``."""


class AblationConfig(Strict):
    """A recipe and its variants.

    Attributes:
        recipe: A training configuration: a file, or the name of a shipped one.
        folds: Number of folds of the training documents.
        only: The folds that are trained and judged, for a partial estimate; all if empty.
        common: What all variants change of the recipe, dotted keys as in ``claimstance train --set``.
        variants: What each variant changes beside that. The first one is what the others are compared with.
    """

    recipe: str
    folds: Annotated[int, Field(ge=2, le=20)] = 5
    only: tuple[int, ...] = ()
    common: Annotated[dict[str, Any], Field(default_factory=dict)]
    variants: Annotated[dict[str, dict[str, Any]], Field(min_length=1)]

    @model_validator(mode="after")
    def _folds_exist(self) -> AblationConfig:
        if outside := sorted(set(self.only) - set(range(self.folds))):
            msg = f"folds are numbered from 0 to {self.folds - 1}, got {outside} in only"
            raise ValueError(msg)
        return self


@dataclass(frozen=True, slots=True)
class AblationRow:
    """One variant on the rows held out.

    Attributes:
        variant: Its name.
        scores: By the names of ``MEASURES``.
        gain: Macro-F1 minus that of the first variant.
        low: Lower end of the gain's 95% interval, by paired article bootstrap.
        high: Upper end.
        rows: Held-out sentences that are judged.
        opened: Those that begin inside an open quotation.
        opened_wrong: Those of them whose quote facet is misjudged.
        seconds: Wall time, with that of training if the runs were not there.
    """

    variant: str
    scores: dict[str, float]
    gain: float
    low: float
    high: float
    rows: int
    opened: int
    opened_wrong: int
    seconds: float


def load_ablation(path: Path) -> AblationConfig:
    """Read and check an ablation YAML.

    Raises:
        ConfigError: If it is missing, not YAML, or has unknown keys or values out of range.
    """
    try:
        return AblationConfig.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        msg = f"{path}: {error}"
        raise ConfigError(msg) from error


def ablate(
    config: AblationConfig,
    folder: Path,
    changes: dict[str, str] | None = None,
    report: Callable[[AblationRow], None] = lambda _: None,
) -> list[AblationRow]:
    """Train and judge each variant; what ``folder`` holds of it is not trained again.

    Args:
        config: Recipe, folds and variants.
        folder: Gets a folder a variant with its runs and ``out_of_fold.parquet``.
        changes: Overrides for all variants, such as ``{"base": "encoders/minilm"}``.
        report: Called with each row when it is there.

    Returns:
        A row a variant, in their order.

    Raises:
        ConfigError: If a variant changes an unknown key.
    """
    recipe = override(load_train_config(config.recipe), _as_text(config.common) | (changes or {}))
    configs = {name: override(recipe, _as_text(change)) for name, change in config.variants.items()}
    rows: list[AblationRow] = []
    first: Answers | None = None
    for name, variant in configs.items():
        start = time.perf_counter()
        found = crossfit(variant, config.folds, folder / name, list(config.only) or None)
        found.to_parquet(folder / name / "out_of_fold.parquet", index=False)
        judged = judged_rows(load_data(variant)[0], found)
        answers = out_of_fold_answers(judged, found)
        opened = judged["quotation_open"].to_numpy(dtype=bool)
        first = first if first is not None else answers
        compared = compare(first, answers).differences
        gain = compared["macro_f1"].difference
        rows.append(
            AblationRow(
                variant=name,
                scores={measure: compared[measure].second for measure in MEASURES},
                gain=gain.value,
                low=gain.low,
                high=gain.high,
                rows=len(answers),
                opened=int(opened.sum()),
                opened_wrong=int((answers.holds != answers.truth)[opened, FACETS.index("quote")].sum()),
                seconds=time.perf_counter() - start,
            )
        )
        report(rows[-1])
    return rows


def judged_rows(rows: pd.DataFrame, out_of_fold: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that a recipe is judged on.

    Authored ones are left out, and those of which its model saw a sentence that is nearly the same.
    """
    unseen = out_of_fold[~out_of_fold["seen"]]
    return rows[rows["id"].isin(unseen["id"]) & ~is_authored(rows)].drop_duplicates("id")


def out_of_fold_answers(judged: pd.DataFrame, out_of_fold: pd.DataFrame) -> Answers:
    """Put predictions of ``crossfit`` beside the annotations of the rows to judge.

    Thresholds are one half and nothing is calibrated: recipes are compared, not products.
    """
    logits = out_of_fold.drop_duplicates("id").set_index("id")[list(LOGIT_COLUMNS)]
    return make_answers(
        judged[list(FACETS)].to_numpy(dtype=bool),
        sigmoid(logits.loc[judged["id"]].to_numpy(dtype=float)),
        documents=(judged["corpus"].astype(str) + "/" + judged["doc"].astype(str)).to_numpy(),
        strata=judged["sampling"].to_numpy(),
    )


def _as_text(change: dict[str, Any]) -> dict[str, str]:
    """Write values as ``override`` reads them."""
    return {
        key: yaml.safe_dump(value, default_flow_style=True, sort_keys=False).removesuffix("...\n")
        for key, value in change.items()
    }
