"""A BERT or MPNet sentence classifier as an OpenVINO graph, straight from ``config.json`` and ``model.safetensors``.

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

from claimstance.model.engines.architectures import architecture_of, max_positions, relative_bias_table
from claimstance.model.engines.openvino_int8 import affine_int8
from claimstance.model.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from claimstance.model.engines.architectures import Architecture

MASKED = -1e4
"""Added to the attention scores of padding, as in the exported ONNX file."""


def build_graph(config: Path, weights: Path, ranges: Path | None = None) -> ov.Model:
    """Return the graph with inputs ids and mask, int64 (n, length), and one output, logits (n, 4).

    Args:
        config: ``config.json`` of a ``BertForSequenceClassification`` or ``MPNetForSequenceClassification``.
        weights: Its ``model.safetensors``, in any float precision.
        ranges: For int8, a safetensors file with ``<name>.low`` and ``<name>.high``, shape (channels,), of what enters
            the products ``<name>``, such as ``bert.encoder.layer.0.intermediate.dense``; None for none in int8.

    Raises:
        ModelError: If the architecture is another, a weight is missing, or ranges are those of another network.
    """
    settings = json.loads(config.read_text(encoding="utf-8"))
    architecture = architecture_of(settings, f"{config}: the openvino engine")
    try:
        graph = _Graph(architecture, settings, load_file(weights), load_file(ranges) if ranges else {})
        model = graph.model()
    except KeyError as error:
        msg = f"{weights} has no weight {error}; it is no complete {settings['model_type']} sequence classifier"
        raise ModelError(msg) from error
    if unused := sorted({name.rsplit(".", 1)[0] for name in graph.ranges} - graph.in_int8):
        msg = f"{ranges} names products that {config} has not, such as {unused[0]}; export the model anew"
        raise ModelError(msg)
    return model


class _Graph:
    def __init__(
        self,
        architecture: Architecture,
        config: dict[str, Any],
        weights: dict[str, NDArray[Any]],
        ranges: dict[str, NDArray[np.float32]],
    ) -> None:
        self.names = architecture
        self.weights, self.ranges = weights, ranges
        self.in_int8: set[str] = set()
        self.max_positions = max_positions(config, architecture)
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
        if self.names.relative_bias:
            bias = ops.add(bias, self._relative_bias(ids))
        for i in range(self.layers):
            hidden = self._layer(self.names.layer(i), hidden, bias, first_only=i == self.layers - 1)
        first = ops.squeeze(hidden, _ints([1]))
        pooled = ops.tanh(self._linear(self.names.pooler, first))
        return ov.Model([self._linear(self.names.head, pooled)], [ids, mask], "claimstance")

    def _float(self, name: str) -> NDArray[np.float32]:
        return np.asarray(self.weights[name], dtype=np.float32)

    def _embed(self, ids: ov.Node) -> ov.Node:
        embeddings = f"{self.names.encoder}.embeddings"
        table = self._float(f"{embeddings}.position_embeddings.weight")[self.names.first_position :]
        if self.names.segments:
            table = table + self._float(f"{embeddings}.token_type_embeddings.weight")[0]
        positions = ops.slice(_floats(table), _ints([0]), _length(ids), _ints([1]), _ints([0]))
        words = ops.gather(_floats(self._float(f"{embeddings}.word_embeddings.weight")), ids, _ints(0))
        return self._norm(f"{embeddings}.LayerNorm", ops.add(words, positions))

    def _relative_bias(self, ids: ov.Node) -> ov.Node:
        """Return what the distance of each two tokens adds to their score, shape (heads, length, length)."""
        table = relative_bias_table(self._float(f"{self.names.relative_bias}.weight"), self.max_positions)
        places = ops.range(_ints(0), ops.squeeze(_length(ids), _ints([0])), _ints(1), "i64")
        distances = ops.subtract(ops.unsqueeze(places, _ints([0])), ops.unsqueeze(places, _ints([1])))
        return ops.gather(_floats(table), ops.add(distances, _ints(self.max_positions - 1)), _ints(1))

    def _layer(self, name: str, hidden: ov.Node, bias: ov.Node, *, first_only: bool) -> ov.Node:
        names = self.names
        query, key, value = self._project(name, hidden)
        if first_only:
            query, hidden = _first(query, axis=2), _first(hidden, axis=1)
            bias = _first(bias, axis=2)
        scores = ops.add(ops.matmul(query, key, False, True), bias)
        mixed = ops.transpose(ops.matmul(ops.softmax(scores, -1), value, False, False), _ints([0, 2, 1, 3]))
        joined = ops.reshape(mixed, _ints([0, 0, self.size]), special_zero=True)
        attended = self._norm(
            f"{name}.{names.attention_norm}", ops.add(self._linear(f"{name}.{names.attention_output}", joined), hidden)
        )
        grown = ops.gelu(self._linear(f"{name}.{names.intermediate}", attended), "erf")
        output = self._linear(f"{name}.{names.output}", grown)
        return self._norm(f"{name}.{names.output_norm}", ops.add(output, attended))

    def _project(self, name: str, hidden: ov.Node) -> list[ov.Node]:
        """Return query, key and value, each (n, heads, length, size / heads)."""
        width = self.size // self.heads
        scales = (1.0 / math.sqrt(width), 1.0, 1.0)
        parts = [(f"{name}.{part}", scale) for part, scale in zip(self.names.projections, scales, strict=True)]
        weight = np.concatenate([self._float(f"{part}.weight") * scale for part, scale in parts])
        bias = np.concatenate([self._float(f"{part}.bias") * scale for part, scale in parts])
        product = f"{name}.{self.names.attention}"
        joint = self._affine(product, hidden, weight.astype(np.float32), bias.astype(np.float32))
        split = ops.transpose(
            ops.reshape(joint, _ints([0, 0, 3, self.heads, width]), special_zero=True), _ints([2, 0, 3, 1, 4])
        )
        return [ops.gather(split, _ints(i), _ints(0)) for i in range(3)]

    def _linear(self, name: str, hidden: ov.Node) -> ov.Node:
        return self._affine(name, hidden, self._float(f"{name}.weight"), self._float(f"{name}.bias"))

    def _affine(self, name: str, hidden: ov.Node, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> ov.Node:
        if f"{name}.low" in self.ranges:
            self.in_int8.add(name)
            return affine_int8(hidden, weight, bias, self.ranges[f"{name}.low"], self.ranges[f"{name}.high"])
        return ops.add(ops.matmul(hidden, _floats(weight), False, True), _floats(bias))

    def _norm(self, name: str, hidden: ov.Node) -> ov.Node:
        centred = ops.mvn(hidden, _ints([-1]), True, self.epsilon, "inside_sqrt")
        scaled = ops.multiply(centred, _floats(self._float(f"{name}.weight")))
        return ops.add(scaled, _floats(self._float(f"{name}.bias")))


def _length(ids: ov.Node) -> ov.Node:
    return ops.gather(ops.shape_of(ids), _ints([1]), _ints(0))


def _first(node: ov.Node, axis: int) -> ov.Node:
    return ops.slice(node, _ints([0]), _ints([1]), _ints([1]), _ints([axis]))


def _ints(value: Any) -> ov.Node:
    return ops.constant(np.asarray(value, dtype=np.int64))


def _floats(value: Any) -> ov.Node:
    return ops.constant(np.asarray(value, dtype=np.float32))
