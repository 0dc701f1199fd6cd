"""Pruning a student from its teacher."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

from claimstance.model.artifact import load_folder
from claimstance.model.encoding import Encoder
from claimstance.model.engines import load_engine
from claimstance.model.errors import ConfigError
from claimstance.model.labels import FACETS, facet_logits
from claimstance.train.prune import choose_tokens, prune, renumber, same_tokens

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def rows(sentences: list[str]) -> pd.DataFrame:
    """Return our own sentences with facets by chance."""
    facets = np.random.default_rng(0).integers(0, 2, (len(sentences), len(FACETS)))
    frame = pd.DataFrame(facets, columns=list(FACETS))
    return frame.assign(text=sentences, quotation_open=False, previous="")


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
    prune(source, few, tmp_path / "out", vocabulary=len(before) - 5)
    after = json.loads((tmp_path / "out" / "tokenizer.json").read_text())["model"]["vocab"]
    assert len(after) == len(before) - 5
    assert sorted(after.values()) == list(range(len(after)))
    assert json.loads((tmp_path / "out" / "config.json").read_text())["vocab_size"] == len(after)
    np.testing.assert_allclose(logits(tmp_path / "out", texts), logits(source, texts), atol=1e-5)


def test_a_training_run_takes_the_tokenizer_of_a_pruned_model(
    tiny_mpnet: Path, rows: pd.DataFrame, tmp_path: Path
) -> None:
    from claimstance.train.network import load_tokenizer

    prune(tiny_mpnet, rows, tmp_path / "out", vocabulary=150)
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
    prune(tmp_path / "idle", rows, tmp_path / "out", layers=3, feed_forward=32, progress=lines.append)
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
        prune(tiny_mpnet, rows, tmp_path / "out", **wanted)
    assert not (tmp_path / "out").exists()


TOKENIZER = {
    "added_tokens": [{"id": 0, "content": "[CLS]"}, {"id": 1, "content": "[PAD]"}],
    "padding": {"pad_id": 1},
    "post_processor": {"type": "Sequence", "processors": [{"sep": ["[SEP]", 9], "cls": ["[CLS]", 0]}]},
    "model": {
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "vocab": {
            "[CLS]": 0,
            "[PAD]": 1,
            "[UNK]": 2,
            "the": 3,
            "a": 4,
            "of": 5,
            "is": 6,
            "##s": 7,
            "zeal": 8,
            "[SEP]": 9,
        },
    },
}
"""Five tokens that must stay whatever is counted, two of them single characters; five others."""


def test_frequent_tokens_are_kept_before_early_ones() -> None:
    assert choose_tokens(TOKENIZER, Counter(), 8) == [0, 1, 2, 3, 4, 5, 7, 9]
    kept = choose_tokens(TOKENIZER, Counter({8: 3}), 7)
    assert kept == [0, 1, 2, 4, 7, 8, 9]
    new = renumber(TOKENIZER, kept)
    assert new["model"]["vocab"] == {"[CLS]": 0, "[PAD]": 1, "[UNK]": 2, "a": 3, "##s": 4, "zeal": 5, "[SEP]": 6}
    assert new["post_processor"]["processors"][0] == {"sep": ["[SEP]", 6], "cls": ["[CLS]", 0]}
    assert choose_tokens(TOKENIZER, Counter(), 7, required=[8]) == [0, 1, 2, 4, 7, 8, 9]
    with pytest.raises(ConfigError, match="at least 6 tokens"):
        choose_tokens(TOKENIZER, Counter(), 5)


def test_what_was_pruned_stands_in_the_folder(tiny_mpnet: Path, rows: pd.DataFrame, tmp_path: Path) -> None:
    prune(tiny_mpnet, rows, tmp_path / "half", vocabulary=170)
    folder = prune(tmp_path / "half", rows, tmp_path / "out", layers=2, feed_forward=16)
    assert folder.settings.name == "tiny-mpnet-pruned"
    first, second = folder.settings.training["pruning"]
    assert first == {
        "pruned_from": {"name": "tiny-mpnet", "revision": load_folder(tiny_mpnet).revision},
        "vocabulary": 170,
    }
    assert len(second["layers"]) == 2
    assert second["feed_forward"] == 16
    assert set(folder.settings.files) == {"config.json", "model.safetensors", "tokenizer.json"}


def test_the_tokens_of_another_model_are_kept_as_it_has_them(
    tiny_mpnet: Path, rows: pd.DataFrame, tmp_path: Path
) -> None:
    student = prune(tiny_mpnet, rows, tmp_path / "student", vocabulary=170, layers=2)
    teacher = prune(tiny_mpnet, rows, tmp_path / "teacher", tokens_of=student.path)
    assert teacher.file("tokenizer.json").read_bytes() == student.file("tokenizer.json").read_bytes()
    words = "mpnet.embeddings.word_embeddings.weight"
    np.testing.assert_array_equal(*(load_file(f.file("model.safetensors"))[words] for f in (student, teacher)))
    assert teacher.settings.training["pruning"][0]["tokens_of"] == {
        "name": student.settings.name,
        "revision": student.revision,
    }
    with pytest.raises(ConfigError, match="are not in the one to prune, such as"):
        prune(student.path, rows, tmp_path / "other", tokens_of=tiny_mpnet)
    with pytest.raises(ConfigError, match="got both 9 and"):
        prune(tiny_mpnet, rows, tmp_path / "other", tokens_of=student.path, vocabulary=9)
    assert not (tmp_path / "other").exists()


def test_a_student_without_a_special_token_of_the_teacher_is_refused() -> None:
    other = json.loads(json.dumps(TOKENIZER))
    del other["model"]["vocab"]["[SEP]"]
    with pytest.raises(ConfigError, match=r"cannot do without: \[SEP\]"):
        same_tokens(TOKENIZER, other)
    del other["model"]["vocab"]["a"]
    with pytest.raises(ConfigError, match=r"cannot do without: a, \[SEP\]"):
        same_tokens(TOKENIZER, other, required=[4])
    other["model"]["type"] = "Unigram"
    with pytest.raises(ConfigError, match="only a WordPiece vocabulary can be pruned, got 'Unigram'"):
        same_tokens(TOKENIZER, other)


def test_the_source_is_never_written_over(tiny_mpnet: Path, rows: pd.DataFrame, tmp_path: Path) -> None:
    before = load_folder(tiny_mpnet).revision
    (tmp_path / "file").write_text("")
    for out in (tiny_mpnet, tmp_path / "file"):
        with pytest.raises(ConfigError, match="other than that of the model"):
            prune(tiny_mpnet, rows, out, layers=2)
    assert load_folder(tiny_mpnet).revision == before
    load_folder(tiny_mpnet).file("model.safetensors")


def test_other_architectures_are_refused(tiny_mpnet: Path, rows: pd.DataFrame, tmp_path: Path) -> None:
    import shutil

    from claimstance.model.artifact import seal_folder
    from claimstance.model.errors import ModelError

    other = shutil.copytree(tiny_mpnet, tmp_path / "other")
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps({**config, "model_type": "roberta"}))
    seal_folder(other, load_folder(tiny_mpnet).settings)
    with pytest.raises(ModelError, match="only bert and mpnet can be pruned, got 'roberta'"):
        prune(other, rows, tmp_path / "out", layers=2)


def test_the_command_prunes_and_says_when_there_is_nothing_to_do(
    tiny_float_model: Path, rows: pd.DataFrame, tmp_path: Path
) -> None:
    from typer.testing import CliRunner

    from claimstance.cli import app

    whole = rows.assign(corpus="own", doc="a", start=range(len(rows)), decided="single")
    whole.to_parquet(tmp_path / "train.parquet")
    whole.to_parquet(tmp_path / "unlabelled.parquet")
    call = ["prune", str(tiny_float_model), "--data", str(tmp_path), "-o", str(tmp_path / "out")]
    refused = CliRunner().invoke(app, call)
    assert refused.exit_code == 2
    assert "nothing to prune" in refused.output
    done = CliRunner().invoke(app, [*call, "--vocabulary", "150", "--layers", "1", "--feed-forward", "8"])
    assert done.exit_code == 0, done.output
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert (config["vocab_size"], config["num_hidden_layers"], config["intermediate_size"]) == (150, 1, 8)


def test_a_vocabulary_of_another_kind_is_refused(tiny_mpnet: Path) -> None:
    tokenizer = json.loads((tiny_mpnet / "tokenizer.json").read_text())
    tokenizer["model"]["type"] = "BPE"
    with pytest.raises(ConfigError, match="only a WordPiece vocabulary"):
        choose_tokens(tokenizer, Counter(), 100)
