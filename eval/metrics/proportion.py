"""How sure one can be of a proportion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def wilson_interval(
    hits: ArrayLike, n: ArrayLike, z: float = 1.959964
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ends of Wilson's interval of proportions (Wilson, 1927); it takes the trials as independent.

    Args:
        hits: Successes, of any shape.
        n: Trials, at least 1, of the same shape.
        z: Quantile of the normal distribution; 95% by default.

    Returns:
        Lower and upper ends, within 0 and 1, with the proportion between them.
    """
    trials = np.asarray(n, dtype=np.float64)
    share = np.asarray(hits, dtype=np.float64) / trials
    middle = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z * np.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2)) / (1 + z**2 / trials)
    # Rounding would otherwise leave the proportion outside by a hair at 0 and 1.
    return np.clip(middle - half, 0.0, share), np.clip(middle + half, share, 1.0)
