"""What the encoders that the CPU engines compute call their parts, and where they differ.

Both are stacks of the same layers (attention, feed-forward, each followed by a layer norm); MPNet (Song et al. 2020,
arXiv:2004.09297) has no segments, counts positions from 2, and adds to each attention score a number for the distance
between the two tokens, which its layers share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

FARTHEST = 128
"""Distance in tokens from which on MPNet tells distances apart no more."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """Names of modules: of the whole model those of the first group, within one layer those of the second.

    Attributes:
        encoder: The encoder.
        pooler: The first of the two products on the first token's state, before the tanh.
        head: The second, which gives the label logits.
        attention: What holds query, key and value; names their joint product in the ranges of int8.
        projections: Query, key and value.
        attended: The product after the attention.
        attended_norm: The layer norm after it.
        grown: The first feed-forward product.
        shrunk: The second.
        shrunk_norm: The layer norm after it.
        first_position: Row of the position table for the first token.
        segments: Whether each token also gets its segment's embedding.
        distances: The table of a number a bucket of distances and head, "" if there is none.
    """

    encoder: str
    pooler: str
    head: str
    attention: str
    projections: tuple[str, str, str]
    attended: str
    attended_norm: str = "attention.output.LayerNorm"
    grown: str = "intermediate.dense"
    shrunk: str = "output.dense"
    shrunk_norm: str = "output.LayerNorm"
    first_position: int = 0
    segments: bool = False
    distances: str = ""

    def layer(self, index: int) -> str:
        """Return the name of a layer."""
        return f"{self.encoder}.encoder.layer.{index}"


ARCHITECTURES: dict[str, Architecture] = {
    "bert": Architecture(
        encoder="bert",
        pooler="bert.pooler.dense",
        head="classifier",
        attention="attention.self",
        projections=("attention.self.query", "attention.self.key", "attention.self.value"),
        attended="attention.output.dense",
        segments=True,
    ),
    "mpnet": Architecture(
        encoder="mpnet",
        pooler="classifier.dense",
        head="classifier.out_proj",
        attention="attention.attn",
        projections=("attention.attn.q", "attention.attn.k", "attention.attn.v"),
        attended="attention.attn.o",
        attended_norm="attention.LayerNorm",
        first_position=2,
        distances="mpnet.encoder.relative_attention_bias",
    ),
}
"""By ``model_type`` of ``config.json``."""


def distance_table(buckets: ArrayLike, longest: int) -> NDArray[np.float32]:
    """Return what is added to the scores of two tokens, by the distance from the first to the second.

    Args:
        buckets: Shape (buckets, heads): the weights of ``Architecture.distances``.
        longest: Most tokens of an input.

    Returns:
        Shape (heads, 2 * longest - 1); column ``longest - 1 + d`` is for a second token that stands d after the first.
    """
    weights = np.asarray(buckets, dtype=np.float32)
    return np.ascontiguousarray(weights[distance_buckets(np.arange(1 - longest, longest), len(weights))].T)


def distance_buckets(distances: NDArray[np.int64], buckets: int) -> NDArray[np.int64]:
    """Return the bucket of each distance: a half for either direction, near ones apart, far ones by their logarithm.

    Raffel et al. (2020), "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer", 2.1.
    """
    half = buckets // 2
    exact = half // 2
    size = np.abs(distances)
    ratio = np.log(np.maximum(size, 1) / exact) / np.log(FARTHEST / exact)
    far = np.minimum(exact + (ratio * (half - exact)).astype(np.int64), half - 1)
    return np.where(distances > 0, half, 0) + np.where(size < exact, size, far)
