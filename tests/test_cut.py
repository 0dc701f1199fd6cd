"""Cutting a student out of its teacher."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from claimstance.model.artifact import load_folder
from claimstance.model.encoding import Encoder
from claimstance.model.engines import load_engine
from claimstance.model.errors import ConfigError
from claimstance.model.labels import FACETS, facet_logits
from claimstance.train.cut import choose_tokens, cut, cut_tokenizer

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def rows() -> pd.DataFrame:
    from conftest import SENTENCES

    facets = np.random.default_rng(0).integers(0, 2, (len(SENTENCES), len(FACETS)))
    frame = pd.DataFrame(facets, columns=list(FACETS))
    return frame.assign(text=SENTENCES, quotation_open=False, previous="")


def logits(folder: Path, texts: list[str]) -> np.ndarray:
    model = load_folder(folder)
    encoder = Encoder.from_file(model.file("tokenizer.json"), model.settings.input)
    engine = load_engine(model, "torch")
    found = []
    for ids in encoder.encode(texts).ids:
        array = np.array([ids])
        found.append(engine.logits(array, np.ones_like(array), None)[0])
    return np.array(found)


@pytest.mark.parametrize("model", ["tiny_float_model", "tiny_mpnet"])
def test_tokens_that_do_not_occur_can_go_without_a_trace(
    model: str, rows: pd.DataFrame, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    source = request.getfixturevalue(model)
    before = json.loads((source / "tokenizer.json").read_text())["model"]["vocab"]
    texts = [text for text in rows["text"] if "harbour" not in text]
    few = rows[rows["text"].isin(texts)]
    cut(source, few, few.iloc[:0], tmp_path / "out", vocabulary=len(before) - 5)
    after = json.loads((tmp_path / "out" / "tokenizer.json").read_text())["model"]["vocab"]
    assert len(after) == len(before) - 5
    assert sorted(after.values()) == list(range(len(after)))
    assert json.loads((tmp_path / "out" / "config.json").read_text())["vocab_size"] == len(after)
    np.testing.assert_allclose(logits(tmp_path / "out", texts), logits(source, texts), atol=1e-5)


def test_a_training_run_takes_the_tokenizer_of_a_cut_model(
    tiny_mpnet: Path, rows: pd.DataFrame, tmp_path: Path
) -> None:
    from claimstance.train.network import load_tokenizer

    cut(tiny_mpnet, rows, rows, tmp_path / "out", vocabulary=150)
    by_transformers = load_tokenizer(str(tmp_path / "out")).backend_tokenizer
    from tokenizers import Tokenizer

    by_tokenizers = Tokenizer.from_file(str(tmp_path / "out" / "tokenizer.json"))
    for text in rows["text"]:
        assert by_transformers.encode(text).ids == by_tokenizers.encode(text).ids
        assert max(by_tokenizers.encode(text).ids) < 150


def test_layers_and_channels_that_do_nothing_go_first(tiny_mpnet: Path, rows: pd.DataFrame, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    from claimstance.model.artifact import seal_folder

    network = AutoModelForSequenceClassification.from_pretrained(tiny_mpnet)
    with torch.no_grad():
        for layer in network.mpnet.encoder.layer:
            layer.output.dense.weight[:, ::2] = 0
        idle = network.mpnet.encoder.layer[2]
        for product in (idle.attention.attn.o, idle.output.dense):
            product.weight.zero_()
            product.bias.zero_()
        network.classifier.out_proj.weight *= 20
    network.save_pretrained(tmp_path / "idle")
    AutoTokenizer.from_pretrained(tiny_mpnet).save_pretrained(tmp_path / "idle")
    seal_folder(tmp_path / "idle", load_folder(tiny_mpnet).settings)
    texts, lines = rows["text"].tolist(), list[str]()
    rows[list(FACETS)] = facet_logits(logits(tmp_path / "idle", texts)) > 0
    cut(tmp_path / "idle", rows, rows, tmp_path / "out", layers=3, feed_forward=32, progress=lines.append)
    assert [line.split(":")[0] for line in lines] == ["layer 2 dropped"]
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert (config["num_hidden_layers"], config["intermediate_size"]) == (3, 32)
    np.testing.assert_allclose(logits(tmp_path / "out", texts), logits(tmp_path / "idle", texts), rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"layers": 9}, "layers to keep must be from 1 to the model's 4, got 9"),
        ({"feed_forward": 65}, "feed-forward channels to keep must be from 1 to the model's 64, got 65"),
        ({"vocabulary": 10_000}, "tokens to keep must be from 1"),
        ({"vocabulary": 8}, "must keep at least"),
    ],
)
def test_more_than_there_is_or_too_little_is_refused(
    wanted: dict[str, int], message: str, tiny_mpnet: Path, rows: pd.DataFrame, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=message):
        cut(tiny_mpnet, rows, rows, tmp_path / "out", **wanted)
    assert not (tmp_path / "out").exists()


def test_frequent_tokens_are_kept_before_early_ones(tiny_mpnet: Path) -> None:
    tokenizer = json.loads((tiny_mpnet / "tokenizer.json").read_text())
    words = sorted(i for token, i in tokenizer["model"]["vocab"].items() if len(token.removeprefix("##")) > 2)
    always = len(choose_tokens(tokenizer, Counter(), 200)) - len(
        set(choose_tokens(tokenizer, Counter(), 200)) & set(words)
    )
    kept = choose_tokens(tokenizer, Counter({words[-1]: 3}), always + 40)
    assert words[-1] in kept
    assert words[-2] not in kept
    assert set(cut_tokenizer(tokenizer, kept)["model"]["vocab"].values()) == set(range(len(kept)))


def test_a_vocabulary_of_another_kind_is_refused(tiny_mpnet: Path) -> None:
    tokenizer = json.loads((tiny_mpnet / "tokenizer.json").read_text())
    tokenizer["model"]["type"] = "BPE"
    with pytest.raises(ConfigError, match="only a WordPiece vocabulary"):
        choose_tokens(tokenizer, Counter(), 100)
