"""Does anything that a model is measured on enter its training?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from claimstance.train.corpus.duplicates import MIN_WORDS, NEAR, NearIndex, normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Leak:
    """One training row that gives an evaluation row away.

    Attributes:
        train: The training row's id, or ``CORPUS/DOC@START`` if it has none.
        other: The evaluation row's id, likewise.
        kind: ``document`` if both come from one document, ``exact`` if the sentences are equal but for case, spacing
            and quotation marks, ``near`` if their words nearly are.
        similarity: Jaccard similarity of their word sets; 1.0 for ``exact``; 0.0 for ``document`` (not measured).
    """

    train: str
    other: str
    kind: Literal["document", "exact", "near"]
    similarity: float


def _name(row: Mapping[str, Any]) -> str:
    return str(row["id"]) if row.get("id") else f"{row['corpus']}/{row['doc']}@{row.get('start', 0)}"


def check_leakage(
    train: Iterable[Mapping[str, Any]],
    other: Iterable[Mapping[str, Any]],
    *,
    threshold: float = NEAR,
    min_words: int = MIN_WORDS,
) -> list[Leak]:
    """List the training rows that share a document, or a sentence or near-duplicate of one, with evaluation rows.

    Args:
        train: Rows with ``corpus``, ``doc`` and ``text``, such as a ``datasets.Dataset``; unlabelled rows too.
        other: Rows that a model is measured on, with the same columns.
        threshold: Jaccard similarity of word sets from which two sentences are nearly the same.
        min_words: Sentences with fewer different words are compared exactly only.

    Returns:
        At most one leak a training row, in the order of ``train``; empty is what you want.
    """
    others = list(other)
    by_document: dict[tuple[str, str], str] = {}
    for row in others:
        by_document.setdefault((row["corpus"], row["doc"]), _name(row))
    index = NearIndex([row["text"] for row in others], threshold, min_words)
    leaks = []
    for row in train:
        if (name := by_document.get((row["corpus"], row["doc"]))) is not None:
            leaks.append(Leak(_name(row), name, "document", 0.0))
        elif (found := index.find(row["text"])) is not None:
            position, similarity = found
            match = others[position]
            same = normalise(row["text"]) == normalise(match["text"])
            leaks.append(Leak(_name(row), _name(match), "exact" if same else "near", similarity))
    return leaks
