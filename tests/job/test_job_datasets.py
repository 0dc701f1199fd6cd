"""The recipes for Hugging Face datasets in docs/batch.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from claimstance.model.job import label_documents, to_items

if TYPE_CHECKING:
    from claimstance.model.predictor import Predictor

datasets = pytest.importorskip("datasets")


@pytest.fixture
def dataset(article: str, sentences: list[str]) -> Any:
    texts = [article, *sentences, None]
    return datasets.Dataset.from_dict({"id": list(range(len(texts))), "text": texts})


def test_articles_become_sentences(predictor: Predictor, dataset: Any, article: str) -> None:
    def label(batch: dict[str, list[Any]]) -> Any:
        return label_documents(predictor, to_items(batch["id"], batch["text"]))

    rows = dataset.map(label, batched=True, batch_size=4, remove_columns=dataset.column_names)
    first = [r for r in rows if r["document"] == "0"]
    assert [article[r["start"] : r["end"]] for r in first] == [r["text"] for r in first]
    assert len(first) == len(predictor.label_article(article))
    assert "must be a str, got NoneType" in rows[-1]["error"]


def test_sentences_keep_their_columns(predictor: Predictor, dataset: Any, sentences: list[str]) -> None:
    def label(batch: Any) -> Any:
        items = to_items(batch["id"].to_pylist(), batch["text"].to_pylist())
        found = label_documents(predictor, items, mode="sentence")
        for name in ("label", "score", "holds", "error"):
            batch = batch.append_column(name, found[name])
        return batch

    rows = dataset.select(range(1, len(dataset))).with_format("arrow").map(label, batched=True, batch_size=4)
    rows = rows.with_format(None)
    assert rows["text"][:-1] == sentences
    assert rows["label"][:-1] == [p.label for p in predictor.label_many(sentences)]
    assert (rows[-1]["label"], rows[-1]["error"]) == (None, "text must be a str, got NoneType")


def test_a_streamed_dataset_works_the_same(predictor: Predictor, dataset: Any) -> None:
    def label(batch: Any) -> Any:
        return label_documents(predictor, to_items(batch["id"].to_pylist(), batch["text"].to_pylist()))

    options = {"batched": True, "batch_size": 4, "remove_columns": dataset.column_names}
    stream = dataset.to_iterable_dataset().with_format("arrow")
    streamed = list(stream.map(label, batched=True, batch_size=4, remove_columns=["id"]).with_format(None))
    whole = dataset.with_format("arrow").map(label, **options).with_format(None)
    assert streamed == list(whole)
    assert len(streamed) > len(dataset)
