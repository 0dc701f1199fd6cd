"""One annotated sentence, and one that is not annotated."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from claimstance.model.labels import FACETS, LABELS, codes_to_facets, facets_to_label

NON_SENTENCE = "N"
"""The annotation code of a segment that is no sentence: a byline, a credit, navigation."""

ALLOWED_CODES = frozenset({"-", NON_SENTENCE, "Q", "T", "F", "QT", "QF", "TF", "QTF"})


def text_hash(text: str) -> str:
    """Return the first 16 hex digits of the SHA-256 of a sentence in UTF-8, by which a sentence is known again."""
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Row:
    """An annotated sentence with its text.

    Attributes:
        id: Stable name of the row.
        corpus: Corpus it comes from; ``authored`` for contrast groups, the file's name for other own texts.
        doc: Document within the corpus; the contrast group, or the running number of an own article.
        start: Character offset in the document's text.
        end: Offset just past it.
        text: The sentence.
        previous: The sentence before it in the document, empty if there is none.
        quotation_open: Whether it begins inside an open quotation.
        codes: The annotation: ``-``, ``N``, or letters of ``QTF``.
        split: ``train``, ``dev``, ``test`` or ``authored_test``.
        sampling: How it was picked: ``natural``, ``enriched``, ``remainder``, or ``authored`` for all own text.
        decided: Who decided: ``single``, ``agreed``, ``adjudicated``, ``audited``, or ``authored`` if its writer did.
        topic: Topic of a contrast group's sentence, otherwise empty.
    """

    id: str
    corpus: str
    doc: str
    start: int
    end: int
    text: str
    previous: str
    quotation_open: bool
    codes: str
    split: str
    sampling: str
    decided: str
    topic: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the columns of the Parquet files: the attributes, the facets as 0 or 1, and the label's index."""
        is_sentence = self.codes != NON_SENTENCE
        facets = codes_to_facets(self.codes if is_sentence else "-")
        columns = asdict(self)
        columns.update(zip(FACETS, map(int, facets), strict=True))
        columns["label"] = LABELS.index(facets_to_label(facets))
        columns["is_sentence"] = is_sentence
        return columns


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """A sentence of a training document that nobody annotated; attributes as in ``Row``."""

    corpus: str
    doc: str
    start: int
    end: int
    text: str
    previous: str
    quotation_open: bool
