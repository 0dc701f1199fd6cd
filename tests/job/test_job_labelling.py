"""The columnar path says what the predictor says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from claimstance.model.errors import ConfigError, InputTypeError
from claimstance.model.job.columns import SCHEMA
from claimstance.model.job.documents import BadRow, Document
from claimstance.model.job.labelling import label_documents
from claimstance.model.job.ray import LabelBatch, ModelChoice
from claimstance.model.job.settings import JobSettings
from claimstance.model.predictor import Predictor

if TYPE_CHECKING:
    from pathlib import Path


def test_rows_equal_the_predictors_records(predictor: Predictor, article: str) -> None:
    table = label_documents(predictor, [Document("a", article)])
    expected = predictor.label_article(article)
    assert table.schema == SCHEMA
    assert len(table) == len(expected)
    for row, record in zip(table.to_pylist(), expected, strict=True):
        assert (row["document"], row["sentence"]) == ("a", record.index)
        assert article[row["start"] : row["end"]] == row["text"] == record.text
        assert (row["label"], row["reason"]) == (record.label, record.reason)
        if record.probabilities is None:
            assert row["score"] is None
            assert row["p_fact"] is None
            continue
        assert record.facets is not None
        assert row["score"] == pytest.approx(record.score, abs=1e-6)
        found = {k: row[f"p_{k}"] for k in record.probabilities}
        assert found == pytest.approx(record.probabilities, abs=1e-6)
        assert {k: row[f"facet_{k}"] for k in record.facets} == pytest.approx(record.facets, abs=1e-6)
        assert tuple(row["holds"].split()) == record.holds
        assert row["truncated"] is record.truncated
        assert row["model"] == predictor.folder.revision


def test_an_article_has_sentences_and_non_sentences(predictor: Predictor, article: str) -> None:
    rows = label_documents(predictor, [Document("a", article)]).to_pylist()
    assert any(r["label"] for r in rows)
    assert any(r["reason"] for r in rows)


def test_a_bad_row_becomes_an_error_row_in_its_place(predictor: Predictor, sentences: list[str]) -> None:
    items = [Document("a", sentences[0]), BadRow("b", "b.txt", "broken"), Document("c", sentences[1])]
    rows = label_documents(predictor, items, "sentence").to_pylist()
    assert [r["document"] for r in rows] == ["a", "b", "c"]
    assert [r["error"] for r in rows] == [None, "broken", None]
    assert {k for k, v in rows[1].items() if v is not None} == {"document", "model", "error"}


def test_nothing_but_bad_rows_needs_no_network(predictor: Predictor) -> None:
    assert label_documents(predictor, [BadRow("b", "b.txt", "broken")]).num_rows == 1
    assert label_documents(predictor, []).num_rows == 0


def test_text_can_be_left_out(predictor: Predictor, article: str) -> None:
    assert "text" not in label_documents(predictor, [Document("a", article)], text=False).column_names


def test_below_the_confidence_a_sentence_has_a_reason(tiny_model, sentences: list[str]) -> None:
    strict = Predictor.from_pretrained(tiny_model, threads=1, min_confidence=1.0)
    rows = label_documents(strict, [Document("a", s) for s in sentences], "sentence").to_pylist()
    assert {(r["label"], r["reason"]) for r in rows} == {(None, "low_confidence")}
    assert all(r["score"] is not None for r in rows)


def test_a_misspelt_mode_does_not_mean_document(predictor: Predictor, sentences: list[str]) -> None:
    with pytest.raises(ConfigError, match="mode must be one of document, sentence, got 'sentences'"):
        label_documents(predictor, [Document("a", sentences[0])], mode="sentences")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="mode must be one of document, sentence, got 'sentences'"):
        LabelBatch("id", mode="sentences")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="mode must be one of document, sentence, got 'sentences'"):
        JobSettings(mode="sentences")  # type: ignore[arg-type]


def test_bare_texts_are_no_items(predictor: Predictor, sentences: list[str]) -> None:
    with pytest.raises(InputTypeError, match="items must be Document or BadRow, got str; to_items makes them"):
        label_documents(predictor, sentences)  # type: ignore[arg-type]


def test_label_batch_has_the_limit_that_its_error_names(tiny_model: Path) -> None:
    label = LabelBatch("id", choice=ModelChoice(str(tiny_model)), max_bytes=20)
    found = label(pa.table({"id": [1, None, 3], "text": ["x" * 21, "They met.", "It rose."]}))
    assert found["document"].to_pylist() == ["1", "row 2", "3"]
    assert found["error"].to_pylist() == [
        "row is longer than 20 bytes; split it, or raise max_bytes (--max-bytes)",
        "id must be a string or integer, got NoneType",
        None,
    ]
