"""The network as it is exported: the same function as the Hugging Face classifier with less arithmetic.

Query, key and value come from one matrix, the attention scale is folded into the query, the single segment's embedding
into the positions, and the last layer is computed for the first token only, since the head reads no other. The graph
holds plain matrix products, which ONNX Runtime quantises and runs faster than its fused attention operators.
"""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional

from claimstance.model.engines.architectures import architecture_of, max_positions, relative_bias_table
from claimstance.model.engines.smoothing import smoothing_factors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ranges = dict[str, NDArray[np.float32]]

MASKED = -1e4
"""Added to the attention scores of padding; large enough to vanish in the softmax, small enough for any precision."""


class SmoothedLinear(torch.nn.Module):
    """The same affine map of an input whose channels are first brought to like ranges around zero.

    Args:
        linear: The map.
        low: Shape (k,), least value of each input channel.
        high: Shape (k,), greatest value.
    """

    def __init__(self, linear: torch.nn.Linear, low: NDArray[np.float32], high: NDArray[np.float32]) -> None:
        super().__init__()
        weight = linear.weight.detach().numpy()
        middle, factors = (low + high) / 2, smoothing_factors(weight, low, high)
        self.scale = torch.nn.Parameter(torch.from_numpy(1 / factors))
        self.shift = torch.nn.Parameter(torch.from_numpy(-middle / factors))
        self.linear = torch.nn.Linear(linear.in_features, linear.out_features)
        self.linear.weight.data = torch.from_numpy(weight * factors)
        self.linear.bias.data = linear.bias.detach() + torch.from_numpy(weight @ middle)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """Return the map of ``hidden``, shape (..., k)."""
        result: torch.Tensor = self.linear(hidden * self.scale + self.shift)
        return result


class LeanNetwork(torch.nn.Module):
    """A BERT or MPNet classifier for single-segment input, rearranged.

    Args:
        model: A ``BertForSequenceClassification`` or ``MPNetForSequenceClassification`` in evaluation mode.
        ranges: What ``channel_ranges`` returned: the products that it names get smoothed inputs, for int8; None for
            none.

    Raises:
        ModelError: If the architecture is another.
    """

    def __init__(self, model: Any, ranges: Ranges | None = None) -> None:
        super().__init__()
        config = model.config.to_dict()
        self.names = names = architecture_of(config, "ONNX export")
        self.max_positions = max_positions(config, names)
        self.heads, self.size = model.config.num_attention_heads, model.config.hidden_size
        embeddings = model.get_submodule(names.encoder).embeddings
        self.words, self.norm = embeddings.word_embeddings, embeddings.LayerNorm
        positions = embeddings.position_embeddings.weight[names.first_position :]
        if names.segments:
            positions = positions + embeddings.token_type_embeddings.weight[0]
        self.positions = torch.nn.Parameter(positions.detach())
        self.layers = model.get_submodule(names.encoder).encoder.layer
        self.projections = self._products(names.attention, [self._projection(each) for each in self.layers], ranges)
        self.attention_outputs = self._products(names.attention_output, self._parts(names.attention_output), ranges)
        self.intermediates = self._products(names.intermediate, self._parts(names.intermediate), ranges)
        # A copy of its own, for the export to know it by its name.
        self.first_output = copy.deepcopy(self.layers[0].get_submodule(names.output))
        self.pooler, self.head = model.get_submodule(names.pooler), model.get_submodule(names.head)
        self.relative_bias: torch.nn.Parameter | None = None
        if names.relative_bias:
            weights = model.get_submodule(names.relative_bias).weight.detach().float().numpy()
            self.relative_bias = torch.nn.Parameter(torch.from_numpy(relative_bias_table(weights, self.max_positions)))

    def _parts(self, name: str) -> list[torch.nn.Linear]:
        return [layer.get_submodule(name) for layer in self.layers]

    def _products(self, name: str, linears: list[torch.nn.Linear], ranges: Ranges | None) -> torch.nn.ModuleList:
        found = torch.nn.ModuleList()
        for i, linear in enumerate(linears):
            full = f"{self.names.layer(i)}.{name}"
            if ranges is None:
                found.append(linear)
            else:
                found.append(SmoothedLinear(linear, ranges[f"{full}.low"], ranges[f"{full}.high"]))
        return found

    def _projection(self, layer: Any) -> torch.nn.Linear:
        scale = 1.0 / math.sqrt(self.size // self.heads)
        parts = [layer.get_submodule(name) for name in self.names.projections]
        joint = torch.nn.Linear(self.size, 3 * self.size)
        joint.weight.data = torch.cat([p.weight * s for p, s in zip(parts, (scale, 1.0, 1.0), strict=True)])
        joint.bias.data = torch.cat([p.bias * s for p, s in zip(parts, (scale, 1.0, 1.0), strict=True)])
        return joint

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Return label logits (n, 4) for ids and mask of shape (n, length)."""
        hidden = self.norm(self.words(input_ids) + self.positions[: input_ids.shape[1]])
        bias = ((1.0 - attention_mask.float()) * MASKED)[:, None, None, :]
        if self.relative_bias is not None:
            places = torch.arange(input_ids.shape[1])
            bias = bias + self.relative_bias[:, places[None, :] - places[:, None] + (self.max_positions - 1)]
        last = len(self.layers) - 1
        for i, projection in enumerate(self.projections):
            query, key, value = self._split(projection(hidden))
            if i == last:
                query, hidden, bias = query[:, :, :1], hidden[:, :1], bias[:, :, :1]
            weights = torch.softmax(query @ key.transpose(-1, -2) + bias, -1)
            mixed = (weights @ value).transpose(1, 2).reshape(hidden.shape[0], -1, self.size)
            hidden = self._transform(i, hidden, mixed)
        result: torch.Tensor = self.head(torch.tanh(self.pooler(hidden[:, 0])))
        return result

    def _split(self, joint: torch.Tensor) -> torch.Tensor:
        """Turn (n, length, 3 * size) into query, key and value of shape (n, heads, length, size / heads)."""
        parts = joint.view(joint.shape[0], joint.shape[1], 3, self.heads, self.size // self.heads)
        return parts.permute(2, 0, 3, 1, 4)

    def _transform(self, index: int, hidden: torch.Tensor, mixed: torch.Tensor) -> torch.Tensor:
        names, layer = self.names, self.layers[index]
        attended = layer.get_submodule(names.attention_norm)(self.attention_outputs[index](mixed) + hidden)
        activation = functional.gelu(self.intermediates[index](attended))
        output = self.first_output(activation) if index == 0 else layer.get_submodule(names.output)(activation)
        result: torch.Tensor = layer.get_submodule(names.output_norm)(output + attended)
        return result
