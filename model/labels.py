"""The four labels, the three facets they derive from, and the arithmetic between them.

The network's classification head has one logit a label, ``z = (z_fact, z_quote, z_threat, z_forecast)``. The three
facets are read off these logits by breaking the stick in the order of precedence:

    P(threat facet)   = sigmoid(z_threat   - log(exp z_fact + exp z_quote + exp z_forecast))
    P(forecast facet) = sigmoid(z_forecast - log(exp z_fact + exp z_quote))
    P(quote facet)    = sigmoid(z_quote    - z_fact)

Each facet is trained with its own binary cross-entropy on every sentence, so the three stay independent yes/no
questions. From facet probabilities ``q, t, f`` the distribution over the four labels is

    P(threat) = t    P(forecast) = (1-t) f    P(quote) = (1-t)(1-f) q    P(fact) = (1-t)(1-f)(1-q)

which sums to 1 and, uncalibrated, equals ``softmax(z)`` exactly. A plain Hugging Face pipeline that knows nothing of
facets therefore shows the same four probabilities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

Label = Literal["fact", "quote", "threat", "forecast"]
Facet = Literal["quote", "threat", "forecast"]

LABELS: tuple[Label, ...] = ("fact", "quote", "threat", "forecast")
"""Label names in the order of the model's outputs. Never derived from data."""

FACETS: tuple[Facet, ...] = ("quote", "threat", "forecast")
"""The yes/no questions that the network answers, in the order of every facet array."""

PRECEDENCE: tuple[Label, ...] = ("threat", "forecast", "quote", "fact")
"""The label of a sentence is the first of these that holds; fact when no facet does."""

FACET_CODES: dict[str, Facet] = {"Q": "quote", "T": "threat", "F": "forecast"}
"""The letters that annotations use for facets."""


def codes_to_facets(codes: str) -> tuple[bool, bool, bool]:
    """Return which facets hold, in the order of ``FACETS``, for annotation codes such as ``"QF"`` or ``"-"``.

    Raises:
        ValueError: If ``codes`` is neither ``"-"`` nor distinct letters out of Q, T, F.
    """
    letters = "" if codes == "-" else codes
    if (not letters and codes != "-") or len(set(letters)) != len(letters) or not set(letters) <= set(FACET_CODES):
        msg = f"annotation codes must be '-' or distinct letters of 'QTF', got {codes!r}"
        raise ValueError(msg)
    return ("Q" in letters, "T" in letters, "F" in letters)


def facets_to_label(facets: Sequence[bool]) -> Label:
    """Return the label that three facet decisions (order of ``FACETS``) give by precedence."""
    quote, threat, forecast = facets
    return "threat" if threat else "forecast" if forecast else "quote" if quote else "fact"


def facet_logits(logits: ArrayLike) -> NDArray[np.float64]:
    """Turn label logits of shape (n, 4) into facet logits of shape (n, 3), in the order of ``FACETS``."""
    z = np.asarray(logits, dtype=np.float64)
    fact, quote, threat, forecast = np.moveaxis(z, -1, 0)
    spoken = np.logaddexp(fact, quote)
    return np.stack([quote - fact, threat - np.logaddexp(spoken, forecast), forecast - spoken], axis=-1)


def sigmoid(x: ArrayLike) -> NDArray[np.float64]:
    """Return the logistic function of ``x``, without overflow for large magnitudes."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * np.asarray(x, dtype=np.float64))))


def label_distribution(facet_probabilities: ArrayLike) -> NDArray[np.float64]:
    """Turn facet probabilities (n, 3) into label probabilities (n, 4) that sum to 1 in each row (see the module)."""
    quote, threat, forecast = np.moveaxis(np.asarray(facet_probabilities, dtype=np.float64), -1, 0)
    rest = 1.0 - threat
    spoken = rest * (1.0 - forecast)
    return np.stack([spoken * (1.0 - quote), spoken * quote, threat, rest * forecast], axis=-1)


def decide(
    facet_probabilities: ArrayLike, thresholds: ArrayLike = (0.5, 0.5, 0.5)
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Apply thresholds and precedence.

    Args:
        facet_probabilities: Shape (n, 3), order of ``FACETS``.
        thresholds: Shape (3,); a facet holds when its probability is at least its threshold.

    Returns:
        The index into ``LABELS`` of each row, shape (n,), and which facets hold, shape (n, 3).
    """
    holds = np.asarray(facet_probabilities) >= np.asarray(thresholds)
    quote, threat, forecast = np.moveaxis(holds, -1, 0)
    index = np.select(
        [threat, forecast, quote],
        [LABELS.index("threat"), LABELS.index("forecast"), LABELS.index("quote")],
        LABELS.index("fact"),
    )
    return index.astype(np.intp), holds
