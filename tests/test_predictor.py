"""The predictor: one sentence, many, whole articles; in order, in context, from any thread."""

from __future__ import annotations

import copy
import itertools
import json
import math
import pickle
import shutil
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from claimstance import LABELS, Predictor
from claimstance.model import predictor as predictor_module
from claimstance.model.artifact import load_folder, seal_folder
from claimstance.model.errors import InputError, InputTypeError, ModelError
from claimstance.model.labels import decide, label_distribution

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def tiny(tiny_model: Path) -> Predictor:
    """Return a predictor with the tiny model on the default engine."""
    return Predictor.from_pretrained(tiny_model)


def test_a_prediction_is_consistent_in_itself(tiny: Predictor, sentences: list[str]) -> None:
    for sentence in sentences:
        p = tiny.label(sentence)
        assert p.text == sentence
        assert p.probabilities is not None
        assert p.facets is not None
        assert tuple(p.probabilities) == LABELS
        assert math.isclose(sum(p.probabilities.values()), 1.0, abs_tol=1e-9)
        facets = [p.facets[f] for f in ("quote", "threat", "forecast")]
        assert p.label == LABELS[decide([facets], tiny.settings.thresholds)[0][0]]
        assert p.score == p.probabilities[p.label]
        assert np.allclose(label_distribution([facets])[0], list(p.probabilities.values()))
        assert p.label == (p.holds[0] if p.holds else "fact")


def test_to_dict_is_json(tiny: Predictor, article: str) -> None:
    for p in tiny.label_article(article):
        again = json.loads(json.dumps(p.to_dict()))
        assert again["text"] == p.text
        assert again["holds"] == list(p.holds)
        assert list(again)[:2] == ["text", "label"]


def test_label_many_is_lazy_and_keeps_order(
    tiny: Predictor, sentences: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predictor_module, "WINDOW", 4)
    taken = []

    def endless() -> Iterator[str]:
        for sentence in itertools.cycle(sentences):
            taken.append(sentence)
            yield sentence

    first = list(itertools.islice(tiny.label_many(endless()), 10))
    assert [p.text for p in first] == (sentences * 2)[:10]
    assert len(taken) <= 12, "reads at most one window ahead"


def test_label_many_equals_label_one_by_one(tiny_model: Path, sentences: list[str]) -> None:
    exact = Predictor.from_pretrained(tiny_model, engine="torch")
    together = [p.probabilities for p in exact.label_many(sentences)]
    alone = [exact.label(s).probabilities for s in sentences]
    for a, b in zip(together, alone, strict=True):
        assert a is not None
        assert b is not None
        assert np.allclose(list(a.values()), list(b.values()), atol=1e-5)


def test_a_bad_sentence_stops_label_many_after_the_good_ones(tiny: Predictor) -> None:
    results = tiny.label_many(["They met.", "Talks failed.", " ", "Never reached."])
    assert next(results).text == "They met."
    assert next(results).text == "Talks failed."
    with pytest.raises(InputError, match="sentence 2 must hold some text"):
        next(results)


@pytest.mark.parametrize("single", ["a string", b"bytes"])
def test_label_many_refuses_a_single_string(tiny: Predictor, single: str) -> None:
    with pytest.raises(InputTypeError, match=r"use label\(\)"):
        tiny.label_many(single)


@pytest.mark.parametrize("single", ["a string", b"bytes"])
def test_a_single_string_is_not_taken_apart_into_characters(tiny: Predictor, single: str) -> None:
    with pytest.raises(InputTypeError, match=r"use label_article\(\)"):
        tiny.label_articles(single)
    with pytest.raises(InputTypeError, match="put it in a list"):
        tiny.predict_facets(single)


@pytest.mark.parametrize(
    ("bad", "error"), [(None, InputTypeError), ("", InputError), (" \n", InputError), ("\udcff", InputError)]
)
def test_predict_facets_refuses_what_label_refuses(tiny: Predictor, bad: str, error: type[Exception]) -> None:
    with pytest.raises(error, match="sentence 1 must"):
        tiny.predict_facets(["They met.", bad])


def test_an_article_comes_back_with_exact_offsets(tiny: Predictor, article: str) -> None:
    found = tiny.label_article(article)
    assert [p.index for p in found] == list(range(len(found)))
    assert all(article[p.start : p.end] == p.text for p in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))


def test_a_byline_is_returned_without_a_label_and_with_a_reason(tiny: Predictor, article: str) -> None:
    byline = next(p for p in tiny.label_article(article) if p.text == "Written by Anna Fletcher")
    assert byline.label is None
    assert byline.probabilities is None
    assert byline.reason


def test_a_sentence_inside_an_open_quotation_says_so(tiny: Predictor, article: str) -> None:
    states = {p.text: p.quotation_open for p in tiny.label_article(article)}
    assert states['Nobody came," its leader said.'] is True
    assert states['"We waited for months.'] is False


