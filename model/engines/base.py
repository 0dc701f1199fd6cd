"""What every engine does: padded token batches in, label logits out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Engine(Protocol):
    """A loaded network on some device. Safe to call from several threads.

    Attributes:
        name: What ``load_engine`` calls it.
        token_budget: Tokens of a batch at which it is fastest.
    """

    name: str
    token_budget: int

    def logits(
        self, ids: NDArray[np.int64], mask: NDArray[np.int64], type_ids: NDArray[np.int64] | None
    ) -> NDArray[np.float32]:
        """Return label logits of shape (n, 4) for token ids, attention mask and segment ids of shape (n, length)."""
        ...
