from __future__ import annotations

import numpy as np
import pytest

from claimstance.train.corpus import check_leakage
from claimstance.train.corpus.duplicates import NearIndex, normalise, words
from claimstance.train.corpus.features import ROW_COLUMNS, write_parquet


def row(id_, text, corpus="a", doc="1"):
    return {"id": id_, "corpus": corpus, "doc": doc, "text": text}


LONG = "The harbour authority said on Tuesday that the northern quay would stay shut until the spring"


@pytest.mark.parametrize(
    "text",
    ["“No deal,”  she said.", '"No deal," SHE said.', "``No deal,'' she\nsaid.", "„No deal,“ she said. "],
)
def test_case_space_and_quotation_marks_do_not_hide_a_leak(text):
    (leak,) = check_leakage([row("t", text)], [row("e", '"No deal," she said.', doc="2")])
    assert (leak.train, leak.other, leak.kind, leak.similarity) == ("t", "e", "exact", 1.0)


def test_a_shared_document_is_a_leak_whatever_its_sentences():
    (leak,) = check_leakage([row("t", "One thing.")], [row("e", "Another matter.")])
    assert leak.kind == "document"


def test_the_same_document_name_in_another_corpus_is_none():
    assert check_leakage([row("t", "One thing.")], [row("e", "Another matter.", corpus="b")]) == []


def test_a_reworded_long_sentence_is_a_leak():
    other = LONG.replace("Tuesday", "Wednesday")
    (leak,) = check_leakage([row("t", LONG)], [row("e", other, doc="2")])
    assert leak.kind == "near"
    assert leak.similarity == pytest.approx(len(words(LONG) & words(other)) / len(words(LONG) | words(other)))


def test_reordered_words_are_near_not_exact():
    other = " ".join(reversed(LONG.split()))
    (leak,) = check_leakage([row("t", LONG)], [row("e", other, doc="2")])
    assert (leak.kind, leak.similarity) == ("near", 1.0)


def test_short_stock_phrases_leak_only_when_equal():
    train = [row("t", "He declined to comment today.")]
    assert check_leakage(train, [row("e", "She declined to comment today.", doc="2")]) == []
    assert len(check_leakage(train, [row("e", "he declined to comment today.", doc="2")])) == 1


def test_different_sentences_are_no_leak():
    other = "The southern quay opened in autumn after the council had found money for new cranes there"
    assert check_leakage([row("t", LONG)], [row("e", other, doc="2")]) == []


def test_rows_without_an_id_are_named_by_their_place():
    loose = {"corpus": "a", "doc": "9", "start": 12, "text": LONG}
    (leak,) = check_leakage([loose], [row("e", LONG, doc="2")])
    assert leak.train == "a/9@12"


def test_the_index_finds_what_comparing_every_pair_finds():
    choose = np.random.default_rng(13).choice
    vocabulary = [f"w{n}" for n in range(40)]
    base = [" ".join(choose(vocabulary, 14)) for _ in range(120)]
    queries = [" ".join([*text.split()[: 14 - n % 5], *choose(vocabulary, n % 5)]) for n, text in enumerate(base)]
    index = NearIndex(base, threshold=0.7)
    for query in queries:
        similarities = [
            len(words(query) & words(text)) / len(words(query) | words(text)) if len(words(text)) >= 8 else 0.0
            for text in base
        ]
        found = index.find(query)
        if max(similarities) >= 0.7 and len(words(query)) >= 8:
            assert found is not None
            assert found[1] == pytest.approx(max(similarities))
        else:
            assert found is None


def test_a_dataset_can_be_checked_as_it_is(tmp_path):
    datasets = pytest.importorskip("datasets")
    full = dict.fromkeys(ROW_COLUMNS, "") | dict.fromkeys(("start", "end", "quote", "threat", "forecast", "label"), 0)
    full |= {"quotation_open": False, "is_sentence": True}
    for name, doc in (("train", "1"), ("test", "2")):
        write_parquet([full | row(name, LONG, doc=doc)], ROW_COLUMNS, tmp_path / f"{name}.parquet")
    train, test = (
        datasets.Dataset.from_parquet(str(tmp_path / f"{name}.parquet"), cache_dir=str(tmp_path))
        for name in ("train", "test")
    )
    assert [leak.kind for leak in check_leakage(train, test)] == ["exact"]


def test_normalise_keeps_apart_what_reads_differently():
    assert normalise("He said: no.") != normalise("He said no.")
