"""Readers for the human labels that three corpora carry themselves: for measuring against, never to train on."""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from claimstance.eval.corpora.documents import blank_markers
from claimstance.model.errors import CorpusError, MissingDependencyError

EXPECTATIONS = "Distant_Expectations_Consequences"
"""The NewsDiscourse role that comes nearest to a forecast."""

FINNUMCLAIM_SEED = 5768
"""Which of the corpus's three random train/test splits is read unless another is asked for: its first."""

_LINE = re.compile(r"^(S\d+) +(?=\S)(.*)$", re.MULTILINE)
_UNREADABLE = (OSError, KeyError, ValueError, zipfile.BadZipFile)


@dataclass(frozen=True, slots=True)
class BenchmarkSentence:
    """One sentence with one human yes/no answer.

    Attributes:
        id: Corpus-wide name of the row.
        text: The sentence.
        positive: The human answer.
        category: The corpus's own label that the answer was read from.
    """

    id: str
    text: str
    positive: bool
    category: str


@dataclass(frozen=True, slots=True)
class RoleSentence:
    """One sentence of NewsDiscourse with its human labels.

    Attributes:
        doc: Document name, as in the annotations (``test/...``).
        start: Offset of the sentence in the document's text.
        end: Offset just past it.
        text: The sentence, without its number.
        previous: The numbered sentence before it, empty at the start of the document.
        quotation_open: Whether the sentence begins inside an open quotation.
        role: The discourse role, such as ``Main`` or ``Distant_Evaluation``; ``NA`` for what has none.
        speech: Whether it was marked as speech.
    """

    doc: str
    start: int
    end: int
    text: str
    previous: str
    quotation_open: bool
    role: str
    speech: bool

    @property
    def expectation(self) -> bool:
        """Whether its role is expectations and consequences, the nearest to a forecast."""
        return self.role == EXPECTATIONS


def _labels_by_sentence(annotation: str) -> dict[str, set[str]]:
    # Lines look like "T4<TAB>Speech 1860 1863<TAB>S15"; the third field names the sentence.
    labels: dict[str, set[str]] = defaultdict(set)
    for line in annotation.splitlines():
        fields = line.split("\t")
        if line.startswith("T") and len(fields) == 3:
            labels[fields[2].strip()].add(fields[1].split()[0])
    return labels


def _document_roles(doc: str, text: str, annotation: str) -> list[RoleSentence]:
    from claimstance.model.segment import quotation_states

    labels = _labels_by_sentence(annotation)
    found = list(_LINE.finditer(text))
    states = quotation_states(blank_markers("newsdiscourse", text), [match.start(2) for match in found])
    sentences: list[RoleSentence] = []
    previous = ""
    for match, quotation_open in zip(found, states, strict=True):
        sentence = match.group(2).rstrip()
        marks = labels.get(match.group(1), set())
        roles = sorted(marks - {"Speech"})
        if roles:
            start = match.start(2)
            end = start + len(sentence)
            speech = "Speech" in marks
            sentences.append(RoleSentence(doc, start, end, sentence, previous, quotation_open, roles[0], speech))
        previous = sentence
    return sentences


def read_newsdiscourse_roles(source: Path, archive: str = "test") -> list[RoleSentence]:
    """Read the sentences of a NewsDiscourse archive with their discourse role and speech mark.

    Args:
        source: Folder that holds ``newsdiscourse/``.
        archive: ``test``, ``validation`` or ``train``. Only ``test`` may be used to report results.

    Raises:
        CorpusError: If the archive is missing or damaged.
    """
    path = Path(source) / "newsdiscourse" / f"{archive}.zip"
    sentences: list[RoleSentence] = []
    try:
        with zipfile.ZipFile(path) as file:
            members = sorted(name for name in file.namelist() if name.endswith(".ann") and "MACOSX" not in name)
            for member in members:
                annotation = file.read(member).decode("utf-8", errors="replace")
                text = file.read(f"{member[:-4]}.txt").decode("utf-8", errors="replace")
                sentences += _document_roles(member[:-4], text, annotation)
    except _UNREADABLE as error:
        msg = f"NewsDiscourse labels cannot be read from {path} ({type(error).__name__}: {error})"
        raise CorpusError(msg) from error
    return sentences


def read_plover_threaten(source: Path) -> list[BenchmarkSentence]:
    """Read PLOVER's test rows; positive are those whose gold event code is ``THREATEN``.

    Raises:
        CorpusError: If ``plover/PLV_test.tsv`` is missing or has other columns.
    """
    import pandas as pd

    path = Path(source) / "plover" / "PLV_test.tsv"
    try:
        table = pd.read_csv(path, sep="\t")
        rows = list(zip(table.index, table["sentence"], table["gold_root"], strict=True))
    except _UNREADABLE as error:
        msg = f"PLOVER test rows cannot be read from {path} ({type(error).__name__}: {error})"
        raise CorpusError(msg) from error
    return [
        BenchmarkSentence(f"PLV_test:{row}", str(text).strip(), root == "THREATEN", str(root))
        for row, text, root in rows
    ]


def read_finnumclaim(source: Path, seed: int = FINNUMCLAIM_SEED) -> list[BenchmarkSentence]:
    """Read the test sentences of fin-num-claim (lower-cased in the corpus); positive is an in-claim figure.

    Args:
        source: Folder that holds ``finnumclaim/``.
        seed: Which of the corpus's three random splits: 5768, 78516 or 944601.

    Raises:
        CorpusError: If a file is missing or has other columns.
        MissingDependencyError: If ``openpyxl`` is not installed.
    """
    import pandas as pd

    sentences: list[BenchmarkSentence] = []
    for genre in ("arpts", "ec"):
        path = Path(source) / "finnumclaim" / "test" / f"gold_{genre}_numclaim-test-{seed}.xlsx"
        try:
            table = pd.read_excel(path)
            rows = list(zip(table.index, table["text"], table["label"], strict=True))
        except ImportError as error:
            msg = "reading fin-num-claim needs openpyxl; install it with: pip install 'claimstance[eval]'"
            raise MissingDependencyError(msg) from error
        except _UNREADABLE as error:
            msg = f"fin-num-claim cannot be read from {path} ({type(error).__name__}: {error})"
            raise CorpusError(msg) from error
        for row, text, label in rows:
            category = "in-claim" if label == 1 else "out-of-claim"
            sentences.append(BenchmarkSentence(f"{genre}:{seed}:{row}", str(text).strip(), label == 1, category))
    return sentences
