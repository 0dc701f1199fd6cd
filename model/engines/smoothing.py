"""Moving the range of activations into the weights, so that one int8 scale fits all channels.

The idea of SmoothQuant (Xiao et al. 2023, arXiv:2211.10438) with the shift of Outlier Suppression+ (Wei et al. 2023,
arXiv:2304.09145): each input channel is moved to the middle of its range and divided by a factor of its own, which the
weights take back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMOOTHING = 0.9
"""How much of a channel's range moves into the weights."""
_LEAST = 1e-3
"""Half the range of a channel that hardly varies; keeps the factors finite."""


def smoothing_factors(
    weight: NDArray[np.float32], low: NDArray[np.float32], high: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return what each input channel is divided by, shape (k,), with a geometric mean of 1.

    Args:
        weight: Shape (m, k).
        low: Shape (k,), least value of each channel.
        high: Shape (k,), greatest value.
    """
    reach = np.maximum((high - low) / 2, _LEAST)
    strength = np.maximum(np.abs(weight).max(0), 1e-4)
    factors = reach**SMOOTHING / strength ** (1 - SMOOTHING)
    return np.asarray(factors / np.exp(np.log(factors).mean()), dtype=np.float32)
