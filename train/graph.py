"""The network as it is exported: the same function as the Hugging Face classifier with less arithmetic.

Query, key and value come from one matrix, the attention scale is folded into the query, the single segment's embedding
into the positions, and the last layer is computed for the first token only, since the head reads no other. The graph
holds plain matrix products, which ONNX Runtime quantises and runs faster than its fused attention operators.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch.nn import functional

from claimstance.model.engines.architectures import architecture_of, max_positions, relative_bias_table

MASKED = -1e4
"""Added to the attention scores of padding; large enough to vanish in the softmax, small enough for any precision."""


class LeanNetwork(torch.nn.Module):
    """A BERT or MPNet classifier for single-segment input, rearranged.

    Args:
        model: A ``BertForSequenceClassification`` or ``MPNetForSequenceClassification`` in evaluation mode.

    Raises:
        ModelError: If the architecture is another.
    """

    def __init__(self, model: Any) -> None:
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
        self.projections = torch.nn.ModuleList(self._projection(layer) for layer in self.layers)
        self.pooler, self.head = model.get_submodule(names.pooler), model.get_submodule(names.head)
        self.relative_bias: torch.nn.Parameter | None = None
        if names.relative_bias:
            weights = model.get_submodule(names.relative_bias).weight.detach().float().numpy()
            self.relative_bias = torch.nn.Parameter(torch.from_numpy(relative_bias_table(weights, self.max_positions)))

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
        for i, (layer, projection) in enumerate(zip(self.layers, self.projections, strict=True)):
            query, key, value = self._split(projection(hidden))
            if i == last:
                query, hidden, bias = query[:, :, :1], hidden[:, :1], bias[:, :, :1]
            weights = torch.softmax(query @ key.transpose(-1, -2) + bias, -1)
            mixed = (weights @ value).transpose(1, 2).reshape(hidden.shape[0], -1, self.size)
            hidden = self._transform(layer, hidden, mixed)
        result: torch.Tensor = self.head(torch.tanh(self.pooler(hidden[:, 0])))
        return result

    def _split(self, joint: torch.Tensor) -> torch.Tensor:
        """Turn (n, length, 3 * size) into query, key and value of shape (n, heads, length, size / heads)."""
        parts = joint.view(joint.shape[0], joint.shape[1], 3, self.heads, self.size // self.heads)
        return parts.permute(2, 0, 3, 1, 4)

    def _transform(self, layer: Any, hidden: torch.Tensor, mixed: torch.Tensor) -> torch.Tensor:
        names = self.names
        attended = layer.get_submodule(names.attention_norm)(
            layer.get_submodule(names.attention_output)(mixed) + hidden
        )
        grown = functional.gelu(layer.get_submodule(names.intermediate)(attended))
        output = layer.get_submodule(names.output)(grown)
        result: torch.Tensor = layer.get_submodule(names.output_norm)(output + attended)
        return result
