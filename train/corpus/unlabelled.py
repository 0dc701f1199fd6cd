"""The sentences that nobody annotated, for distillation and continued pre-training: never from what is measured on."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING

from claimstance.eval.corpora.documents import blank_markers
from claimstance.model.errors import CorpusError
from claimstance.model.segment import segment
from claimstance.train.corpus.duplicates import NearIndex, normalise
from claimstance.train.corpus.rows import Unlabelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from claimstance.eval.corpora.documents import Documents
    from claimstance.train.corpus.rows import Row

MIN_WORDS = 3
"""Shorter segments are nearly always fragments."""

_BENCHMARK_PREFIXES = {"newsdiscourse": ("test/",), "plover": ("PLV_test:", "AW_test:")}


def is_benchmark(corpus: str, doc: str) -> bool:
    """Tell whether a document belongs to an outside benchmark: it must then never be trained on, labelled or not."""
    return doc.startswith(_BENCHMARK_PREFIXES.get(corpus, ())) or corpus == "finnumclaim"


def benchmark_texts(documents: Documents) -> list[str]:
    """Return the sentences of the outside benchmarks among the corpora that are there."""
    texts = []
    for corpus in _BENCHMARK_PREFIXES:
        try:
            found = documents.corpus(corpus)
        except CorpusError:
            continue
        for doc, text in found.items():
            if is_benchmark(corpus, doc):
                clean = blank_markers(corpus, text)
                texts += [line.strip() for line in clean.splitlines() if line.strip()]
    return texts


def candidates(corpus: str, doc: str, text: str, taken: Sequence[tuple[int, int]]) -> Iterator[Unlabelled]:
    """Yield the sentences of a document that touch none of the ``taken`` spans and are no fragments."""
    clean = blank_markers(corpus, text)
    previous = ""
    for span in segment(clean):
        sentence = clean[span.start : span.end]
        free = all(span.end <= start or end <= span.start for start, end in taken)
        if free and span.reason is None and len(sentence.split()) >= MIN_WORDS:
            yield Unlabelled(corpus, doc, span.start, span.end, sentence, previous, span.quotation_open)
        previous = sentence


def unlabelled_sentences(
    documents: Documents, rows: Iterable[Row], forbidden: Iterable[str], own: Iterable[Unlabelled] = ()
) -> list[Unlabelled]:
    """Segment what is not annotated in the documents that no evaluation uses.

    Args:
        documents: The corpora; those that are missing are left out.
        rows: All annotated rows. Documents of other splits than train are skipped whole, as are the documents of
            outside benchmarks; in training documents the annotated spans are.
        forbidden: Sentences that must not come back, nor near-duplicates of them.
        own: Own sentences that no document holds; they come last.

    Returns:
        Sentences in the order of the corpora, each once (case, spacing and quotation marks aside), none of them equal
        to an annotated one.
    """
    taken: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    measured = set()
    seen = set()
    for row in rows:
        taken[row.corpus, row.doc].append((row.start, row.end))
        seen.add(normalise(row.text))
        if row.split != "train":
            measured.add((row.corpus, row.doc))
    index = NearIndex(forbidden)
    sentences = []
    for candidate in chain(_loose(documents, taken, measured), own):
        key = normalise(candidate.text)
        if key not in seen and index.find(candidate.text) is None:
            seen.add(key)
            sentences.append(candidate)
    return sentences


def _loose(
    documents: Documents, taken: Mapping[tuple[str, str], Sequence[tuple[int, int]]], measured: set[tuple[str, str]]
) -> Iterator[Unlabelled]:
    """Yield the sentences outside the ``taken`` spans of all documents but the ``measured`` ones and benchmarks."""
    for corpus in documents.names:
        try:
            found = documents.corpus(corpus)
        except CorpusError:
            continue
        for doc, text in found.items():
            if (corpus, doc) not in measured and not is_benchmark(corpus, doc):
                yield from candidates(corpus, doc, text, taken.get((corpus, doc), ()))
