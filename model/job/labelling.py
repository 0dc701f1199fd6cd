"""From documents to a table of labelled sentences. Every runner, local or on a cluster, comes through here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from claimstance.model.errors import InputTypeError
from claimstance.model.job.columns import DECIMALS, FACET_COLUMNS, HOLDS, PROBABILITY_COLUMNS, output_schema
from claimstance.model.job.documents import BadRow, Document, Mode, check_choice
from claimstance.model.labels import LABELS, decide, label_distribution
from claimstance.model.segment import segment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from claimstance.model.job.documents import Item
    from claimstance.model.predictor import Predictor

SLICE = 4096
"""Sentences that go to the network in one call: enough to batch by length, and bounded for a document of any size."""


def label_documents(
    predictor: Predictor, items: Sequence[Item], mode: Mode = "document", *, text: bool = True
) -> pa.Table:
    """Label documents.

    Args:
        predictor: A loaded model. Called from several threads at once if the caller has several.
        items: Documents, and bad rows, which become error rows.
        mode: Whether a document is an article to segment, or one sentence.
        text: Whether the sentences' text is a column.

    Returns:
        One row a sentence or non-sentence, in order, with the columns of ``columns.SCHEMA``. The same items in the same
        call give the same rows; quantised engines may differ in the last digits when a call holds other items.

    Raises:
        ConfigError: If there is no such mode.
        InputTypeError: If an item is neither a document nor a bad row.
    """
    check_choice("mode", mode, Mode)
    rows = _Rows()
    for item in map(_checked, items):
        if isinstance(item, BadRow):
            rows.add_error(item)
        elif mode == "sentence":
            rows.add(item, 0, 0, len(item.text), None, False, "")
        else:
            _add_article(rows, item)
    return _to_table(predictor, rows, text)


def _checked(item: object) -> Item:
    if not isinstance(item, (Document, BadRow)):
        msg = f"items must be Document or BadRow, got {type(item).__name__}; to_items makes them from ids and texts"
        raise InputTypeError(msg)
    return item


@dataclass(slots=True)
class _Rows:
    """What is known before the network has run, a list a column."""

    document: list[str] = field(default_factory=list)
    index: list[int | None] = field(default_factory=list)
    start: list[int | None] = field(default_factory=list)
    end: list[int | None] = field(default_factory=list)
    text: list[str | None] = field(default_factory=list)
    reason: list[str | None] = field(default_factory=list)
    error: list[str | None] = field(default_factory=list)
    quotation_open: list[bool] = field(default_factory=list)
    previous: list[str] = field(default_factory=list)

    def add(
        self, document: Document, index: int, start: int, end: int, reason: str | None, open_: bool, previous: str
    ) -> None:
        self.document.append(document.id)
        self.index.append(index)
        self.start.append(start)
        self.end.append(end)
        self.text.append(document.text[start:end])
        self.reason.append(reason)
        self.error.append(None)
        self.quotation_open.append(open_)
        self.previous.append(previous)

    def add_error(self, bad: BadRow) -> None:
        self.document.append(bad.id)
        for column in (self.index, self.start, self.end, self.text, self.reason):
            column.append(None)
        self.error.append(bad.error)
        self.quotation_open.append(False)
        self.previous.append("")


def _add_article(rows: _Rows, document: Document) -> None:
    previous = ""
    for index, span in enumerate(segment(document.text)):
        rows.add(document, index, span.start, span.end, span.reason, span.quotation_open, previous)
        previous = document.text[span.start : span.end]


def _to_table(predictor: Predictor, rows: _Rows, text: bool) -> pa.Table:
    n = len(rows.document)
    wanted = [i for i in range(n) if rows.reason[i] is None and rows.error[i] is None]
    facets, truncated = _predict(predictor, rows, wanted)
    probabilities = label_distribution(facets)
    labels, holds = decide(facets, predictor.settings.thresholds)
    scores = probabilities[np.arange(len(wanted)), labels]
    unsure = scores < predictor.min_confidence
    for i in np.flatnonzero(unsure):
        rows.reason[wanted[i]] = "low_confidence"

    at = np.full(n, -1)
    at[wanted] = np.arange(len(wanted))
    take = pa.array(at, mask=at < 0)
    columns: dict[str, pa.Array] = {
        "document": pa.array(rows.document, pa.string()),
        "sentence": pa.array(rows.index, pa.int32()),
        "start": pa.array(rows.start, pa.int32()),
        "end": pa.array(rows.end, pa.int32()),
        "text": pa.array(rows.text, pa.string()),
        "label": pa.array(LABELS).take(pa.array(labels, mask=unsure)).take(take),
        "score": _rounded(scores).take(take),
        "holds": pa.array(HOLDS).take(pa.array(holds @ np.array([4, 2, 1]))).take(take),
        "truncated": pa.array(truncated).take(take),
        "reason": pa.array(rows.reason, pa.string()),
        "model": pa.repeat(predictor.folder.revision, n),
        "error": pa.array(rows.error, pa.string()),
    }
    columns |= {name: _rounded(probabilities[:, i]).take(take) for i, name in enumerate(PROBABILITY_COLUMNS)}
    columns |= {name: _rounded(facets[:, i]).take(take) for i, name in enumerate(FACET_COLUMNS)}
    schema = output_schema(text)
    return pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)


def _predict(predictor: Predictor, rows: _Rows, wanted: list[int]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    facets = [np.empty((0, len(FACET_COLUMNS)))]
    truncated = [np.empty(0, dtype=bool)]
    for begin in range(0, len(wanted), SLICE):
        part = wanted[begin : begin + SLICE]
        found = predictor.predict_facets(
            [rows.text[i] or "" for i in part], [rows.quotation_open[i] for i in part], [rows.previous[i] for i in part]
        )
        facets.append(found.probabilities)
        truncated.append(found.truncated)
    return np.concatenate(facets), np.concatenate(truncated)


def _rounded(values: NDArray[np.float64]) -> pa.Array:
    return pa.array(values.round(DECIMALS).astype(np.float32))
