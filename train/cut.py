"""A student cut out of its teacher: a smaller vocabulary, fewer layers, narrower feed-forward parts.

What is cut is what the task misses least, measured on training sentences: layers one after another, each time the one
without which the facet loss is lowest; then, in the layers that are left, the feed-forward channels whose removal would
change the loss least to first order (Molchanov et al. 2019, "Importance Estimation for Neural Network Pruning"). The
student is wounded, not whole: it then learns from the teacher (``distillation`` of a training configuration). After Xia
et al. (2022), "Structured Pruning Learns Compact and Accurate Models", who find such students far better than small
encoders of the same size that were trained from the start.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
from tokenizers import Tokenizer

from claimstance.model.artifact import TOKENIZER_FILE, ModelFolder, load_folder, seal_folder
from claimstance.model.batching import length_batches, pad
from claimstance.model.encoding import Encoder
from claimstance.model.errors import ConfigError
from claimstance.model.labels import FACETS
from claimstance.train.features import encode_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    import pandas as pd
    import torch

LAYER_ROWS, CHANNEL_ROWS = 384, 2048
"""Training sentences on which layers and feed-forward channels are judged."""
TOKEN_BUDGET = 2048


def choose_tokens(tokenizer: dict[str, Any], counts: Counter[int], size: int) -> list[int]:
    """Return the ids to keep, ascending: special tokens, single characters, then the most frequent ones.

    Tokens that the counts do not tell apart are taken in the order of the vocabulary, which for WordPiece vocabularies
    of the BERT family is roughly by their frequency in general text.

    Args:
        tokenizer: A ``tokenizer.json`` with a WordPiece model.
        counts: How often each id occurs in the text that the student will be trained on.
        size: Tokens to keep.

    Raises:
        ConfigError: If the tokenizer is no WordPiece, or ``size`` is less than what must be kept.
    """
    model = tokenizer["model"]
    if model.get("type") != "WordPiece":
        msg = f"only a WordPiece vocabulary can be cut, got {model.get('type')!r}"
        raise ConfigError(msg)
    vocabulary: dict[str, int] = model["vocab"]
    always = {token["id"] for token in tokenizer["added_tokens"]} | {vocabulary[model["unk_token"]]}
    always |= {i for token, i in vocabulary.items() if len(token.removeprefix("##")) == 1 and ord(token[-1]) < 0x250}
    if size < len(always):
        msg = f"the vocabulary must keep at least {len(always)} tokens (special ones and single characters), got {size}"
        raise ConfigError(msg)
    rest = sorted(set(vocabulary.values()) - always, key=lambda i: (-counts[i], i))
    return sorted(always | set(rest[: size - len(always)]))


def cut_tokenizer(tokenizer: dict[str, Any], kept: Sequence[int]) -> dict[str, Any]:
    """Return the ``tokenizer.json`` whose vocabulary is the kept ids, numbered anew in their order."""
    new = {old: i for i, old in enumerate(kept)}
    cut: dict[str, Any] = json.loads(json.dumps(tokenizer))
    cut["model"]["vocab"] = {token: new[i] for token, i in tokenizer["model"]["vocab"].items() if i in new}
    for token in cut["added_tokens"]:
        token["id"] = new[token["id"]]
    processor = cut.get("post_processor") or {}
    for end in ("sep", "cls"):
        if end in processor:
            processor[end][1] = new[processor[end][1]]
    for special in (processor.get("special_tokens") or {}).values():
        special["ids"] = [new[i] for i in special["ids"]]
    if cut.get("padding"):
        cut["padding"]["pad_id"] = new[cut["padding"]["pad_id"]]
    return cut


def cut(
    source: Path,
    rows: pd.DataFrame,
    texts: pd.DataFrame,
    out: Path,
    *,
    vocabulary: int | None = None,
    layers: int | None = None,
    feed_forward: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> ModelFolder:
    """Write a smaller copy of a model; what is None stays whole.

    Args:
        source: Model folder with float32 weights.
        rows: Annotated training rows, on which layers and channels are judged.
        texts: Sentences without annotation; the tokens of these and of ``rows`` say which ones matter.
        out: Folder to write.
        vocabulary: Tokens to keep; rarer words come apart into more pieces.
        layers: Layers to keep.
        feed_forward: Feed-forward channels to keep in each layer.
        progress: Called with a line on each layer dropped.

    Raises:
        ConfigError: If the model has fewer tokens, layers or channels than are to be kept.
    """
    import pandas as pd
    import torch
    from transformers import AutoModelForSequenceClassification

    folder = load_folder(source)
    model = AutoModelForSequenceClassification.from_pretrained(source, dtype=torch.float32).eval()
    for what, wanted, had in (
        ("tokens", vocabulary, model.config.vocab_size),
        ("layers", layers, model.config.num_hidden_layers),
        ("feed-forward channels", feed_forward, model.config.intermediate_size),
    ):
        if wanted is not None and not 1 <= wanted <= had:
            msg = f"{what} to keep must be from 1 to the model's {had}, got {wanted}"
            raise ConfigError(msg)
    tokenizer = json.loads(folder.file(TOKENIZER_FILE).read_text(encoding="utf-8"))
    if vocabulary is not None:
        seen = encode_rows(pd.concat([rows, texts], ignore_index=True), _encoder(tokenizer, folder))["input_ids"]
        kept = choose_tokens(tokenizer, Counter(i for ids in seen for i in ids), vocabulary)
        tokenizer = cut_tokenizer(tokenizer, kept)
        _keep_tokens(model, kept)
    sample = rows.sample(min(len(rows), CHANNEL_ROWS), random_state=0)
    if layers is not None:
        _drop_layers(model, list(_batches(sample[:LAYER_ROWS], _encoder(tokenizer, folder))), layers, progress)
    if feed_forward is not None:
        _drop_channels(model, _batches(sample, _encoder(tokenizer, folder)), feed_forward)
    out.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(out, safe_serialization=True)
    (out / TOKENIZER_FILE).write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    shutil.copyfile(folder.path / "tokenizer_config.json", out / "tokenizer_config.json")
    return seal_folder(out, folder.settings)


def _encoder(tokenizer: dict[str, Any], folder: ModelFolder) -> Encoder:
    return Encoder(Tokenizer.from_str(json.dumps(tokenizer)), folder.settings.input)


def _keep_tokens(model: Any, kept: list[int]) -> None:
    import torch

    words = model.get_input_embeddings()
    padding = None if words.padding_idx is None else kept.index(words.padding_idx)
    smaller = torch.nn.Embedding(len(kept), words.embedding_dim, padding_idx=padding)
    smaller.weight.data = words.weight.data[kept].clone()
    model.set_input_embeddings(smaller)
    model.config.vocab_size = len(kept)
    for name in ("pad_token_id", "bos_token_id", "eos_token_id"):
        if getattr(model.config, name, None) is not None:
            setattr(model.config, name, kept.index(getattr(model.config, name)))


def _batches(rows: pd.DataFrame, encoder: Encoder) -> Iterable[tuple[torch.Tensor, torch.Tensor]]:
    import torch

    ids = encode_rows(rows, encoder)["input_ids"]
    facets = torch.tensor(rows[list(FACETS)].to_numpy(dtype=np.float32))
    for batch in length_batches([len(row) for row in ids], TOKEN_BUDGET):
        yield torch.from_numpy(pad([ids[i] for i in batch])), facets[torch.from_numpy(batch)]


def _drop_layers(
    model: Any, batches: list[tuple[torch.Tensor, torch.Tensor]], count: int, progress: Callable[[str], None]
) -> None:
    import torch

    encoder, kept = model.base_model.encoder, list(range(len(model.base_model.encoder.layer)))
    every = list(encoder.layer)
    while len(kept) > count:
        losses = {}
        for candidate in kept:
            encoder.layer = torch.nn.ModuleList(every[i] for i in kept if i != candidate)
            losses[candidate] = _mean_loss(model, batches)
        worst = min(losses, key=lambda i: losses[i])
        kept.remove(worst)
        progress(f"layer {worst} dropped: facet loss {losses[worst]:.4f} over {sum(len(t) for _, t in batches)} rows")
    encoder.layer = torch.nn.ModuleList(every[i] for i in kept)
    model.config.num_hidden_layers = count


def _mean_loss(model: Any, batches: list[tuple[torch.Tensor, torch.Tensor]]) -> float:
    import torch

    from claimstance.train.loss import facet_loss
    from claimstance.train.network import bfloat16_pays

    total = 0.0
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bfloat16_pays()):
        for ids, targets in batches:
            total += float(facet_loss(model(input_ids=ids).logits, targets)) * len(ids)
    return total / sum(len(targets) for _, targets in batches)


def _drop_channels(model: Any, batches: Iterable[tuple[torch.Tensor, torch.Tensor]], count: int) -> None:
    import torch

    from claimstance.train.loss import facet_loss
    from claimstance.train.network import bfloat16_pays

    layers = list(model.base_model.encoder.layer)
    scores = [torch.zeros(model.config.intermediate_size) for _ in layers]
    handles = [
        layer.output.dense.register_forward_pre_hook(_first_order(score))
        for layer, score in zip(layers, scores, strict=True)
    ]
    for ids, targets in batches:
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16_pays()):
            logits = model(input_ids=ids).logits
        # Times the rows, for the mean over a batch would weigh rows of small batches more.
        (facet_loss(logits, targets) * len(ids)).backward()
    for handle in handles:
        handle.remove()
    model.zero_grad(set_to_none=True)
    for layer, score in zip(layers, scores, strict=True):
        kept = score.topk(count).indices.sort().values
        layer.intermediate.dense = _linear(
            layer.intermediate.dense.weight.data[kept], layer.intermediate.dense.bias.data[kept]
        )
        layer.output.dense = _linear(layer.output.dense.weight.data[:, kept], layer.output.dense.bias.data)
    model.config.intermediate_size = count


def _first_order(score: torch.Tensor) -> Any:
    """Return a hook that adds up, for each channel, how much the loss of a sentence would change without it."""

    def hook(_module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        grown = inputs[0]

        def add(gradient: torch.Tensor) -> None:
            change = (gradient.detach().float() * grown.detach().float()).sum(1)
            score.add_(change.square().sum(0))

        grown.register_hook(add)

    return hook


def _linear(weight: torch.Tensor, bias: torch.Tensor) -> torch.nn.Linear:
    import torch

    linear = torch.nn.Linear(weight.shape[1], weight.shape[0])
    linear.weight.data, linear.bias.data = weight.clone(), bias.clone()
    return linear
