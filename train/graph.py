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

MASKED = -1e4
"""Added to the attention scores of padding; large enough to vanish in the softmax, small enough for any precision."""


class LeanBert(torch.nn.Module):
    """A BERT classifier for single-segment input, rearranged.

    Args:
        model: A ``BertForSequenceClassification`` in evaluation mode.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        bert, size = model.bert, model.config.hidden_size
        self.heads, self.size = model.config.num_attention_heads, size
        self.words, self.norm = bert.embeddings.word_embeddings, bert.embeddings.LayerNorm
        self.positions = torch.nn.Parameter(
            bert.embeddings.position_embeddings.weight + bert.embeddings.token_type_embeddings.weight[0]
        )
        self.layers = bert.encoder.layer
        self.projections = torch.nn.ModuleList(self._projection(layer.attention.self) for layer in self.layers)
        self.pooler, self.head = bert.pooler.dense, model.classifier

    def _projection(self, attention: Any) -> torch.nn.Linear:
        scale = 1.0 / math.sqrt(self.size // self.heads)
        parts = (attention.query, attention.key, attention.value)
        joint = torch.nn.Linear(self.size, 3 * self.size)
        joint.weight.data = torch.cat([p.weight * s for p, s in zip(parts, (scale, 1.0, 1.0), strict=True)])
        joint.bias.data = torch.cat([p.bias * s for p, s in zip(parts, (scale, 1.0, 1.0), strict=True)])
        return joint

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Return label logits (n, 4) for ids and mask of shape (n, length)."""
        hidden = self.norm(self.words(input_ids) + self.positions[: input_ids.shape[1]])
        bias = ((1.0 - attention_mask.float()) * MASKED)[:, None, None, :]
        last = len(self.layers) - 1
        for i, (layer, projection) in enumerate(zip(self.layers, self.projections, strict=True)):
            query, key, value = self._split(projection(hidden))
            if i == last:
                query, hidden = query[:, :, :1], hidden[:, :1]
            weights = torch.softmax(query @ key.transpose(-1, -2) + bias, -1)
            mixed = (weights @ value).transpose(1, 2).reshape(hidden.shape[0], -1, self.size)
            hidden = self._transform(layer, hidden, mixed)
        result: torch.Tensor = self.head(torch.tanh(self.pooler(hidden[:, 0])))
        return result

    def _split(self, joint: torch.Tensor) -> torch.Tensor:
        """Turn (n, length, 3 * size) into query, key and value of shape (n, heads, length, size / heads)."""
        parts = joint.view(joint.shape[0], joint.shape[1], 3, self.heads, self.size // self.heads)
        return parts.permute(2, 0, 3, 1, 4)

    @staticmethod
    def _transform(layer: Any, hidden: torch.Tensor, mixed: torch.Tensor) -> torch.Tensor:
        attended = layer.attention.output.LayerNorm(layer.attention.output.dense(mixed) + hidden)
        grown = functional.gelu(layer.intermediate.dense(attended))
        result: torch.Tensor = layer.output.LayerNorm(layer.output.dense(grown) + attended)
        return result
