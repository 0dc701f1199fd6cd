from __future__ import annotations

import pytest

from claimstance.model.errors import CorpusError
from claimstance.train.corpus.build import OWN_TEXTS
from claimstance.train.corpus.own_texts import read_own_texts
from claimstance.train.corpus.rows import text_hash

ARTICLES = (
    'ORBETELLO - The ferry will not sail. "We are out of fuel. Nobody sold us any," the captain said.\n\n'
    "The port opened in 1931.\n%%\n\nA second article begins here. It is likely to end soon.\n"
)


@pytest.fixture
def articles(tmp_path):
    path = tmp_path / "own.txt"
    path.write_text(ARTICLES, encoding="utf-8")
    return path


def test_articles_are_told_apart_by_number(articles):
    found, sentences = read_own_texts([articles])
    assert sentences == []
    assert list(found) == ["own"]
    assert list(found["own"]) == ["0", "1"]
    assert found["own"]["1"] == "A second article begins here. It is likely to end soon."


def test_own_sentences_are_read_without_their_codes_and_each_is_a_document(tmp_path):
    path = tmp_path / "groups.tsv"
    path.write_text(
        "group\tcodes\ttopic\ttext\ng1\tT\tport\tPay or leave.\ng1\t-\tport\tThey paid us.\n", encoding="utf-8"
    )
    found, rows = read_own_texts([path])
    assert found == {}
    assert [row.text for row in rows] == ["Pay or leave.", "They paid us."]
    assert len({row.doc for row in rows}) == 2
    assert not any(hasattr(row, "codes") for row in rows)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["own.csv"], "expected .txt"),
        (["absent.txt"], "cannot be read"),
        (["wikinews.txt"], "part of the corpus 'wikinews'"),
        (["own.txt", "more/own.tsv"], "part of the corpus 'own'"),
    ],
)
def test_a_file_that_cannot_be_used_is_a_typed_error(tmp_path, articles, names, message):
    assert articles.is_file()
    with pytest.raises(CorpusError, match=message):
        read_own_texts([tmp_path / name for name in names])


def test_own_texts_join_the_unlabelled_rows_but_not_what_is_measured(source, authored, tmp_path, articles):
    import pyarrow.parquet as pq

    from claimstance.train.corpus import build_corpus

    leak = "The general threatened to shell the harbour unless the fleet surrendered by noon."
    articles.write_text(f"{ARTICLES}%%\n{leak}\n", encoding="utf-8")
    report = build_corpus(
        source.folder, tmp_path / "out", annotations=source.annotations, authored=authored, own_texts=[articles]
    )
    texts = [row["text"] for row in pq.read_table(tmp_path / "out/unlabelled.parquet").to_pylist()]
    assert "The port opened in 1931." in texts
    assert leak not in texts
    assert report.unlabelled["own"] == 6


def test_the_shipped_own_texts_can_be_read():
    articles, sentences = read_own_texts(OWN_TEXTS)
    assert {corpus: len(found) for corpus, found in articles.items()} == {
        "authored_articles": 52,
        "authored_boundaries": 472,
        "authored_news": 1881,
    }
    assert len(sentences) > 6000


def annotate(source, *rows):
    with source.annotations.open("a", encoding="utf-8") as file:
        for number, (doc, start, text, split, sampling) in enumerate(rows):
            end = start + len(text)
            file.write(f"o{number},own,{doc},{start},{end},{text_hash(text)},F,{split},{sampling},single\n")


@pytest.fixture
def build(source, authored, tmp_path, articles):
    from claimstance.train.corpus import build_corpus

    def run():
        return build_corpus(
            source.folder, tmp_path / "out", annotations=source.annotations, authored=authored, own_texts=[articles]
        )

    return run


def rows_of(tmp_path, name):
    import pyarrow.parquet as pq

    return pq.read_table(tmp_path / f"out/{name}.parquet").to_pylist()


def test_annotations_may_point_into_own_articles(source, tmp_path, articles, build):
    sentence = "It is likely to end soon."
    annotate(source, ("1", read_own_texts([articles])[0]["own"]["1"].index(sentence), sentence, "train", "authored"))
    report = build()
    row = next(row for row in rows_of(tmp_path, "train") if row["id"] == "o0")
    assert (row["text"], row["previous"], row["forecast"]) == (sentence, "A second article begins here.", 1)
    assert report.unlabelled["own"] == 5  # of six, what is annotated does not come again


def test_a_sentence_of_an_own_article_of_which_a_part_is_annotated_does_not_come_again(
    source, tmp_path, articles, build
):
    part = "likely to end soon"
    annotate(source, ("1", read_own_texts([articles])[0]["own"]["1"].index(part), part, "train", "authored"))
    assert build().unlabelled["own"] == 5
    assert not any(part in row["text"] for row in rows_of(tmp_path, "unlabelled"))


def test_an_own_article_that_is_measured_on_gives_no_unlabelled_sentence(source, tmp_path, build):
    annotate(source, ("1", 0, "A second article begins here.", "dev", "authored"))
    assert build().unlabelled["own"] == 4
    assert {row["doc"] for row in rows_of(tmp_path, "unlabelled") if row["corpus"] == "own"} == {"0"}


def test_the_sampling_of_own_articles_is_authored(source, build):
    annotate(source, ("1", 0, "A second article begins here.", "train", "natural"))
    with pytest.raises(CorpusError, match="annotation o0 of own: sampling is authored for own articles and only"):
        build()
