"""From a trained classifier to the files that prediction reads: half-precision safetensors and int8 ONNX."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimstance.model.artifact import ONNX_FILE, TOKENIZER_FILE, TORCH_FILES, ModelFolder, load_folder, seal_folder

if TYPE_CHECKING:
    from claimstance.model.settings import ModelSettings

MASKED = -1e4
"""Added to the attention scores of padding; large enough to vanish in the softmax, small enough for any precision."""


def export(source: Path, out: Path, settings: ModelSettings | None = None) -> ModelFolder:
    """Write a compact model folder from a trained one.

    Args:
        source: Model folder with float32 safetensors weights.
        out: Folder to write: half-precision safetensors, int8 ONNX, tokenizer, settings.
        settings: Settings to store; by default those of ``source``.

    Raises:
        ModelError: If ``source`` is no intact model folder.
    """
    import shutil

    import torch
    from transformers import AutoModelForSequenceClassification

    folder = load_folder(source)
    for name in (*TORCH_FILES, TOKENIZER_FILE):
        folder.file(name)
    out.mkdir(parents=True, exist_ok=True)
    model = AutoModelForSequenceClassification.from_pretrained(source, dtype=torch.float32, attn_implementation="eager")
    with tempfile.TemporaryDirectory() as scratch:
        full = Path(scratch) / "model.onnx"
        export_onnx(model.eval(), full)
        quantise(full, out / ONNX_FILE, model.config)
    model.half().save_pretrained(out, safe_serialization=True)
    _load_as_float32(out / "config.json")
    for name in (TOKENIZER_FILE, "tokenizer_config.json"):
        shutil.copyfile(source / name, out / name)
    return seal_folder(out, settings or folder.settings)


def export_onnx(model: Any, path: Path) -> None:
    """Write the float32 ONNX graph: inputs ``input_ids``, ``attention_mask`` (and ``token_type_ids``), one output."""
    import torch

    sample = torch.ones(2, 8, dtype=torch.int64)
    names = ["input_ids", "attention_mask"]
    if model.config.model_type == "bert":
        names.append("token_type_ids")
    with warnings.catch_warnings():
        # The newer exporter's graph is one that ONNX Runtime's transformer fusions do not recognise.
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        torch.onnx.export(
            _LogitsOnly(model, names),
            (sample,) * len(names),
            str(path),
            input_names=names,
            output_names=["logits"],
            dynamic_axes={name: {0: "batch", 1: "length"} for name in names} | {"logits": {0: "batch"}},
            opset_version=17,
            dynamo=False,
        )


def quantise(source: Path, target: Path, config: Any) -> None:
    """Fuse the transformer's operators and quantise its matrices to int8, a scale a column."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers import optimizer

    fused = source.with_suffix(".fused.onnx")
    optimised = optimizer.optimize_model(
        str(source),
        model_type="bert",
        num_heads=config.num_attention_heads,
        hidden_size=config.hidden_size,
        opt_level=1,
    )
    optimised.save_model_to_file(str(fused))
    quantize_dynamic(
        fused,
        target,
        per_channel=True,
        reduce_range=False,
        weight_type=QuantType.QInt8,
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )


def _LogitsOnly(model: Any, names: list[str]) -> Any:  # noqa: N802 - a class made late, so that torch loads late
    import torch

    class LogitsOnly(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *inputs: torch.Tensor) -> Any:
            feed = dict(zip(names, inputs, strict=True))
            # An additive mask, made here: transformers' own mask code cannot be traced for every length, and this
            # is the pattern that ONNX Runtime's attention fusion looks for.
            feed["attention_mask"] = (1.0 - feed["attention_mask"][:, None, None, :].float()) * MASKED
            return self.model(**feed).logits

    return LogitsOnly()


def _load_as_float32(config: Path) -> None:
    """Have plain transformers load the half-precision weights as float32, which every CPU computes fast."""
    import json

    data = json.loads(config.read_text(encoding="utf-8"))
    data.pop("torch_dtype", None)
    data["dtype"] = "float32"
    config.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
