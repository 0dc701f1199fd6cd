"""The measuring of segmentation, on a tiny corpus of our own."""

from __future__ import annotations

import csv
import json

import pytest

from claimstance.eval.segmentation import (
    Agreement,
    cut_claimstance,
    cut_sentencex_by_line,
    evaluate_segmentation,
    read_gold,
    running_text,
)

ARTICLE = 'Ferry sinks\n\n"We swam. Nobody drowned," Orr said. The lake is deep.\n\nREUTERS/Ann Lee'


@pytest.fixture
def corpora(tmp_path):
    (tmp_path / "wikinews").mkdir()
    (tmp_path / "wikinews" / "goldEN.json").write_text(json.dumps([{"original_text": ARTICLE}] * 2), encoding="utf-8")
    pieces = ["Ferry sinks", '"We swam.', 'Nobody drowned," Orr said.', "The lake is", "REUTERS/Ann Lee"]
    with (tmp_path / "annotations.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["corpus", "doc", "start", "end", "split", "sampling", "codes"])
        for piece in pieces:
            start = ARTICLE.index(piece)
            code = "N" if piece.startswith("REUTERS") else "-"
            writer.writerow(["wikinews", 0, start, start + len(piece), "dev", "natural", code])
            writer.writerow(["wikinews", 1, start, start + len(piece), "test", "natural", code])
    return tmp_path


def test_the_test_split_is_never_read(corpora):
    assert list(read_gold(corpora / "annotations.csv")) == [("wikinews", "0")]


def test_spans_and_non_sentences_are_counted(corpora):
    report = evaluate_segmentation(corpora, corpora / "annotations.csv")
    assert report["spans"]["claimstance"]["dev wikinews"] == {
        "both": 4, "predicted": 5, "gold": 5, "precision": 0.8, "recall": 0.8, "f1": 0.8,
    }  # fmt: skip
    assert report["non_sentences"]["dev natural"]["both"] == 1
    assert report["non_sentences"]["dev natural"]["predicted"] == 1
    assert report["speed"]["sentences_per_second"] > 0


def test_nothing_found_scores_zero():
    assert Agreement(0, 0, 3).to_dict()["f1"] == 0.0


@pytest.mark.parametrize("corpus", ["newsdiscourse", "basil", "wikinews"])
def test_running_text_keeps_offsets(corpus):
    text = "H Title here\n\nS1 One.\nS2 Two.\n"
    assert len(running_text(corpus, text)) == len(text)
    assert running_text(corpus, text).index("Two.") == text.index("Two.")


def test_one_sentence_a_line_becomes_running_text():
    assert running_text("newsdiscourse", "S1 He left\nS2 at noon.") == "   He left    at noon."


def test_peers_return_trimmed_offsets():
    text = " He left. She stayed.\n\n The lake froze. "
    assert cut_sentencex_by_line(text) == cut_claimstance(text) == [(1, 9), (10, 21), (24, 39)]
