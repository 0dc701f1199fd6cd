from __future__ import annotations

import pytest

from claimstance.model.errors import CorpusError
from claimstance.train.corpus.build import OWN_TEXTS
from claimstance.train.corpus.own_texts import read_articles, read_own_text
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


def test_articles_are_cut_into_sentences_with_their_context(articles):
    rows = read_own_text(articles)
    assert {row.corpus for row in rows} == {"own"}
    assert [row.doc for row in rows] == ["0"] * 4 + ["1"] * 2
    inside = next(row for row in rows if row.text.startswith("Nobody sold us any"))
    assert inside.quotation_open
    assert inside.previous.endswith("We are out of fuel.")
    assert rows[4].previous == ""
    assert len({(row.doc, row.start) for row in rows}) == len(rows)


def test_own_sentences_are_read_without_their_codes_and_each_is_a_document(tmp_path):
    path = tmp_path / "groups.tsv"
    path.write_text(
        "group\tcodes\ttopic\ttext\ng1\tT\tport\tPay or leave.\ng1\t-\tport\tThey paid us.\n", encoding="utf-8"
    )
    rows = read_own_text(path)
    assert [row.text for row in rows] == ["Pay or leave.", "They paid us."]
    assert len({row.doc for row in rows}) == 2
    assert not any(hasattr(row, "codes") for row in rows)


@pytest.mark.parametrize(("name", "message"), [("own.csv", "expected .txt"), ("absent.txt", "cannot be read")])
def test_a_file_that_cannot_be_used_is_a_typed_error(tmp_path, name, message):
    with pytest.raises(CorpusError, match=message):
        read_own_text(tmp_path / name)


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
    for path in OWN_TEXTS:
        rows = read_own_text(path)
        assert len(rows) > 1000, path
        assert any(row.quotation_open for row in rows) == (path.suffix == ".txt"), path


def test_annotations_may_point_into_own_articles(source, authored, tmp_path, articles):
    import pyarrow.parquet as pq

    from claimstance.train.corpus import build_corpus

    sentence = "It is likely to end soon."
    start = read_articles(articles)["1"].index(sentence)
    with source.annotations.open("a", encoding="utf-8") as file:
        file.write(f"o1,own,1,{start},{start + len(sentence)},{text_hash(sentence)},F,train,authored,single\n")
    report = build_corpus(
        source.folder, tmp_path / "out", annotations=source.annotations, authored=authored, own_texts=[articles]
    )
    rows = {row["id"]: row for row in pq.read_table(tmp_path / "out/train.parquet").to_pylist()}
    assert rows["o1"]["text"] == sentence
    assert rows["o1"]["previous"] == "A second article begins here."
    assert rows["o1"]["forecast"] == 1
    assert report.unlabelled["own"] == 5  # of six, what is annotated does not come again
    assert sentence not in [row["text"] for row in pq.read_table(tmp_path / "out/unlabelled.parquet").to_pylist()]


def test_an_own_text_must_not_take_a_corpus_name(source, authored, tmp_path, articles):
    from claimstance.train.corpus import build_corpus

    taken = articles.rename(tmp_path / "wikinews.txt")
    with pytest.raises(CorpusError, match="part of the corpus 'wikinews'"):
        build_corpus(
            source.folder, tmp_path / "out", annotations=source.annotations, authored=authored, own_texts=[taken]
        )
