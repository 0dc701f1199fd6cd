"""From the name of a system to its predictions: a model, saved predictions or a baseline."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from claimstance.eval.baselines.base import fitted_baseline
from claimstance.eval.config import EvalConfig
from claimstance.eval.examples import Examples, read_examples
from claimstance.eval.predictions import Predictions, make_predictions, read_predictions
from claimstance.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from claimstance.model.predictor import Predictor

BUNDLED = "bundled"
BASELINE_PREFIX = "baseline:"
PREDICTIONS_FILE = "predictions.parquet"


@dataclass(frozen=True, slots=True)
class SystemOptions:
    """What running a system may need.

    Attributes:
        data: Folder of the corpus; baselines learn from its train split.
        engine: Engine of a model. Not ``"auto"``, which is another one on another machine, so that scores compare.
        device: Device of a model.
        encoder: Folder of a pretrained encoder, for ``baseline:encoder``.
        config: Settings of baselines.
    """

    data: Path
    engine: str = "onnx"
    device: str = "cpu"
    encoder: Path | None = None
    config: EvalConfig = field(default_factory=EvalConfig)


@dataclass(frozen=True, slots=True)
class ModelSystem:
    """A loaded model as a function from sentences to predictions, which also shows what its network is given.

    Attributes:
        predictor: The model.
        source: What it was loaded as.
    """

    predictor: Predictor
    source: str

    def __call__(self, examples: Examples) -> Predictions:
        """Predict sentences in their context."""
        return predict_with_model(self.predictor, examples, self.source)

    def encode(self, text: str) -> list[int]:
        """Return the token ids of a sentence without context."""
        return self.predictor.encoder.encode([text]).ids[0]


def predict_with(system: str, examples: Examples, options: SystemOptions) -> Predictions:
    """Return what a system says of sentences.

    Args:
        system: ``"bundled"``; a model folder or hub id; a predictions file or a report folder that holds one; or
            ``"baseline:majority|cues|tfidf|encoder"``.
        examples: The sentences.
        options: See there.

    Raises:
        ModelError: If a model cannot be loaded.
        InputError: If a predictions file or a baseline's name is wrong.
        CorpusError: If a baseline lacks its train split.
    """
    if (saved := saved_predictions(system)) is not None:
        return read_predictions(saved)
    return predictor_of(system, options)(examples)


def predictor_of(system: str, options: SystemOptions) -> Callable[[Examples], Predictions]:
    """Return a function that predicts any sentences, with the system loaded or fitted once.

    Raises:
        InputError: If ``system`` is a predictions file: it knows no other sentences.
    """
    if system.startswith(BASELINE_PREFIX):
        train = read_examples(options.data, "train")
        name = system.removeprefix(BASELINE_PREFIX)
        return fitted_baseline(name, train, options.config, options.encoder)
    if saved_predictions(system) is not None:
        msg = f"{system} holds predictions of one data set; other sentences need the model itself or a baseline"
        raise InputError(msg)
    return ModelSystem(load_model(system, options), system)


def saved_predictions(system: str) -> Path | None:
    """Return the predictions file that ``system`` names, or None if it names something else."""
    path = Path(system)
    if path.suffix == ".parquet":
        return path
    inside = path / PREDICTIONS_FILE
    return inside if inside.is_file() else None


def load_model(system: str, options: SystemOptions) -> Predictor:
    """Load a predictor: the bundled one, a folder or a hub id."""
    from claimstance.model.predictor import Predictor

    model = None if system == BUNDLED else system
    return Predictor.from_pretrained(model, engine=options.engine, device=options.device)


def predict_with_model(predictor: Predictor, examples: Examples, system: str = "") -> Predictions:
    """Run a loaded model over sentences in their context."""
    start = time.perf_counter()
    facets = predictor.predict_facets(examples.texts, examples.quotation_open.tolist(), examples.previous)
    seconds = time.perf_counter() - start
    settings = predictor.settings
    about = {
        "kind": "model",
        "source": system,
        "revision": predictor.folder.revision,
        "engine": predictor.engine.name,
        "context": settings.input.context,
        "max_tokens": settings.input.max_tokens,
        "seconds": round(seconds, 2),
        "training": settings.training,
    }
    return make_predictions(
        settings.name,
        examples,
        facets.probabilities,
        thresholds=settings.thresholds,
        truncated=facets.truncated,
        about=about,
    )
