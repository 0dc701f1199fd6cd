"""A student pruned from its teacher: a smaller vocabulary, fewer layers, narrower feed-forward parts.

What goes is what the task misses least, measured on training sentences: layers one after another, each time the one
without which the facet loss is lowest; then, in the layers that are left, the feed-forward channels whose removal would
change the loss least to first order (Molchanov et al. 2019, "Importance Estimation for Neural Network Pruning"). The
student is wounded, not whole: it then learns from the teacher (``distillation`` of a training configuration). After Xia
et al. (2022), "Structured Pruning Learns Compact and Accurate Models", who find such students far better than small
encoders of the same size that were trained from the start.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
from tokenizers import Tokenizer

from claimstance.model.artifact import (
    TOKENIZER_CONFIG,
    TOKENIZER_FILE,
    TORCH_FILES,
    ModelFolder,
    check_target,
    copy_files,
    load_folder,
    seal_folder,
)
from claimstance.model.batching import length_batches, pad
from claimstance.model.encoding import Encoder
from claimstance.model.engines.architectures import ARCHITECTURES
from claimstance.model.errors import ConfigError, ModelError
from claimstance.model.labels import FACETS
from claimstance.model.settings import ModelSettings
from claimstance.train.features import encode_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    import pandas as pd
    import torch

    Batch = tuple[dict[str, torch.Tensor], torch.Tensor]
    """What the network is fed, and facet targets (n, 3)."""

LAYER_ROWS, CHANNEL_ROWS = 384, 2048
"""Training sentences on which layers and feed-forward channels are judged; with 768 the same layers went but one."""

TOKEN_BUDGET = 2048
SUFFIX = "-pruned"
LATIN_END = 0x250
"""Characters below it (Latin up to Extended-B, digits, punctuation) are always kept as tokens of their own."""


def prune(
    source: Path,
    rows: pd.DataFrame,
    out: Path,
    *,
    texts: pd.DataFrame | None = None,
    vocabulary: int | None = None,
    tokens_of: Path | None = None,
    layers: int | None = None,
    feed_forward: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> ModelFolder:
    """Write a smaller copy of a model; what is None stays whole.

    Args:
        source: Model folder with float32 weights.
        rows: Annotated training rows, on which layers and channels are judged.
        out: Folder to write.
        texts: Sentences without annotation; the tokens of these and of ``rows`` say which ones matter.
        vocabulary: Tokens to keep; rarer words come apart into more pieces.
        tokens_of: Or the model folder whose tokens are to be kept: a student that is there already can then imitate
            this model's token states.
        layers: Layers to keep.
        feed_forward: Feed-forward channels to keep in each layer.
        progress: Called with a line on each layer dropped.

    Raises:
        ConfigError: If nothing is to be pruned, the model has fewer tokens, layers or channels than are to be kept, or
            lacks a token of ``tokens_of``, its tokenizer is no WordPiece, or ``out`` is the source.
        ModelError: If ``source`` or ``tokens_of`` is no intact model folder, or ``source`` of no known architecture.
    """
    if (vocabulary, tokens_of, layers, feed_forward) == (None,) * 4:
        msg = "nothing to prune: say which tokens (vocabulary, tokens_of) or how many layers or channels to keep"
        raise ConfigError(msg)
    if vocabulary is not None and tokens_of is not None:
        msg = f"tokens are kept by their number or as another model has them, got both {vocabulary} and {tokens_of}"
        raise ConfigError(msg)
    folder = load_folder(source)
    check_target(out, folder.path)
    tokenizer = json.loads(folder.file(TOKENIZER_FILE).read_text(encoding="utf-8"))
    model = _load(folder)
    _check_sizes(model, vocabulary, layers, feed_forward)
    record: dict[str, Any] = {"pruned_from": {"name": folder.settings.name, "revision": folder.revision}}
    if vocabulary is not None:
        parts = [part for part in (rows, texts) if part is not None]
        seen = [ids for part in parts for ids in encode_rows(part, _encoder(tokenizer, folder))["input_ids"]]
        counts = Counter(token for ids in seen for token in ids)
        tokenizer = _cut_vocabulary(
            model, tokenizer, choose_tokens(tokenizer, counts, vocabulary, _model_tokens(model))
        )
        record["vocabulary"] = vocabulary
    if tokens_of is not None:
        other = load_folder(tokens_of)
        others = json.loads(other.file(TOKENIZER_FILE).read_text(encoding="utf-8"))
        tokenizer = _cut_vocabulary(model, tokenizer, same_tokens(tokenizer, others, _model_tokens(model)))
        record["tokens_of"] = {"name": other.settings.name, "revision": other.revision}
    sample = rows.sample(min(len(rows), CHANNEL_ROWS), random_state=0)
    if layers is not None:
        batches = list(_batches(sample[:LAYER_ROWS], _encoder(tokenizer, folder)))
        record["layers"] = _drop_layers(model, batches, layers, progress)
    if feed_forward is not None:
        _drop_channels(model, _batches(sample, _encoder(tokenizer, folder)), feed_forward)
        record["feed_forward"] = feed_forward
    out.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(out, safe_serialization=True)
    (out / TOKENIZER_FILE).write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    copy_files(folder.path, out, TOKENIZER_CONFIG)
    # A calibration of the whole model would not fit what is left of it.
    settings = ModelSettings(
        name=f"{folder.settings.name.removesuffix(SUFFIX)}{SUFFIX}",
        input=folder.settings.input,
        training={**folder.settings.training, "pruning": [*folder.settings.training.get("pruning", []), record]},
    )
    return seal_folder(out, settings, (*TORCH_FILES, TOKENIZER_FILE))


def _load(folder: ModelFolder) -> Any:
    import torch
    from transformers import AutoModelForSequenceClassification

    config, _ = (folder.file(name) for name in TORCH_FILES)
    if (kind := json.loads(config.read_text(encoding="utf-8")).get("model_type")) not in ARCHITECTURES:
        msg = f"only {' and '.join(ARCHITECTURES)} can be pruned, got {kind!r}"
        raise ModelError(msg)
    return AutoModelForSequenceClassification.from_pretrained(
        folder.path, dtype=torch.float32, local_files_only=True, use_safetensors=True
    ).eval()


def _check_sizes(model: Any, vocabulary: int | None, layers: int | None, feed_forward: int | None) -> None:
    for what, wanted, had in (
        ("tokens", vocabulary, model.config.vocab_size),
        ("layers", layers, model.config.num_hidden_layers),
        ("feed-forward channels", feed_forward, model.config.intermediate_size),
    ):
        if wanted is not None and not 1 <= wanted <= had:
            msg = f"{what} to keep must be from 1 to the model's {had}, got {wanted}"
            raise ConfigError(msg)


def choose_tokens(
    tokenizer: dict[str, Any], counts: Counter[int], size: int, required: Iterable[int] = ()
) -> list[int]:
    """Return the ids to keep, ascending: special tokens, single Latin characters, then the most frequent ones.

    Tokens that the counts do not tell apart are taken in the order of the vocabulary, which for WordPiece vocabularies
    of the BERT family is roughly by their frequency in general text.

    Args:
        tokenizer: A ``tokenizer.json`` with a WordPiece model.
        counts: How often each id occurs in the text that the student will be trained on.
        size: Tokens to keep.
        required: Further ids that must stay.

    Raises:
        ConfigError: If the tokenizer is no WordPiece, or ``size`` is less than what must be kept.
    """
    vocabulary = _vocabulary(tokenizer)
    always = _special_tokens(tokenizer) | set(required)
    always |= {i for t, i in vocabulary.items() if len(t.removeprefix("##")) == 1 and ord(t[-1]) < LATIN_END}
    if size < len(always):
        msg = f"the vocabulary must keep at least {len(always)} tokens (special ones and single characters), got {size}"
        raise ConfigError(msg)
    rest = sorted(set(vocabulary.values()) - always, key=lambda i: (-counts[i], i))
    return sorted(always | set(rest[: size - len(always)]))


def same_tokens(tokenizer: dict[str, Any], other: dict[str, Any], required: Iterable[int] = ()) -> list[int]:
    """Return the ids to keep, ascending: those of the tokens that another model's tokenizer has.

    Args:
        tokenizer: A ``tokenizer.json`` with a WordPiece model.
        other: The other one.
        required: Ids that must be among them, beside those of special tokens.

    Raises:
        ConfigError: If one is no WordPiece, the first lacks a token of the other, or the other one that must stay.
    """
    had, wanted = _vocabulary(tokenizer), _vocabulary(other)
    if missing := sorted(set(wanted) - set(had)):
        msg = f"{len(missing)} tokens of the other model are not in the one to prune, such as {missing[0]!r}"
        raise ConfigError(msg)
    needed = _special_tokens(tokenizer) | set(required)
    if gone := [token for token, i in had.items() if i in needed and token not in wanted]:
        msg = f"the other model lacks tokens that this one cannot do without: {', '.join(gone)}"
        raise ConfigError(msg)
    return sorted(had[token] for token in wanted)


def _vocabulary(tokenizer: dict[str, Any]) -> dict[str, int]:
    model = tokenizer["model"]
    if model.get("type") != "WordPiece":
        msg = f"only a WordPiece vocabulary can be pruned, got {model.get('type')!r}"
        raise ConfigError(msg)
    vocabulary: dict[str, int] = model["vocab"]
    return vocabulary


def _special_tokens(tokenizer: dict[str, Any]) -> set[int]:
    """Return the ids that the tokenizer itself names."""
    vocabulary = _vocabulary(tokenizer)
    named = {token["id"] for token in tokenizer["added_tokens"]}
    named |= {vocabulary[token] for token in (tokenizer["model"].get("unk_token"),) if token in vocabulary}
    for processor in _processors(tokenizer):
        named |= {processor[end][1] for end in ("sep", "cls") if end in processor}
        named |= {i for special in (processor.get("special_tokens") or {}).values() for i in special["ids"]}
    return named


def _cut_vocabulary(model: Any, tokenizer: dict[str, Any], kept: list[int]) -> dict[str, Any]:
    _keep_tokens(model, kept)
    return renumber(tokenizer, kept)


def renumber(tokenizer: dict[str, Any], kept: Sequence[int]) -> dict[str, Any]:
    """Return the ``tokenizer.json`` whose vocabulary is the kept ids, numbered anew in their order."""
    new = {old: i for i, old in enumerate(kept)}
    pruned: dict[str, Any] = json.loads(json.dumps(tokenizer))
    pruned["model"]["vocab"] = {token: new[i] for token, i in tokenizer["model"]["vocab"].items() if i in new}
    for token in pruned["added_tokens"]:
        token["id"] = new[token["id"]]
    for processor in _processors(pruned):
        for end in ("sep", "cls"):
            if end in processor:
                processor[end][1] = new[processor[end][1]]
        for special in (processor.get("special_tokens") or {}).values():
            special["ids"] = [new[i] for i in special["ids"]]
    pruned["padding"] = None  # the encoder pads by itself
    return pruned


def _processors(tokenizer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the post-processors, those within a sequence one by one."""
    waiting = [tokenizer.get("post_processor") or {}]
    while waiting:
        each = waiting.pop()
        waiting += each.get("processors", [])
        yield each


