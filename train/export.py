"""From a trained classifier to the files that prediction reads: half-precision safetensors, int8 ONNX and ranges."""

from __future__ import annotations

import json
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimstance.model.artifact import (
    ONNX_FILE,
    RANGES_FILE,
    TOKENIZER_CONFIG,
    TOKENIZER_FILE,
    TORCH_FILES,
    ModelFolder,
    check_target,
    copy_files,
    load_folder,
    seal_folder,
)
from claimstance.model.encoding import Encoder
from claimstance.model.engines.architectures import architecture_of, max_positions
from claimstance.model.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from claimstance.model.settings import ModelSettings


def export(source: Path, out: Path, settings: ModelSettings | None = None) -> ModelFolder:
    """Write a compact model folder from a trained one.

    Args:
        source: Model folder with float32 safetensors weights.
        out: Folder to write: half-precision safetensors, int8 ONNX, ranges for OpenVINO's int8, tokenizer, settings.
        settings: Settings to store; by default those of ``source``.

    Raises:
        ConfigError: If ``out`` is a file or the source.
        ModelError: If ``source`` is no intact model folder, or its architecture or input has no ONNX export yet.
    """
    import torch
    from transformers import AutoModelForSequenceClassification

    folder = load_folder(source)
    check_target(out, folder.path)
    if (context := folder.settings.input.context) in ("previous", "both"):
        msg = f"ONNX export reads one segment, this model's context is {context!r}; use engine='torch' with it"
        raise ModelError(msg)
    for name in (*TORCH_FILES, TOKENIZER_FILE):
        folder.file(name)
    out.mkdir(parents=True, exist_ok=True)
    model = AutoModelForSequenceClassification.from_pretrained(source, dtype=torch.float32)
    config = model.config.to_dict()
    longest = max_positions(config, architecture_of(config, "ONNX export"))
    if longest < folder.settings.input.max_tokens:
        msg = f"{source} takes inputs of {folder.settings.input.max_tokens} tokens, but its encoder knows {longest}"
        raise ModelError(msg)
    encoder = Encoder.from_file(folder.file(TOKENIZER_FILE), folder.settings.input)
    ranges = write_ranges(model.eval(), encoder, out / RANGES_FILE)
    with tempfile.TemporaryDirectory() as scratch:
        full = Path(scratch) / "model.onnx"
        export_onnx(model, full, ranges)
        quantise(full, out / ONNX_FILE)
    model.half().save_pretrained(out, safe_serialization=True)
    _load_as_float32(out / "config.json")
    copy_files(folder.path, out, TOKENIZER_FILE, TOKENIZER_CONFIG)
    return seal_folder(out, settings or folder.settings)


def export_onnx(model: Any, path: Path, ranges: dict[str, NDArray[np.float32]] | None = None) -> None:
    """Write the float32 ONNX graph: inputs ``input_ids`` and ``attention_mask`` (n, length), output ``logits`` (n, 4).

    Args:
        model: The classifier in evaluation mode.
        path: File to write.
        ranges: What ``write_ranges`` returned, for a graph that is to be quantised; None for none.

    Raises:
        ModelError: If the architecture is neither BERT nor MPNet.
    """
    import torch

    from claimstance.train.graph import LeanNetwork

    lean = LeanNetwork(model, ranges).eval()
    ids = torch.ones(2, 8, dtype=torch.int64)
    axes = {name: {0: "batch", 1: "length"} for name in ("input_ids", "attention_mask")} | {"logits": {0: "batch"}}
    with warnings.catch_warnings():
        # The newer exporter needs a package more and gives the same graph for a module as plain as this one.
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        torch.onnx.export(
            lean,
            (ids, torch.ones_like(ids)),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )


def quantise(source: Path, target: Path) -> None:
    """Quantise the constant matrices to int8, a scale a column; activations are quantised as they come.

    Two things stay in float32. What distances add to the scores is small, and one scale for its few large numbers would
    blur the many small ones. The second feed-forward product of the first layer has inputs so unlike each other that it
    alone cost more labels than all that is left.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    graph = onnx.load(source, load_external_data=False).graph
    kept = [n.name for n in graph.node if n.op_type == "Gather" and any("relative_bias" in i for i in n.input)]
    kept += [n.name for n in graph.node if n.op_type == "MatMul" and "first_output" in n.name]
    quantize_dynamic(
        source,
        target,
        per_channel=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=kept,
        extra_options={"MatMulConstBOnly": True},
    )


def write_ranges(model: Any, encoder: Encoder, target: Path) -> dict[str, NDArray[np.float32]]:
    """Write the ranges of the model's matrix products over the authored training sentences, and return them."""
    from safetensors.numpy import save_file

    from claimstance.train.features import read_authored_rows
    from claimstance.train.ranges import channel_ranges

    rows = read_authored_rows()[0]
    encoded = encoder.encode(rows["text"].tolist(), rows["quotation_open"].astype(bool).tolist())
    ranges = channel_ranges(model, encoded.ids)
    save_file(ranges, target)
    return ranges


def _load_as_float32(config: Path) -> None:
    """Have plain transformers load the half-precision weights as float32, which every CPU computes fast."""
    data = json.loads(config.read_text(encoding="utf-8"))
    data.pop("torch_dtype", None)
    data["dtype"] = "float32"
    config.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
