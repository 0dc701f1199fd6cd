"""Fixtures that every test may use: our own sentences, and a tiny model folder made on the spot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from claimstance.model.labels import LABELS
from claimstance.model.settings import InputSettings, ModelSettings

if TYPE_CHECKING:
    from pathlib import Path

SENTENCES = [
    "The harbour is unlikely to reopen before spring.",
    "The mayor said the bridge had been closed twice this year.",
    "Leave the valley by Friday or face arrest, the general warned.",
    "The council met on Tuesday and approved the budget.",
    '"We will answer any attack with force," the spokesman said.',
    "Analysts expect prices to fall next month.",
    "A storm damaged forty houses on the coast.",
    "According to the report, the mine never had a licence.",
]
"""Our own sentences, two a label or so."""

ARTICLE = """Ferry strike could last into July

PORT ALDEN — The ferry union said on Monday that talks had failed. "We waited for months. Nobody came," its leader said.

The company has until Thursday to raise wages or face a strike. Passengers are expected to turn to the railway.

Written by Anna Fletcher
"""
"""Our own article: a headline, a dateline, a quotation over two sentences, a threat, a forecast, a byline."""


@pytest.fixture
def sentences() -> list[str]:
    """Return a fresh list of sentences."""
    return list(SENTENCES)


@pytest.fixture
def article() -> str:
    """Return a short article."""
    return ARTICLE


BERT_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
MPNET_SPECIAL = ("[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]")
"""In the order of their ids; MPNet takes id 1 for padding whatever its settings say."""


def build_tokenizer_file(path: Path, special: tuple[str, ...] = BERT_SPECIAL) -> None:
    """Train a WordPiece tokenizer on the fixtures' sentences and save it as ``tokenizer.json``."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=400, special_tokens=list(special), show_progress=False)
    tokenizer.train_from_iterator([*SENTENCES, ARTICLE], trainer)
    tokenizer.post_processor = processors.BertProcessing(*((t, special.index(t)) for t in ("[SEP]", "[CLS]")))
    tokenizer.save(str(path))


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a Hugging Face folder with a tiny, untrained BERT encoder and its tokenizer."""
    import torch
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    path = tmp_path_factory.mktemp("encoder")
    build_tokenizer_file(path / "tokenizer.json")
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(path / "tokenizer.json"),
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )
    tokenizer.save_pretrained(path)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
        attn_implementation="eager",
    )
    BertModel(config).save_pretrained(path)
    return path


@pytest.fixture(scope="session")
def tiny_float_model(tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model folder with float32 weights and a random head, as a training run leaves it."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    from claimstance.model.artifact import seal_folder

    path = tmp_path_factory.mktemp("float-model")
    torch.manual_seed(1)
    model = AutoModelForSequenceClassification.from_pretrained(
        tiny_encoder,
        num_labels=len(LABELS),
        id2label=dict(enumerate(LABELS)),
        label2id={label: i for i, label in enumerate(LABELS)},
    )
    with torch.no_grad():
        model.classifier.weight.normal_(0.0, 2.0)  # spread, so that labels differ between sentences
    model.save_pretrained(path)
    AutoTokenizer.from_pretrained(tiny_encoder).save_pretrained(path)
    seal_folder(path, ModelSettings(name="tiny", input=InputSettings(max_tokens=64, context="quotation")))
    return path


@pytest.fixture(scope="session")
def tiny_model(tiny_float_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an exported model folder: half-precision safetensors and int8 ONNX, ready for every engine."""
    from claimstance.train.export import export

    path = tmp_path_factory.mktemp("model")
    export(tiny_float_model, path)
    return path


@pytest.fixture(scope="session")
def tiny_mpnet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model folder of the other architecture that the CPU engines know, as a training run leaves it."""
    import torch
    from transformers import MPNetConfig, MPNetForSequenceClassification, PreTrainedTokenizerFast

    from claimstance.model.artifact import seal_folder

    path = tmp_path_factory.mktemp("mpnet")
    build_tokenizer_file(path / "tokenizer.json", MPNET_SPECIAL)
    names = zip(("cls_token", "pad_token", "sep_token", "unk_token", "mask_token"), MPNET_SPECIAL, strict=True)
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(path / "tokenizer.json"), **dict(names))
    tokenizer.save_pretrained(path)
    torch.manual_seed(2)
    config = MPNetConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=4,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=130,
        initializer_range=0.2,  # spread, so that labels differ between sentences
        num_labels=len(LABELS),
        id2label=dict(enumerate(LABELS)),
        label2id={label: i for i, label in enumerate(LABELS)},
        attn_implementation="eager",
    )
    MPNetForSequenceClassification(config).save_pretrained(path)
    seal_folder(path, ModelSettings(name="tiny-mpnet", input=InputSettings(max_tokens=64, context="quotation")))
    return path
