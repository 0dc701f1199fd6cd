from __future__ import annotations

import pytest

from claimstance.eval.corpora import (
    Documents,
    blank_markers,
    read_finnumclaim,
    read_newsdiscourse_roles,
    read_plover_threaten,
)
from claimstance.model.errors import CorpusError


def test_document_names_and_texts_of_each_corpus(source):
    documents = Documents(source.folder)
    assert documents.text("wikinews", "0").startswith("The bridge reopened")
    assert documents.text("newsdiscourse", "train 2/Crime/ferry").startswith("H Ferry line closes")
    assert documents.text("basil", "2015/mill_1").split("\n") == [
        "Council Votes On The Old Mill",
        "The council voted on Tuesday.",
        "“We will sue,” the owner warned the council.",
    ]
    assert documents.text("plover", "PLV_test:1") == "The two ministers met in the capital."
    assert documents.text("cameo", "train:1") == "The king met the premier."
    assert documents.text("un", "1") == "The Panel visited four ports during its mandate."
    assert not any("MACOSX" in name for name in documents.corpus("newsdiscourse"))


def test_blanked_markers_keep_offsets():
    text = "H Title\n\nS1 One.\nS12  S1 Two.\nS3x stays"
    blanked = blank_markers("newsdiscourse", text)
    assert blanked == "  Title\n\n   One.\n     S1 Two.\nS3x stays"
    assert blank_markers("basil", text) == text


def test_lines_about_the_article_are_blanked():
    text = "H Title\nDATE/ AUTHOR 2018-01-01\tAUTHORS: A. Writer\nURL https://example.org/a\nS1 One."
    blanked = blank_markers("newsdiscourse", text)
    assert [line.strip() for line in blanked.split("\n")] == ["Title", "", "", "One."]
    assert len(blanked) == len(text)


@pytest.mark.parametrize(("corpus", "doc"), [("un", "99"), ("poems", "1")])
def test_an_unknown_document_or_corpus_is_an_error(source, corpus, doc):
    with pytest.raises(CorpusError, match=doc if corpus == "un" else "unknown corpus"):
        Documents(source.folder).text(corpus, doc)


@pytest.mark.parametrize(
    ("corpus", "file"),
    [("wikinews", "goldEN.json"), ("newsdiscourse", "test.zip"), ("plover", "AW_train.tsv")],
)
def test_a_damaged_file_is_an_error_that_names_its_corpus(source, corpus, file):
    (source.folder / corpus / file).write_bytes(b"\xff\x00{ not a table")
    with pytest.raises(CorpusError, match=f"corpus {corpus}: cannot be read"):
        Documents(source.folder).corpus(corpus)


def test_newsdiscourse_roles_and_speech(source):
    sentences = read_newsdiscourse_roles(source.folder)
    assert [(s.text, s.role, s.speech, s.expectation, s.quotation_open) for s in sentences] == [
        ("The strike began at dawn.", "Main", False, False, False),
        ("“It will end badly,", "Distant_Expectations_Consequences", True, True, False),
        ("and everyone knows it,” she said.", "Distant_Evaluation", True, False, True),
    ]
    assert sentences[2].previous == "“It will end badly,"
    text = Documents(source.folder).text("newsdiscourse", sentences[2].doc)
    assert text[sentences[2].start : sentences[2].end] == sentences[2].text


def test_plover_threats(source):
    threat, meeting = read_plover_threaten(source.folder)
    assert (threat.positive, threat.category, threat.id) == (True, "THREATEN", "PLV_test:0")
    assert (meeting.positive, meeting.category) == (False, "CONSULT")


def test_finnumclaim(tmp_path):
    pytest.importorskip("openpyxl")
    import pandas as pd

    folder = tmp_path / "finnumclaim/test"
    folder.mkdir(parents=True)
    for genre, label in (("arpts", 1), ("ec", 0)):
        table = pd.DataFrame({"label": [label], "text": [f"we expect {genre} growth of 3%."]})
        table.to_excel(folder / f"gold_{genre}_numclaim-test-5768.xlsx", index=False)
    first, second = read_finnumclaim(tmp_path)
    assert (first.text, first.positive, first.category) == ("we expect arpts growth of 3%.", True, "in-claim")
    assert (second.positive, second.category) == (False, "out-of-claim")


@pytest.mark.parametrize("reader", [read_finnumclaim, read_newsdiscourse_roles, read_plover_threaten])
def test_a_missing_benchmark_is_named(tmp_path, reader):
    with pytest.raises(CorpusError, match="cannot be read"):
        reader(tmp_path)
