"""Building the classifier: a pretrained encoder with a head of four label logits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimstance.model.artifact import SETTINGS_FILE, bundled_path
from claimstance.model.engines.architectures import ARCHITECTURES, max_positions
from claimstance.model.errors import ConfigError, ModelError
from claimstance.model.labels import LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from claimstance.train.config import TrainConfig


def base_path(base: str) -> str:
    """Return where the pretrained encoder comes from: the package's own model for ``"bundled"``, else as given."""
    return str(bundled_path()) if base == "bundled" else base


def is_model(base: str) -> bool:
    """Return whether a base is a model of ours, which was trained on annotations, and no pretrained encoder."""
    return (Path(base_path(base)) / SETTINGS_FILE).is_file()


def load_tokenizer(base: str) -> Any:
    """Load the base encoder's fast tokenizer.

    Raises:
        ModelError: If there is none.
    """
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(base_path(base))
    except (OSError, ValueError) as error:
        raise ModelError(_cannot_load(base, error)) from error


def _cannot_load(base: str, error: Exception) -> str:
    return (
        f"cannot load the base encoder {base!r}: {error}\n"
        "Give a Hugging Face folder with tokenizer.json and safetensors weights by --base DIR, or a hub id with network"
    )


def build_network(config: TrainConfig) -> Any:
    """Load the base encoder with a fresh head whose outputs are named by ``LABELS``.

    Raises:
        ModelError: If the base cannot be loaded.
        ConfigError: If more layers or longer inputs are asked for than the base has.
    """
    import torch
    from transformers import AutoModelForSequenceClassification

    try:
        model = AutoModelForSequenceClassification.from_pretrained(
            base_path(config.base),
            num_labels=len(LABELS),
            id2label=dict(enumerate(LABELS)),
            label2id={label: i for i, label in enumerate(LABELS)},
            problem_type="single_label_classification",
            dtype=torch.float32,
            use_safetensors=True,
        )
    except (OSError, ValueError) as error:
        raise ModelError(_cannot_load(config.base, error)) from error
    known = ARCHITECTURES.get(model.config.model_type)
    if known is not None and config.input.max_tokens > (longest := max_positions(model.config.to_dict(), known)):
        msg = f"input.max_tokens must be at most {longest}, the base encoder knows no more positions; got "
        raise ConfigError(msg + str(config.input.max_tokens))
    if config.head == "fresh":
        _fresh_head(model, config.seed)
    if config.layers:
        keep_layers(model, config.layers)
    return model


def _fresh_head(model: Any, seed: int) -> None:
    import torch

    generator = torch.Generator().manual_seed(seed)
    head = getattr(model.classifier, "out_proj", model.classifier)
    with torch.no_grad():
        head.weight.normal_(0.0, 0.02, generator=generator)
        head.bias.zero_()


def keep_layers(model: Any, count: int) -> None:
    """Drop encoder layers in place so that ``count`` evenly spaced ones are left, the last among them.

    Raises:
        ConfigError: If the encoder has fewer layers.
    """
    total = len(model.base_model.encoder.layer)
    if count > total:
        msg = f"layers must be at most {total}, the base encoder has no more; got {count}"
        raise ConfigError(msg)
    set_layers(model, [round((i + 1) * total / count) - 1 for i in range(count)])


def set_layers(model: Any, indices: Sequence[int]) -> None:
    """Leave the encoder the layers of these indices, in place."""
    import torch

    layers = model.base_model.encoder.layer
    model.base_model.encoder.layer = torch.nn.ModuleList(layers[i] for i in indices)
    model.config.num_hidden_layers = len(indices)


def bfloat16_pays() -> bool:
    """Return whether this processor multiplies bfloat16 matrices in hardware (AMX tiles, AVX-512 BF16, a GPU)."""
    import torch

    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    cpu = getattr(torch, "cpu", None)
    return any(bool(getattr(cpu, name, bool)()) for name in ("_is_amx_tile_supported", "_is_avx512_bf16_supported"))
