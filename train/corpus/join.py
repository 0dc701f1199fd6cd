"""Joining the stand-off annotations with the texts they point into."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from claimstance.eval.corpora.documents import blank_markers
from claimstance.model.errors import CorpusError
from claimstance.train.corpus.context import Context
from claimstance.train.corpus.rows import ALLOWED_CODES, Row, text_hash

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from claimstance.eval.corpora.documents import Documents

COLUMNS = ("id", "corpus", "doc", "start", "end", "sha256", "codes", "split", "sampling", "decided")
_ALLOWED = {
    "codes": ALLOWED_CODES,
    "split": frozenset({"train", "dev", "test"}),
    "sampling": frozenset({"natural", "enriched", "remainder", "authored"}),
    "decided": frozenset({"single", "agreed", "adjudicated", "audited"}),
}


@dataclass(frozen=True, slots=True)
class Annotation:
    """One row of ``annotations.csv``: a span of a document, the hash of its text, and the codes it was given."""

    id: str
    corpus: str
    doc: str
    start: int
    end: int
    sha256: str
    codes: str
    split: str
    sampling: str
    decided: str


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An annotation whose sentence was not found where it points.

    Attributes:
        id: The annotation's id.
        corpus: Its corpus.
        doc: Its document.
        start: Its start offset.
        end: Its end offset.
        reason: What is wrong.
    """

    id: str
    corpus: str
    doc: str
    start: int
    end: int
    reason: str


def _annotation(row: dict[str, str], where: str) -> Annotation:
    for column, allowed in _ALLOWED.items():
        if row[column] not in allowed:
            msg = f"{where}: {column} must be one of {', '.join(sorted(allowed))}, got {row[column]!r}"
            raise CorpusError(msg)
    try:
        start, end = int(row["start"]), int(row["end"])
    except ValueError as error:
        msg = f"{where}: start and end must be whole numbers, got {row['start']!r} and {row['end']!r}"
        raise CorpusError(msg) from error
    return Annotation(
        id=row["id"],
        corpus=row["corpus"],
        doc=row["doc"],
        start=start,
        end=end,
        sha256=row["sha256"],
        codes=row["codes"],
        split=row["split"],
        sampling=row["sampling"],
        decided=row["decided"],
    )


def read_annotations(path: Path) -> list[Annotation]:
    """Read stand-off annotations.

    Raises:
        CorpusError: If the file is missing, its columns differ, a value is not allowed, or an id comes twice.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                msg = f"{path}: expected the columns {','.join(COLUMNS)}, got {reader.fieldnames}"
                raise CorpusError(msg)
            annotations = []
            for row in reader:
                where = f"{path}, line {reader.line_num}"
                if None in row or None in row.values():
                    msg = f"{where}: expected {len(COLUMNS)} fields"
                    raise CorpusError(msg)
                annotations.append(_annotation(row, where))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        msg = f"annotations cannot be read from {path}: {error}"
        raise CorpusError(msg) from error
    if len({a.id for a in annotations}) != len(annotations):
        msg = f"{path}: an id comes twice"
        raise CorpusError(msg)
    return annotations


def _problem(annotation: Annotation, text: str) -> str | None:
    start, end = annotation.start, annotation.end
    if not 0 <= start < end <= len(text):
        return f"the span lies outside the document's {len(text)} characters"
    digest = text_hash(text[start:end])
    if digest != annotation.sha256:
        return f"the text there has the hash {digest}, expected {annotation.sha256}"
    return None


def _join_document(annotations: list[Annotation], text: str) -> tuple[list[Row], list[Mismatch]]:
    corpus = annotations[0].corpus
    mismatches = []
    good = []
    for annotation in annotations:
        if (reason := _problem(annotation, text)) is None:
            good.append(annotation)
        else:
            mismatches.append(_mismatch(annotation, reason))
    good.sort(key=lambda a: a.start)
    context = Context(corpus, blank_markers(corpus, text))
    states = context.quotation_open([a.start for a in good])
    rows = [
        Row(
            id=a.id,
            corpus=a.corpus,
            doc=a.doc,
            start=a.start,
            end=a.end,
            text=text[a.start : a.end],
            previous=context.previous(a.start),
            quotation_open=state,
            codes=a.codes,
            split=a.split,
            sampling=a.sampling,
            decided=a.decided,
        )
        for a, state in zip(good, states, strict=True)
    ]
    return rows, mismatches


def _mismatch(annotation: Annotation, reason: str) -> Mismatch:
    a = annotation
    return Mismatch(a.id, a.corpus, a.doc, a.start, a.end, reason)


def join(annotations: Iterable[Annotation], documents: Documents) -> tuple[list[Row], list[Mismatch]]:
    """Look every annotation's sentence up and check its hash.

    Returns:
        The rows, grouped by document in the order of the annotations and by offset within one, and the annotations
        that do not match: no such file or document, a span outside the text, or another text there.
    """
    by_document: dict[tuple[str, str], list[Annotation]] = defaultdict(list)
    for annotation in annotations:
        by_document[annotation.corpus, annotation.doc].append(annotation)
    rows: list[Row] = []
    mismatches: list[Mismatch] = []
    for (corpus, doc), group in by_document.items():
        try:
            text = documents.text(corpus, doc)
        except CorpusError as error:
            mismatches += [_mismatch(a, str(error)) for a in group]
            continue
        joined, wrong = _join_document(group, text)
        rows += joined
        mismatches += wrong
    return rows, mismatches