def test_context_reaches_the_network(tiny: Predictor) -> None:
    sentence = "Nobody came to the talks."
    assert tiny.label(sentence).facets != tiny.label(sentence, quotation_open=True).facets


def test_several_articles_at_once_equal_one_at_a_time(tiny_model: Path, article: str) -> None:
    exact = Predictor.from_pretrained(tiny_model, engine="torch")
    other = "Mine closed for good\n\nThe owner said the mine would not reopen."
    together = exact.label_articles([article, other])
    assert [[(p.text, p.label) for p in row] for row in together] == [
        [(p.text, p.label) for p in exact.label_article(text)] for text in (article, other)
    ]


def test_articles_of_a_shuffled_series_are_not_taken_from_each_other(tiny: Predictor, article: str) -> None:
    other = "Mine closed for good\n\nThe owner said the mine would not reopen."
    shuffled = pd.Series([article, other], index=[1, 0])
    assert [[s.text for s in row] for row in tiny.label_articles(shuffled)] == [
        [s.text for s in tiny.label_article(text)] for text in (article, other)
    ]


def test_articles_and_sentences_may_come_from_generators(tiny: Predictor, article: str, sentences: list[str]) -> None:
    assert tiny.label_articles(text for text in [article]) == [tiny.label_article(article)]
    found = tiny.predict_facets((s for s in sentences), (False for _ in sentences), ("" for _ in sentences))
    assert np.array_equal(found.probabilities, tiny.predict_facets(sentences).probabilities)


def _unpickle(pickled: bytes) -> Predictor:
    predictor: Predictor = pickle.loads(pickled)  # noqa: S301 - pickled by this test
    return predictor


@pytest.mark.parametrize("again", [copy.deepcopy, lambda p: _unpickle(pickle.dumps(p))])
def test_a_predictor_can_be_copied_and_pickled(tiny_model: Path, again: Callable[[Predictor], Predictor]) -> None:
    first = Predictor.from_pretrained(tiny_model, engine="onnx", threads=1, min_confidence=0.3)
    second = again(first)
    assert (second.engine.name, second.min_confidence) == ("onnx", 0.3)
    assert second.label("They met.") == first.label("They met.")


def test_a_pickle_of_a_model_that_was_replaced_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    pickled = pickle.dumps(Predictor.from_pretrained(folder))
    seal_folder(folder, replace(load_folder(folder).settings, name="other"))
    with pytest.raises(ModelError, match="the pickled predictor had model"):
        _unpickle(pickled)


def test_a_predictor_made_by_hand_says_why_it_cannot_be_pickled(tiny: Predictor) -> None:
    with pytest.raises(pickle.PicklingError, match="from_pretrained"):
        pickle.dumps(Predictor(tiny.folder, tiny.engine, tiny.encoder))


def test_truncation_is_flagged_on_its_row_only(tiny: Predictor) -> None:
    flags = [p.truncated for p in tiny.label_many(["They met.", "The mayor said so " * 60, "Talks failed."])]
    assert flags == [False, True, False]


def test_low_confidence_abstains_but_keeps_the_evidence(tiny_model: Path) -> None:
    careful = Predictor.from_pretrained(tiny_model, min_confidence=1.0)
    p = careful.label("They met.")
    assert p.label is None
    assert p.reason == "low_confidence"
    assert p.score is not None
    assert p.probabilities is not None
    with pytest.raises(InputError, match="min_confidence"):
        Predictor.from_pretrained(tiny_model, min_confidence=1.5)


@pytest.mark.parametrize("bad", ["", "\n", "\udcff"])
def test_blank_and_broken_articles_are_refused(tiny: Predictor, bad: str) -> None:
    with pytest.raises(InputError, match="article"):
        tiny.label_article(bad)


def test_threads_share_a_predictor(tiny: Predictor, sentences: list[str]) -> None:
    expected = [tiny.label(s).label for s in sentences]
    with ThreadPoolExecutor(8) as pool:
        rounds = list(pool.map(lambda s: tiny.label(s).label, sentences * 10))
    assert rounds == expected * 10


def test_it_works_with_sockets_blocked(tiny_model: Path, article: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        msg = "no network in this test"
        raise AssertionError(msg)

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    assert Predictor.from_pretrained(tiny_model).label_article(article)


def test_both_engines_nearly_agree(tiny_model: Path, sentences: list[str]) -> None:
    onnx = Predictor.from_pretrained(tiny_model).predict_facets(sentences).probabilities
    torch = Predictor.from_pretrained(tiny_model, engine="torch").predict_facets(sentences).probabilities
    assert np.abs(onnx - torch).max() < 0.1