def _model_tokens(model: Any) -> set[int]:
    """Return the ids that the network itself names."""
    named = [getattr(model.config, f"{what}_token_id", None) for what in ("pad", "bos", "eos")]
    return {i for i in (*named, model.get_input_embeddings().padding_idx) if i is not None}


def _encoder(tokenizer: dict[str, Any], folder: ModelFolder) -> Encoder:
    return Encoder(Tokenizer.from_str(json.dumps(tokenizer)), folder.settings.input)


def _keep_tokens(model: Any, kept: list[int]) -> None:
    import torch

    words = model.get_input_embeddings()
    padding = None if words.padding_idx is None else kept.index(words.padding_idx)
    if model.config.model_type == "mpnet" and padding != words.padding_idx:
        msg = (
            f"MPNet pads with token {words.padding_idx} whatever its settings say; the vocabulary moves it to {padding}"
        )
        raise ConfigError(msg)
    smaller = torch.nn.Embedding(len(kept), words.embedding_dim, padding_idx=padding)
    smaller.weight.data = words.weight.data[kept].clone()
    model.set_input_embeddings(smaller)
    model.config.vocab_size = len(kept)
    for name in ("pad_token_id", "bos_token_id", "eos_token_id"):
        if getattr(model.config, name, None) is not None:
            setattr(model.config, name, kept.index(getattr(model.config, name)))


