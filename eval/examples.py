"""Reading annotated sentences from what ``claimstance corpus build`` wrote."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from claimstance.model.errors import CorpusError
from claimstance.model.labels import FACETS

if TYPE_CHECKING:
    from os import PathLike

    from numpy.typing import NDArray

COLUMNS = ("id", "corpus", "doc", "text", *FACETS)


@dataclass(frozen=True, slots=True)
class Examples:
    """n annotated sentences with their context, column by column.

    Attributes:
        ids: Stable ids.
        corpora: Which corpus each is from.
        documents: ``CORPUS/DOC``, the article of each.
        texts: The sentences.
        previous: The sentence before each, ``""`` where there is none.
        quotation_open: Shape (n,), whether each begins inside an open quotation.
        facets: Shape (n, 3), annotated facets, order of ``FACETS``.
        is_sentence: Shape (n,), False for bylines, navigation and the like, which have no label.
        sampling: Shape (n,), how each was chosen: natural, enriched, ...
        sha256: Of the file they were read from.
    """

    ids: list[str]
    corpora: list[str]
    documents: NDArray[np.str_]
    texts: list[str]
    previous: list[str]
    quotation_open: NDArray[np.bool_]
    facets: NDArray[np.bool_]
    is_sentence: NDArray[np.bool_]
    sampling: NDArray[np.str_]
    sha256: str = ""

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Examples:
        """Return some of the rows, by mask or index."""
        index = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows

        def pick(column: list[str]) -> list[str]:
            return [column[i] for i in index]

        return Examples(
            pick(self.ids),
            pick(self.corpora),
            self.documents[index],
            pick(self.texts),
            pick(self.previous),
            self.quotation_open[index],
            self.facets[index],
            self.is_sentence[index],
            self.sampling[index],
            self.sha256,
        )

    def sentences(self) -> Examples:
        """Return the rows that are sentences."""
        return self.take(self.is_sentence)


def make_examples(columns: dict[str, list[Any]], sha256: str = "") -> Examples:
    """Build examples from columns; ``previous``, ``quotation_open``, ``is_sentence`` and ``sampling`` may be missing.

    Raises:
        CorpusError: If a needed column is missing or there is no row.
    """
    if missing := [c for c in COLUMNS if c not in columns]:
        msg = f"annotated sentences need the columns {', '.join(COLUMNS)}; missing: {', '.join(missing)}"
        raise CorpusError(msg)
    n = len(columns["id"])
    if n == 0:
        msg = "there is no annotated sentence to evaluate on; the split is empty"
        raise CorpusError(msg)
    corpora = [str(c) for c in columns["corpus"]]
    return Examples(
        ids=[str(i) for i in columns["id"]],
        corpora=corpora,
        documents=np.array([f"{c}/{d}" for c, d in zip(corpora, columns["doc"], strict=True)]),
        texts=list(columns["text"]),
        previous=[p or "" for p in columns.get("previous", [""] * n)],
        quotation_open=np.array(columns.get("quotation_open", [False] * n), dtype=bool),
        facets=np.array([columns[f] for f in FACETS], dtype=bool).T,
        is_sentence=np.array(columns.get("is_sentence", [True] * n), dtype=bool),
        sampling=np.array(columns.get("sampling", ["all"] * n), dtype=str),
        sha256=sha256,
    )


def read_examples(folder: str | PathLike[str], split: str) -> Examples:
    """Read ``FOLDER/SPLIT.parquet``.

    Raises:
        CorpusError: If there is no such file, or it lacks a column.
    """
    import pyarrow.parquet as pq

    path = Path(folder) / f"{split}.parquet"
    if not path.is_file():
        found = ", ".join(sorted(p.stem for p in Path(folder).glob("*.parquet"))) or "none"
        msg = f"no split {split!r} in {folder} (splits there: {found}); run: claimstance corpus build --out DIR"
        raise CorpusError(msg)
    try:
        table = pq.read_table(path)
        return make_examples(table.to_pydict(), hashlib.sha256(path.read_bytes()).hexdigest())
    except (OSError, ValueError) as error:
        msg = f"{path}: {error}"
        raise CorpusError(msg) from error
