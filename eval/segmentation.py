"""How well articles are cut into sentences, and how well non-sentences are found, beside other segmenters.

    python -m claimstance.eval.segmentation corpora/ train/data/annotations.csv --peers

Truth are the annotated spans of whole articles of the train and dev documents; the test split is never read. The
annotators did not cut the sentences themselves, so agreement is with whatever tool did. In wikinews that was sentencex,
line by line (it scores 1.0 on dev), which never cuts within straight quotation marks, so wikinews says nothing about
quality. newsdiscourse and basil were cut by their own makers, with slips such as a cut after "Gov."; their
one-sentence-a-line texts are put back into running text before they are cut.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimstance.eval.corpora.documents import Documents, blank_markers
from claimstance.model.errors import MissingDependencyError
from claimstance.model.segment import non_sentence_reason, segment
from claimstance.model.segment.blocks import find_blocks
from claimstance.model.segment.segmenter import OPENING_BLOCKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

SPLITS = ("train", "dev")
CORPORA = ("wikinews", "newsdiscourse", "basil")
"""The corpora of whole articles."""

NON_SENTENCE = "N"

Spans = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """An annotated span: offsets into its document, split, sampling and codes."""

    start: int
    end: int
    split: str
    sampling: str
    codes: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """Exact agreement of two sets: spans, or spans taken for non-sentences.

    Attributes:
        both: In the prediction and in the truth.
        predicted: In the prediction.
        gold: In the truth.
    """

    both: int
    predicted: int
    gold: int

    def to_dict(self) -> dict[str, float | int]:
        """Return the counts with precision, recall and F1 (0 where nothing was predicted or there)."""
        precision = self.both / self.predicted if self.predicted else 0.0
        recall = self.both / self.gold if self.gold else 0.0
        f1 = 2 * precision * recall / (precision + recall) if self.both else 0.0
        return {**asdict(self), "precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


Gold = dict[tuple[str, str], list[GoldSpan]]


def read_gold(annotations: Path) -> Gold:
    """Read the annotated spans of whole-article corpora, train and dev only, by (corpus, document)."""
    gold: Gold = defaultdict(list)
    with annotations.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["split"] in SPLITS and row["corpus"] in CORPORA:
                span = GoldSpan(int(row["start"]), int(row["end"]), row["split"], row["sampling"], row["codes"])
                gold[row["corpus"], row["doc"]].append(span)
    return dict(gold)


def running_text(corpus: str, text: str) -> str:
    """Put a document that holds one sentence a line back into running text of the same length."""
    text = blank_markers(corpus, text)
    if corpus == "newsdiscourse":
        return re.sub(r"(?<=[^\n])\n(?=[^\n])", " ", text)
    if corpus == "basil":
        title, mark, body = text.partition("\n")
        return title + mark + body.replace("\n", " ")
    return text


def score_spans(cut: Callable[[str], Spans], documents: Documents, gold: Gold) -> dict[str, Agreement]:
    """Score a segmenter on naturally sampled documents.

    Args:
        cut: From a text to the (start, end) of its sentences.
        documents: The texts.
        gold: The annotated spans.

    Returns:
        One agreement a "split corpus". Predicted spans that touch no annotated one are left out: sentences that stand
        in several splits were taken out of the annotations.
    """
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for (corpus, doc), annotated in gold.items():
        truth = {(span.start, span.end) for span in annotated if span.sampling == "natural"}
        if not truth:
            continue
        text = running_text(corpus, documents.text(corpus, doc))
        found = {span for span in cut(text) if _touches(span, truth)}
        total = sums[f"{annotated[0].split} {corpus}"]
        for index, count in enumerate((len(found & truth), len(found), len(truth))):
            total[index] += count
    return {key: Agreement(*total) for key, total in sorted(sums.items())}


def _touches(span: tuple[int, int], truth: Iterable[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in truth)


def score_non_sentences(documents: Documents, gold: Gold) -> dict[str, Agreement]:
    """Score the rules for non-sentences on the annotated spans that our segmenter cuts out exactly.

    Spans that it cuts otherwise are mostly halves that the corpora's own tools made ("Gov."), which never come up.

    Returns:
        One agreement a "split sampling"; ``predicted - both`` counts true sentences that would be dropped.
    """
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for (corpus, doc), annotated in gold.items():
        text = running_text(corpus, documents.text(corpus, doc))
        blocks = {block: number for number, block in enumerate(find_blocks(text))}
        ours = {(span.start, span.end) for span in segment(text)}
        for span in annotated:
            if (span.start, span.end) not in ours:
                continue
            number = blocks.get((span.start, span.end))
            predicted = non_sentence_reason(
                text[span.start : span.end],
                whole_block=number is not None,
                opening=number is not None and number < OPENING_BLOCKS,
            )
            total = sums[f"{span.split} {span.sampling}"]
            hit, true = predicted is not None, span.codes == NON_SENTENCE
            for index, counts in enumerate((hit and true, hit, true)):
                total[index] += counts
    return {key: Agreement(*total) for key, total in sorted(sums.items())}


def cut_claimstance(text: str) -> Spans:
    """Cut with ``claimstance.model.segment``."""
    return [(span.start, span.end) for span in segment(text)]


def cut_sentencex(text: str) -> Spans:
    """Cut with sentencex as it comes."""
    try:
        from sentencex import get_sentence_boundaries
    except ImportError as error:
        raise MissingDependencyError(_missing("sentencex")) from error
    boundaries = get_sentence_boundaries("en", text)
    return _trim(text, ((boundary["start_index"], boundary["end_index"]) for boundary in boundaries))


def cut_sentencex_by_line(text: str) -> Spans:
    """Cut with sentencex, each line on its own: plain sentencex runs single line breaks together."""
    return _by_line(cut_sentencex, text)


def cut_pysbd(text: str) -> Spans:
    """Cut with pysbd, each line on its own."""
    try:
        import pysbd  # type: ignore[import-untyped, import-not-found, unused-ignore]
    except ImportError as error:
        raise MissingDependencyError(_missing("pysbd")) from error
    segmenter = pysbd.Segmenter(language="en", clean=False, char_span=True)
    return _by_line(lambda line: _trim(line, ((span.start, span.end) for span in segmenter.segment(line))), text)


PEERS = {"sentencex": cut_sentencex, "sentencex by line": cut_sentencex_by_line, "pysbd by line": cut_pysbd}


def _missing(name: str) -> str:
    return f"{name} is not installed and the comparison needs it; run: pip install {name}"


def _by_line(cut: Callable[[str], Spans], text: str) -> Spans:
    return [
        (match.start() + start, match.start() + end)
        for match in re.finditer(r"[^\n]+", text)
        for start, end in cut(match.group())
    ]


def _trim(text: str, spans: Iterable[tuple[int, int]]) -> Spans:
    trimmed = []
    for start, end in spans:
        piece = text[start:end]
        if stripped := piece.strip():
            start += piece.index(stripped[0])
            trimmed.append((start, start + len(stripped)))
    return trimmed


def measure_speed(documents: Documents, gold: Gold) -> dict[str, float]:
    """Return characters and sentences a second of processor time, all annotated articles as one text."""
    text = "\n\n".join(running_text(corpus, documents.text(corpus, doc)) for corpus, doc in gold)
    start = time.process_time()
    count = len(segment(text))
    seconds = time.process_time() - start
    return {
        "megacharacters_per_second": round(len(text) / seconds / 1e6, 2),
        "sentences_per_second": round(count / seconds),
    }


def evaluate_segmentation(source: Path, annotations: Path, *, peers: bool = False) -> dict[str, Any]:
    """Score segmentation and non-sentences.

    Args:
        source: Folder of the public corpora.
        annotations: The stand-off annotations.
        peers: Also score sentencex and pysbd.

    Raises:
        CorpusError: If a corpus is missing or damaged.
        MissingDependencyError: If a peer is asked for and not installed.
    """
    documents, gold = Documents(source), read_gold(annotations)
    systems = {"claimstance": cut_claimstance, **(PEERS if peers else {})}
    return {
        "spans": {
            name: {key: agreement.to_dict() for key, agreement in score_spans(cut, documents, gold).items()}
            for name, cut in systems.items()
        },
        "non_sentences": {key: value.to_dict() for key, value in score_non_sentences(documents, gold).items()},
        "speed": measure_speed(documents, gold),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the scores as JSON."""
    parser = argparse.ArgumentParser(prog="python -m claimstance.eval.segmentation", description=__doc__)
    parser.add_argument("source", type=Path, help="folder of the public corpora")
    parser.add_argument("annotations", type=Path, help="the stand-off annotations (train/data/annotations.csv)")
    parser.add_argument("--peers", action="store_true", help="also score sentencex and pysbd")
    options = parser.parse_args(arguments)
    report = evaluate_segmentation(options.source, options.annotations, peers=options.peers)
    sys.stdout.write(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