def _batches(rows: pd.DataFrame, encoder: Encoder) -> Iterator[Batch]:
    import torch

    encoded = encode_rows(rows, encoder)
    names: list[str] = [name for name in ("input_ids", "token_type_ids") if name in encoded]
    facets = torch.tensor(rows[list(FACETS)].to_numpy(dtype=np.float32))
    for batch in length_batches(encoded["length"], TOKEN_BUDGET):
        feed = {name: torch.from_numpy(pad([encoded[name][i] for i in batch])) for name in names}
        yield feed, facets[torch.from_numpy(batch)]


def _drop_layers(model: Any, batches: list[Batch], count: int, progress: Callable[[str], None]) -> list[int]:
    """Drop layers in place and return the indices of those kept."""
    import torch

    from claimstance.train.network import set_layers

    encoder = model.base_model.encoder
    every, kept = list(encoder.layer), list(range(len(encoder.layer)))
    while len(kept) > count:
        losses = {}
        for candidate in kept:
            encoder.layer = torch.nn.ModuleList(every[i] for i in kept if i != candidate)
            losses[candidate] = _mean_loss(model, batches)
        least_missed = min(losses, key=lambda i: losses[i])
        kept.remove(least_missed)
        rows = sum(len(targets) for _, targets in batches)
        progress(f"layer {least_missed} dropped: facet loss {losses[least_missed]:.4f} over {rows} rows")
    encoder.layer = torch.nn.ModuleList(every)
    set_layers(model, kept)
    return kept


