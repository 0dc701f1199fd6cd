"""The ranges of what enters the matrix products: what constant int8 scales are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from claimstance.model.batching import length_batches, pad
from claimstance.train.graph import LeanNetwork

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_TOKEN_BUDGET = 2048


def channel_ranges(model: Any, ids: Sequence[Sequence[int]]) -> dict[str, NDArray[np.float32]]:
    """Return least and greatest values over all tokens of some sentences.

    Args:
        model: A classifier that ``LeanNetwork`` knows, in evaluation mode.
        ids: Token ids of training sentences, ragged.

    Returns:
        ``<name>.low`` and ``<name>.high``, shape (channels,), for the joint query, key and value, the
        attention's output and the first feed-forward product of each layer.
    """
    lean = LeanNetwork(model).eval()
    found: dict[str, NDArray[np.float32]] = {}
    handles = [module.register_forward_pre_hook(_watch(name, found)) for name, module in _products(lean)]
    try:
        with torch.inference_mode():
            for rows in length_batches([len(row) for row in ids], _TOKEN_BUDGET):
                batch = torch.from_numpy(pad([ids[i] for i in rows]))
                lean(batch, torch.ones_like(batch))
    finally:
        for handle in handles:
            handle.remove()
    return found


def _products(lean: LeanNetwork) -> list[tuple[str, torch.nn.Module]]:
    found: list[tuple[str, torch.nn.Module]] = []
    products = {
        lean.names.attention: lean.projections,
        lean.names.attention_output: lean.attention_outputs,
        lean.names.intermediate: lean.intermediates,
    }
    for name, modules in products.items():
        found += [(f"{lean.names.layer(i)}.{name}", module) for i, module in enumerate(modules)]
    return found


def _watch(name: str, found: dict[str, NDArray[np.float32]]) -> Any:
    def hook(_module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        values = inputs[0].flatten(0, -2)
        low, high = values.amin(0).numpy(), values.amax(0).numpy()
        found[f"{name}.low"] = np.minimum(found.get(f"{name}.low", low), low)
        found[f"{name}.high"] = np.maximum(found.get(f"{name}.high", high), high)

    return hook
