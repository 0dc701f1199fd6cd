"""A BERT sentence classifier as an OpenVINO graph, straight from ``config.json`` and ``model.safetensors``.

The arithmetic is that of ``claimstance.train.graph``: query, key and value come from one matrix, the attention scale is
folded into the query, the single segment's embedding into the positions, and the last layer is computed for the first
token only, since the head reads no other. With ranges, those products are in int8 that lose least by it: the
projections of the attention and the first of the feed-forward's two. A few of the tokens that enter the second have
values far above those of all others, which one scale cannot serve (``docs/decisions/0005-engines.md``).
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import openvino as ov
from openvino import opset13 as ops
from safetensors.numpy import load_file

from claimstance.model.engines.openvino_int8 import affine_int8
from claimstance.model.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

MASKED = -1e4
"""Added to the attention scores of padding, as in the exported ONNX file."""


def build_bert(config: Path, weights: Path, ranges: Path | None = None) -> ov.Model:
    """Return the graph with inputs ids and mask, int64 (n, length), and one output, logits (n, 4).

    Args:
        config: ``config.json`` of a ``BertForSequenceClassification``.
        weights: Its ``model.safetensors``, in any float precision.
        ranges: For int8, a safetensors file with ``<name>.low`` and ``<name>.high``, shape (channels,), of what enters
            the products ``<name>``, such as ``bert.encoder.layer.0.intermediate.dense``; None for none in int8.

    Raises:
        ModelError: If the architecture is another, or a weight is missing.
    """
    settings = json.loads(config.read_text(encoding="utf-8"))
    kind, activation = settings.get("model_type"), settings.get("hidden_act", "gelu")
    if kind != "bert" or activation != "gelu":
        msg = f"{config}: the openvino engine knows bert with gelu, got {kind!r} with {activation!r}; use another"
        raise ModelError(msg)
    try:
        return _Bert(settings, load_file(weights), load_file(ranges) if ranges else {}).model()
    except KeyError as error:
        msg = f"{weights} has no weight {error}; it is no complete BertForSequenceClassification"
        raise ModelError(msg) from error


class _Bert:
    def __init__(
        self, config: dict[str, Any], weights: dict[str, NDArray[Any]], ranges: dict[str, NDArray[np.float32]]
    ) -> None:
        self.weights, self.ranges = weights, ranges
        self.size = int(config["hidden_size"])
        self.heads = int(config["num_attention_heads"])
        self.layers = int(config["num_hidden_layers"])
        self.epsilon = float(config.get("layer_norm_eps", 1e-12))

    def model(self) -> ov.Model:
        ids = ops.parameter([-1, -1], np.int64, name="input_ids")
        mask = ops.parameter([-1, -1], np.int64, name="attention_mask")
        hidden = self._embed(ids)
        flags = ops.unsqueeze(ops.convert(mask, np.float32), _ints([1, 2]))
        bias = ops.multiply(ops.subtract(_floats(1.0), flags), _floats(MASKED))
        for i in range(self.layers):
            hidden = self._layer(f"bert.encoder.layer.{i}", hidden, bias, first_only=i == self.layers - 1)
        first = ops.squeeze(hidden, _ints([1]))
        pooled = ops.tanh(self._linear("bert.pooler.dense", first))
        return ov.Model([self._linear("classifier", pooled)], [ids, mask], "claimstance")

    def _float(self, name: str) -> NDArray[np.float32]:
        return np.asarray(self.weights[name], dtype=np.float32)

    def _embed(self, ids: ov.Node) -> ov.Node:
        embeddings = "bert.embeddings"
        segment = self._float(f"{embeddings}.token_type_embeddings.weight")[0]
        table = self._float(f"{embeddings}.position_embeddings.weight") + segment
        length = ops.gather(ops.shape_of(ids), _ints([1]), _ints(0))
        positions = ops.slice(_floats(table), _ints([0]), length, _ints([1]), _ints([0]))
        words = ops.gather(_floats(self._float(f"{embeddings}.word_embeddings.weight")), ids, _ints(0))
        return self._norm(f"{embeddings}.LayerNorm", ops.add(words, positions))

    def _layer(self, name: str, hidden: ov.Node, bias: ov.Node, *, first_only: bool) -> ov.Node:
        attention = f"{name}.attention"
        query, key, value = self._project(f"{attention}.self", hidden)
        if first_only:
            query, hidden = _first(query, axis=2), _first(hidden, axis=1)
        scores = ops.add(ops.matmul(query, key, False, True), bias)
        mixed = ops.transpose(ops.matmul(ops.softmax(scores, -1), value, False, False), _ints([0, 2, 1, 3]))
        joined = ops.reshape(mixed, _ints([0, 0, self.size]), special_zero=True)
        attended = self._norm(
            f"{attention}.output.LayerNorm", ops.add(self._linear(f"{attention}.output.dense", joined), hidden)
        )
        grown = ops.gelu(self._linear(f"{name}.intermediate.dense", attended), "erf")
        return self._norm(f"{name}.output.LayerNorm", ops.add(self._linear(f"{name}.output.dense", grown), attended))

    def _project(self, name: str, hidden: ov.Node) -> list[ov.Node]:
        """Return query, key and value, each (n, heads, length, size / heads)."""
        width = self.size // self.heads
        scales = {"query": 1.0 / math.sqrt(width), "key": 1.0, "value": 1.0}
        weight = np.concatenate([self._float(f"{name}.{part}.weight") * s for part, s in scales.items()])
        bias = np.concatenate([self._float(f"{name}.{part}.bias") * s for part, s in scales.items()])
        joint = self._affine(name, hidden, weight.astype(np.float32), bias.astype(np.float32))
        parts = ops.transpose(
            ops.reshape(joint, _ints([0, 0, 3, self.heads, width]), special_zero=True), _ints([2, 0, 3, 1, 4])
        )
        return [ops.gather(parts, _ints(i), _ints(0)) for i in range(3)]

    def _linear(self, name: str, hidden: ov.Node) -> ov.Node:
        return self._affine(name, hidden, self._float(f"{name}.weight"), self._float(f"{name}.bias"))

    def _affine(self, name: str, hidden: ov.Node, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> ov.Node:
        if f"{name}.low" in self.ranges:
            return affine_int8(hidden, weight, bias, self.ranges[f"{name}.low"], self.ranges[f"{name}.high"])
        return ops.add(ops.matmul(hidden, _floats(weight), False, True), _floats(bias))

    def _norm(self, name: str, hidden: ov.Node) -> ov.Node:
        centred = ops.mvn(hidden, _ints([-1]), True, self.epsilon, "inside_sqrt")
        scaled = ops.multiply(centred, _floats(self._float(f"{name}.weight")))
        return ops.add(scaled, _floats(self._float(f"{name}.bias")))


def _first(node: ov.Node, axis: int) -> ov.Node:
    return ops.slice(node, _ints([0]), _ints([1]), _ints([1]), _ints([axis]))


def _ints(value: Any) -> ov.Node:
    return ops.constant(np.asarray(value, dtype=np.int64))


def _floats(value: Any) -> ov.Node:
    return ops.constant(np.asarray(value, dtype=np.float32))