def _mean_loss(model: Any, batches: list[Batch]) -> float:
    import torch

    from claimstance.train.loss import facet_loss
    from claimstance.train.network import bfloat16_pays

    total = 0.0
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bfloat16_pays()):
        for feed, targets in batches:
            total += float(facet_loss(model(**feed).logits, targets)) * len(targets)
    return total / sum(len(targets) for _, targets in batches)


def _drop_channels(model: Any, batches: Iterable[Batch], count: int) -> None:
    import torch
    from transformers.pytorch_utils import prune_linear_layer

    from claimstance.train.loss import facet_loss
    from claimstance.train.network import bfloat16_pays

    layers = list(model.base_model.encoder.layer)
    scores = [torch.zeros(model.config.intermediate_size) for _ in layers]
    handles = [
        layer.output.dense.register_forward_pre_hook(_first_order(score))
        for layer, score in zip(layers, scores, strict=True)
    ]
    for feed, targets in batches:
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16_pays()):
            logits = model(**feed).logits
        # Times the rows, for the mean over a batch would weigh rows of small batches more.
        (facet_loss(logits, targets) * len(targets)).backward()
    for handle in handles:
        handle.remove()
    model.zero_grad(set_to_none=True)
    for layer, score in zip(layers, scores, strict=True):
        kept = score.topk(count).indices.sort().values
        layer.intermediate.dense = prune_linear_layer(layer.intermediate.dense, kept)
        layer.output.dense = prune_linear_layer(layer.output.dense, kept, dim=1)
    model.config.intermediate_size = count


def _first_order(score: torch.Tensor) -> Any:
    """Return a hook that adds up, for each channel, how much the loss of a sentence would change without it."""

    def hook(_module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        activation = inputs[0]

        def add(gradient: torch.Tensor) -> None:
            change = (gradient.detach().float() * activation.detach().float()).sum(1)
            score.add_(change.square().sum(0))

        activation.register_hook(add)

    return hook
