"""What abstaining buys: the error that is left when the least confident answers are withheld."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """A risk-coverage curve (El-Yaniv and Wiener, 2010).

    Attributes:
        coverage: Share of sentences answered at each confidence threshold, ascending, up to 1.
        risk: Share of the answered that are wrong.
        confidence: The threshold that gives this coverage.
        area: Mean risk over all coverages; 0 is perfect, the overall error rate is no better than chance ranking.
    """

    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]
    confidence: NDArray[np.float64]
    area: float

    def at(self, coverage: float) -> float:
        """Return the risk at the smallest attainable coverage that is at least ``coverage``."""
        return float(self.risk[np.searchsorted(self.coverage, coverage - 1e-12)])


def risk_coverage(right: NDArray[np.bool_], confidence: NDArray[np.float64]) -> RiskCoverage:
    """Compute the curve.

    Args:
        right: Shape (n,), whether each label is right.
        confidence: Shape (n,), the probability of the predicted label. Equal values are answered or withheld together.
    """
    order = np.argsort(-confidence, kind="stable")
    ordered = confidence[order]
    ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    wrong = (~right[order]).cumsum()[ends]
    coverage = (ends + 1) / len(ordered)
    risk = wrong / (ends + 1)
    area = float((risk * np.diff(coverage, prepend=0.0)).sum())
    return RiskCoverage(coverage, risk, ordered[ends], area)
