"""What a baseline is, and the baselines by name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from claimstance.eval.predictions import Predictions, make_predictions
from claimstance.model.errors import InputError
from claimstance.model.labels import FACETS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from claimstance.eval.config import EvalConfig
    from claimstance.eval.examples import Examples

BASELINES = ("majority", "cues", "tfidf", "encoder")


class Baseline(Protocol):
    """A system that is fitted on the train split in one go."""

    def fit(self, train: Examples) -> None:
        """Learn from annotated sentences."""
        ...

    def probabilities(self, examples: Examples) -> NDArray[np.float64]:
        """Return facet probabilities, shape (n, 3), order of ``FACETS``."""
        ...


class Majority:
    """Gives every sentence the rates of the train split; the label is then the one that thresholds make of them."""

    def __init__(self) -> None:
        self._rates = np.full(len(FACETS), 0.5)

    def fit(self, train: Examples) -> None:
        """Count the facets."""
        self._rates = train.facets.mean(axis=0)

    def probabilities(self, examples: Examples) -> NDArray[np.float64]:
        """Return the same rates for every sentence."""
        return np.tile(self._rates, (len(examples), 1))


def build_baseline(name: str, config: EvalConfig, encoder: str | Path | None = None) -> Baseline:
    """Return a baseline that is not fitted yet.

    Args:
        name: One of ``BASELINES``.
        config: Their settings.
        encoder: Folder of the pretrained encoder, for ``"encoder"``.

    Raises:
        InputError: If the name is unknown, or ``"encoder"`` is asked for without a folder.
    """
    if name == "majority":
        return Majority()
    if name == "cues":
        from claimstance.eval.baselines.cues import Cues

        return Cues()
    if name == "tfidf":
        from claimstance.eval.baselines.tfidf import Tfidf

        return Tfidf(config.tfidf)
    if name == "encoder":
        from claimstance.eval.baselines.encoder import UntunedEncoder

        if encoder is None:
            msg = "baseline:encoder needs the folder of a pretrained encoder: --encoder DIR"
            raise InputError(msg)
        return UntunedEncoder(encoder, config.encoder)
    msg = f"baseline must be one of {', '.join(BASELINES)}, got {name!r}"
    raise InputError(msg)


def fitted_baseline(
    name: str, train: Examples, config: EvalConfig, encoder: str | Path | None = None
) -> Callable[[Examples], Predictions]:
    """Fit a baseline on the sentences of ``train`` and return its predictor; see ``build_baseline``."""
    baseline = build_baseline(name, config, encoder)
    baseline.fit(train.sentences())
    title = f"baseline:{name}" + (f" ({Path(encoder).name})" if encoder is not None and name == "encoder" else "")
    about = {"kind": "baseline", "train_sha256": train.sha256, "train_sentences": int(train.is_sentence.sum())}
    return lambda examples: make_predictions(title, examples, baseline.probabilities(examples), about=about)
