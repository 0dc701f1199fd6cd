"""The table that a terminal gets."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console

from claimstance.model.job.documents import BadRow, Document
from claimstance.model.job.labelling import label_documents
from claimstance.model.job.render import print_table

if TYPE_CHECKING:
    import pyarrow as pa

    from claimstance.model.predictor import Predictor


def shown(table: pa.Table) -> str:
    out = io.StringIO()
    print_table(table, Console(file=out, width=200))
    return out.getvalue()


def test_a_table_shows_the_sentences(predictor: Predictor, article: str) -> None:
    table = label_documents(predictor, [Document("a", article), BadRow("b", "b.txt", "broken")])
    found = shown(table)
    assert "sentence" in found
    assert "broken" in found
    assert all(text.split()[0] in found for text in table["text"].to_pylist() if text)


def test_a_table_without_text_shows_where_sentences_stand(predictor: Predictor, article: str) -> None:
    items = [Document("a", article), BadRow("b", "b.txt", "broken")]
    table = label_documents(predictor, items, text=False)
    found = shown(table)
    assert "characters" in found
    assert "broken" in found
    assert "None" not in found
    for start, end in zip(table["start"].to_pylist(), table["end"].to_pylist(), strict=True):
        assert start is None or f"{start}–{end}" in found
