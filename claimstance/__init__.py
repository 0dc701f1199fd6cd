"""Labels each sentence of a news article as a fact, a quote, a threat or a forecast."""

from __future__ import annotations

from pkgutil import extend_path
from typing import TYPE_CHECKING, Any

# In a clone this folder hides the installed package from `python -c`; extended, its path finds the rest there.
__path__ = extend_path(__path__, __name__)

__version__ = "0.1.0"
__all__ = ["FACETS", "LABELS", "Prediction", "Predictor", "SentencePrediction", "__version__", "segment"]

if TYPE_CHECKING:
    from claimstance.model.labels import FACETS, LABELS
    from claimstance.model.predictor import Predictor
    from claimstance.model.results import Prediction, SentencePrediction
    from claimstance.model.segment import segment

_HOME = {
    "FACETS": "labels",
    "LABELS": "labels",
    "Prediction": "results",
    "Predictor": "predictor",
    "SentencePrediction": "results",
    "segment": "segment",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that importing the package stays instant."""
    if name not in _HOME:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module

    value = getattr(import_module(f"claimstance.model.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
