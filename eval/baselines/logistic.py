"""Three logistic regressions, one a facet, on whatever features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from claimstance.model.labels import FACETS

if TYPE_CHECKING:
    from numpy.typing import NDArray


class FacetRegressions:
    """Independent logistic regressions for the three facets.

    Args:
        inverse_regularisation: ``C`` of scikit-learn.
    """

    def __init__(self, inverse_regularisation: float) -> None:
        self._strength = inverse_regularisation
        self._models: list[Any] = []

    def fit(self, features: Any, facets: NDArray[np.bool_]) -> None:
        """Fit on features (n, d), dense or sparse, and facets (n, 3). A facet that never varies gets its rate."""
        from sklearn.linear_model import LogisticRegression

        self._models = []
        for f in range(len(FACETS)):
            target = facets[:, f]
            constant = target.all() or not target.any()
            model = LogisticRegression(C=self._strength, max_iter=2000)
            self._models.append(float(target.mean()) if constant else model.fit(features, target))

    def probabilities(self, features: Any) -> NDArray[np.float64]:
        """Return facet probabilities, shape (n, 3)."""
        n = features.shape[0]
        columns = [np.full(n, m) if isinstance(m, float) else m.predict_proba(features)[:, 1] for m in self._models]
        return np.stack(columns, axis=1)
