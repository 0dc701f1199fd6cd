"""From sentences to token ids: one typography, the quotation state, truncation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from claimstance.model.encoding import Encoder, check_text, normalise_quotes
from claimstance.model.errors import InputError, InputTypeError, ModelError
from claimstance.model.settings import CONTEXTS, Context, InputSettings

if TYPE_CHECKING:
    from pathlib import Path


def encoder(folder: Path, context: Context = "quotation", max_tokens: int = 64) -> Encoder:
    return Encoder.from_file(folder / "tokenizer.json", InputSettings(max_tokens, context))


@pytest.mark.parametrize(
    "styled", ["“We won,” he said.", "``We won,'' he said.", "„We won,‟ he said.", "«We won,» he said."]
)
def test_every_style_of_double_quote_looks_the_same(styled: str) -> None:
    assert normalise_quotes(styled) == '"We won," he said.'


def test_apostrophes_look_the_same_and_stay_apostrophes() -> None:
    assert normalise_quotes("It’s ‘fine’") == "It's 'fine'"


def test_an_open_quotation_is_marked_only_when_the_model_was_trained_so(tiny_encoder: Path) -> None:
    assert encoder(tiny_encoder).prepare("They lost.", quotation_open=True) == '"They lost.'
    assert encoder(tiny_encoder).prepare("They lost.", quotation_open=False) == "They lost."
    assert encoder(tiny_encoder, "none").prepare("They lost.", quotation_open=True) == "They lost."


def test_the_previous_sentence_is_a_second_segment(tiny_encoder: Path) -> None:
    encoded = encoder(tiny_encoder, "both").encode(["They met."], [True], ["Talks failed."])
    assert encoded.type_ids is not None
    assert set(encoded.type_ids[0]) == {0, 1}
    assert encoder(tiny_encoder, "quotation").encode(["They met."], [True], ["Talks failed."]).type_ids is None


def test_long_input_is_cut_to_the_limit_and_flagged(tiny_encoder: Path) -> None:
    encoded = encoder(tiny_encoder, max_tokens=16).encode(["The mayor said " * 20, "They met."])
    assert encoded.truncated == [True, False]
    assert len(encoded.ids[0]) == 16
    assert encoded.ids[0][-1] == 3, "the separator stays at the end"


@pytest.mark.parametrize("context", CONTEXTS)
def test_a_batch_encodes_as_its_sentences_do_alone(tiny_encoder: Path, context: Context, sentences: list[str]) -> None:
    e = encoder(tiny_encoder, context)
    states = [i % 2 == 0 for i in range(len(sentences))]
    together = e.encode(sentences, states, sentences[::-1]).ids
    alone = [e.encode([s], [o], [p]).ids[0] for s, o, p in zip(sentences, states, sentences[::-1], strict=True)]
    assert together == alone


@pytest.mark.parametrize("bad", ["", "  \n\t", "\ud800 broken"])
def test_blank_and_broken_text_is_refused(bad: str) -> None:
    with pytest.raises(InputError):
        check_text(bad)


@pytest.mark.parametrize("bad", [None, 3, b"bytes", ["list"]])
def test_other_types_are_refused_by_name(bad: object) -> None:
    with pytest.raises(InputTypeError, match=type(bad).__name__):
        check_text(bad)


def test_a_broken_tokenizer_file_is_a_model_error(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match="not a readable tokenizer"):
        encoder(tmp_path)


def test_marks_of_the_tokenizer_in_an_article_are_text(tiny_mpnet: Path) -> None:
    encoder = Encoder.from_file(tiny_mpnet / "tokenizer.json", InputSettings(48, "none"))
    (ids,) = encoder.encode(["The [SEP] storm [PAD] damaged [CLS] houses."]).ids
    first, padding, last = 0, 1, 2
    assert ids[0] == first
    assert ids[-1] == last
    assert not {first, padding, last} & set(ids[1:-1])
