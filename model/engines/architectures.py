"""What the encoders that the CPU engines compute call their parts, and where they differ.

Both are stacks of the same layers (attention, feed-forward, each followed by a layer norm); MPNet (Song et al. 2020,
arXiv:2004.09297) has no segments, counts positions from 2, and adds to each attention score a number for the distance
between the two tokens, which its layers share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from claimstance.model.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

BUCKETS, MAX_DISTANCE = 32, 128
"""MPNet's buckets of distances, and the distance in tokens from which on it tells them apart no more."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """Names of modules: of the whole model those of the first group, within one layer those of the second.

    Attributes:
        encoder: The encoder.
        pooler: The first of the two products on the first token's state, before the tanh.
        head: The second, which gives the label logits.
        attention: What holds query, key and value; names their joint product in the ranges of int8.
        projections: Query, key and value.
        attention_output: The product after the attention.
        attention_norm: The layer norm after it.
        intermediate: The first feed-forward product.
        output: The second.
        output_norm: The layer norm after it.
        first_position: Row of the position table for the first token.
        segments: Whether each token also gets its segment's embedding.
        relative_bias: The table of a number a bucket of distances and head, "" if there is none.
    """

    encoder: str
    pooler: str
    head: str
    attention: str
    projections: tuple[str, str, str]
    attention_output: str
    attention_norm: str = "attention.output.LayerNorm"
    intermediate: str = "intermediate.dense"
    output: str = "output.dense"
    output_norm: str = "output.LayerNorm"
    first_position: int = 0
    segments: bool = False
    relative_bias: str = ""

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
        attention_output="attention.output.dense",
        segments=True,
    ),
    "mpnet": Architecture(
        encoder="mpnet",
        pooler="classifier.dense",
        head="classifier.out_proj",
        attention="attention.attn",
        projections=("attention.attn.q", "attention.attn.k", "attention.attn.v"),
        attention_output="attention.attn.o",
        attention_norm="attention.LayerNorm",
        first_position=2,
        relative_bias="mpnet.encoder.relative_attention_bias",
    ),
}
"""By ``model_type`` of ``config.json``."""


def architecture_of(config: Mapping[str, Any], user: str) -> Architecture:
    """Return the architecture that a ``config.json`` describes.

    Args:
        config: The parsed file.
        user: Who wants to know, for the message.

    Raises:
        ModelError: If it is none of ``ARCHITECTURES``, or departs from what is computed here.
    """
    kind, activation = config.get("model_type"), config.get("hidden_act", "gelu")
    buckets = config.get("relative_attention_num_buckets", BUCKETS)
    if kind not in ARCHITECTURES or activation != "gelu" or buckets != BUCKETS:
        known = " and ".join(ARCHITECTURES)
        odd = f" and {buckets} buckets of distances" if buckets != BUCKETS else ""
        msg = f"{user} knows {known} with gelu, got {kind!r} with {activation!r}{odd}; use engine='torch' with it"
        raise ModelError(msg)
    return ARCHITECTURES[str(kind)]


def max_positions(config: Mapping[str, Any], architecture: Architecture) -> int:
    """Return the most tokens that an input may have."""
    return int(config["max_position_embeddings"]) - architecture.first_position


def relative_bias_table(weights: ArrayLike, max_positions: int) -> NDArray[np.float32]:
    """Return what is added to the scores of two tokens, by the distance from the first to the second.

    Args:
        weights: Shape (buckets, heads): the weights of ``Architecture.relative_bias``.
        max_positions: Most tokens of an input.

    Returns:
        Shape (heads, 2 * max_positions - 1); column ``max_positions - 1 + d`` is for a second token that stands d after
        the first.
    """
    table = np.asarray(weights, dtype=np.float32)
    distances = np.arange(1 - max_positions, max_positions)
    return np.ascontiguousarray(table[relative_buckets(distances, len(table))].T)


def relative_buckets(distances: NDArray[np.int64], buckets: int = BUCKETS) -> NDArray[np.int64]:
    """Return the bucket of each distance: a half for either direction, near ones apart, far ones by their logarithm.

    Raffel et al. (2020), "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer", 2.1.
    """
    half = buckets // 2
    exact = half // 2
    size = np.abs(distances)
    ratio = np.log(np.maximum(size, 1) / exact) / np.log(MAX_DISTANCE / exact)
    far = np.minimum(exact + (ratio * (half - exact)).astype(np.int64), half - 1)
    return np.where(distances > 0, half, 0) + np.where(size < exact, size, far)
