"""The typed form of an evaluation configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, ValidationError

from claimstance.eval.metrics.scores import Bootstrap
from claimstance.eval.strict import Strict
from claimstance.model.errors import ConfigError
from claimstance.model.settings import MAX_TOKENS

Positive = Annotated[float, Field(gt=0)]


class BootstrapConfig(Strict):
    """How confidence intervals are made; see ``claimstance.eval.metrics.scores.Bootstrap``."""

    resamples: Annotated[int, Field(ge=1, le=100_000)] = 2000
    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.95
    seed: int = 0
    bins: Annotated[int, Field(ge=2, le=100)] = 15

    def build(self) -> Bootstrap:
        """Return the plain record that the metrics take."""
        return Bootstrap(self.resamples, self.confidence, self.seed, self.bins)


class TfidfConfig(Strict):
    """Logistic regression on TF-IDF of word n-grams.

    Attributes:
        longest_ngram: Longest n-gram in words.
        min_documents: Leave out n-grams that fewer training sentences have.
        inverse_regularisation: ``C`` of scikit-learn's logistic regression.
    """

    longest_ngram: Annotated[int, Field(ge=1, le=4)] = 2
    min_documents: Annotated[int, Field(ge=1)] = 2
    inverse_regularisation: Positive = 30.0


class EncoderConfig(Strict):
    """Logistic regression on mean-pooled embeddings of an encoder that was not tuned.

    Attributes:
        max_tokens: Longest input.
        batch_size: Sentences a batch.
        inverse_regularisation: ``C`` of scikit-learn's logistic regression.
    """

    max_tokens: Annotated[int, Field(ge=8, le=512)] = MAX_TOKENS
    batch_size: Annotated[int, Field(ge=1)] = 64
    inverse_regularisation: Positive = 1.0


class EvalConfig(Strict):
    """An evaluation.

    Attributes:
        bootstrap: How intervals are made.
        errors_shown: How many of the most confident errors the report shows.
        tfidf: The baseline of that name.
        encoder: The baseline of that name.
    """

    bootstrap: BootstrapConfig = BootstrapConfig()
    errors_shown: Annotated[int, Field(ge=0, le=1000)] = 40
    tfidf: TfidfConfig = TfidfConfig()
    encoder: EncoderConfig = EncoderConfig()


def load_eval_config(path: str | Path | None = None) -> EvalConfig:
    """Read and check an evaluation YAML; None reads the shipped ``configs/eval.yaml``.

    Raises:
        ConfigError: If the file is missing, not YAML, or has unknown keys or values out of range.
    """
    from importlib.resources import files

    file = Path(path) if path is not None else Path(str(files("claimstance.configs") / "eval.yaml"))
    if not file.is_file():
        msg = f"no configuration at {file}; the shipped one is configs/eval.yaml"
        raise ConfigError(msg)
    try:
        return EvalConfig.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    except (yaml.YAMLError, ValidationError) as error:
        msg = f"{file}: {error}"
        raise ConfigError(msg) from error
