"""What a model folder says about itself: the typed form of ``claimstance.json``."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

from claimstance.model.errors import ModelError
from claimstance.model.labels import FACETS, LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT_VERSION = 1
"""Raised when a folder written by this version cannot be read by the one before."""

Context = Literal["none", "quotation", "previous", "both"]
CONTEXTS: tuple[Context, ...] = get_args(Context)

MAX_TOKENS = 96
"""Longest input in tokens unless a configuration says otherwise; two to four sentences in a thousand are longer."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class InputSettings:
    """How a sentence is turned into tokens; what the model was trained with is what prediction applies.

    Attributes:
        max_tokens: Longest input in tokens, special tokens included; the rest is cut and flagged as truncated.
        context: What goes in beside the sentence: ``"none"``; ``"quotation"``, an opening quotation mark before a
            sentence that begins inside an open quotation; ``"previous"``, the sentence before as second segment;
            ``"both"``.
    """

    max_tokens: int = MAX_TOKENS
    context: Context = "quotation"

    def __post_init__(self) -> None:
        if self.context not in CONTEXTS:
            msg = f"context must be one of {', '.join(CONTEXTS)}, got {self.context!r}"
            raise ModelError(msg)
        if not 8 <= self.max_tokens <= 512:
            msg = f"max_tokens must be between 8 and 512, got {self.max_tokens}"
            raise ModelError(msg)


@dataclass(frozen=True, slots=True)
class FacetCalibration:
    """Platt scaling of one facet and its decision threshold.

    The calibrated probability is ``sigmoid(scale * logit + bias)``; the facet holds when it is at least ``threshold``.
    """

    scale: float = 1.0
    bias: float = 0.0
    threshold: float = 0.5

    def __post_init__(self) -> None:
        numbers = (self.scale, self.bias, self.threshold)
        if not all(isinstance(n, (int, float)) and math.isfinite(n) for n in numbers) or not 0 <= self.threshold <= 1:
            msg = f"scale and bias must be finite numbers and the threshold one from 0 to 1, got {numbers}"
            raise ModelError(msg)


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """All of ``claimstance.json``.

    Attributes:
        name: Name of the model, for people.
        input: How sentences become tokens.
        calibration: One entry a facet, keys as in ``FACETS``.
        files: SHA-256 (hex) of each file of the folder that prediction reads.
        training: How the model came to be: base encoder, data hash, configuration, versions. Not read by prediction.
        format_version: Version of this layout.
        labels: Must equal ``LABELS``.
    """

    name: str
    input: InputSettings = field(default_factory=InputSettings)
    calibration: dict[str, FacetCalibration] = field(default_factory=lambda: {f: FacetCalibration() for f in FACETS})
    files: dict[str, str] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    format_version: int = FORMAT_VERSION
    labels: tuple[str, ...] = LABELS

    def __post_init__(self) -> None:
        if self.format_version != FORMAT_VERSION:
            msg = (
                f"model format {self.format_version} is not supported, this version reads format {FORMAT_VERSION}; "
                "update claimstance or the model"
            )
            raise ModelError(msg)
        if tuple(self.labels) != LABELS:
            msg = f"model labels must be {LABELS} in this order, got {tuple(self.labels)}"
            raise ModelError(msg)
        if set(self.calibration) != set(FACETS):
            msg = f"calibration needs exactly the facets {FACETS}, got {tuple(self.calibration)}"
            raise ModelError(msg)

    @property
    def thresholds(self) -> tuple[float, ...]:
        """Decision thresholds on calibrated facet probabilities, in the order of ``FACETS``."""
        return tuple(self.calibration[f].threshold for f in FACETS)

    @property
    def scales(self) -> tuple[float, ...]:
        """Platt slopes, in the order of ``FACETS``."""
        return tuple(self.calibration[f].scale for f in FACETS)

    @property
    def biases(self) -> tuple[float, ...]:
        """Platt intercepts, in the order of ``FACETS``."""
        return tuple(self.calibration[f].bias for f in FACETS)

    def to_json(self) -> str:
        """Return the settings as indented JSON text, keys in declaration order."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> ModelSettings:
        """Read settings from JSON text.

        Raises:
            ModelError: If the text is not JSON, or has missing or unknown keys or values out of range.
        """
        try:
            data = json.loads(text)
        except ValueError as error:
            msg = f"not valid JSON: {error}"
            raise ModelError(msg) from error
        if not isinstance(data, dict):
            msg = f"settings must be a JSON object, got {type(data).__name__}"
            raise ModelError(msg)
        try:
            if "input" in data:
                data["input"] = _build(InputSettings, data["input"])
            if "calibration" in data:
                data["calibration"] = {k: _build(FacetCalibration, v) for k, v in data["calibration"].items()}
            if "labels" in data:
                data["labels"] = tuple(data["labels"])
            return _build(cls, data)
        except (AttributeError, TypeError) as error:
            msg = f"a value has the wrong kind: {error}"
            raise ModelError(msg) from error


def _build(cls: type[_T], data: Mapping[str, Any]) -> _T:
    known = {f.name for f in fields(cls)}  # type: ignore[arg-type]
    if unknown := set(data) - known:
        msg = f"unknown keys {sorted(unknown)}, allowed are {sorted(known)}"
        raise ModelError(msg)
    try:
        return cls(**data)
    except TypeError as error:
        msg = f"{cls.__name__}: {error}"
        raise ModelError(msg) from error
