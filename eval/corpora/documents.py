"""How the text of each corpus document is made; annotation offsets count characters of these texts."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from claimstance.model.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NEWSDISCOURSE_ARCHIVES = ("train", "validation", "test")
PLOVER_TABLES = ("PLV_train", "PLV_test", "AW_train", "AW_test")
CAMEO_TABLES = ("train", "test")

_MARKER = re.compile(r"^(?:(?:S\d+|H) +|(?:DATE/ AUTHOR|URL) .*)", re.MULTILINE)


def blank_markers(corpus: str, text: str) -> str:
    """Overwrite what newsdiscourse adds to its texts with spaces.

    These are the mark before each sentence and headline (``S12 ``, ``H ``), and whole lines with the article's date,
    author and address (``DATE/ AUTHOR ...``, ``URL ...``). The length stays the same, so offsets into the document
    stay right. Other corpora's texts come back unchanged.
    """
    if corpus != "newsdiscourse":
        return text
    return _MARKER.sub(lambda match: " " * len(match.group()), text)


def _wikinews(folder: Path) -> dict[str, str]:
    articles = json.loads((folder / "goldEN.json").read_text(encoding="utf-8"))
    return {str(index): article["original_text"] for index, article in enumerate(articles)}


def _newsdiscourse(folder: Path) -> dict[str, str]:
    documents = {}
    for name in NEWSDISCOURSE_ARCHIVES:
        with zipfile.ZipFile(folder / f"{name}.zip") as archive:
            for member in archive.namelist():
                # Archives made on a Mac carry a shadow "._NAME.txt" of every file.
                if member.endswith(".txt") and "MACOSX" not in member:
                    documents[member[:-4]] = archive.read(member).decode("utf-8", errors="replace")
    return documents


def _basil(folder: Path) -> dict[str, str]:
    documents = {}
    for path in sorted((folder / "articles").glob("*/*.json")):
        article = json.loads(path.read_text(encoding="utf-8"))
        body = [sentence.strip() for paragraph in article["body-paragraphs"] for sentence in paragraph]
        documents[f"{path.parent.name}/{path.stem}"] = "\n".join([article["title"], *filter(None, body)])
    if not documents:
        raise FileNotFoundError(2, "No articles found", str(folder / "articles"))
    return documents


def _cameo(folder: Path) -> dict[str, str]:
    documents = {}
    for name in CAMEO_TABLES:
        lines = (folder / f"{name}.tsv").read_text(encoding="utf-8").split("\n")
        for number, line in enumerate(lines):
            if text := line.split("\t")[0].strip():
                documents[f"{name}:{number}"] = text
    return documents


def _un(folder: Path) -> dict[str, str]:
    with (folder / "en_annotations_quad_multiclass.tsv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return {str(number): max(row, key=len).strip() for number, row in enumerate(rows) if number and any(row)}


def _plover(folder: Path) -> dict[str, str]:
    import pandas as pd

    documents = {}
    for name in PLOVER_TABLES:
        table = pd.read_csv(folder / f"{name}.tsv", sep="\t")
        documents.update({f"{name}:{index}": str(text).strip() for index, text in table["sentence"].items()})
    return documents


_READERS: dict[str, Callable[[Path], dict[str, str]]] = {
    "wikinews": _wikinews,
    "newsdiscourse": _newsdiscourse,
    "basil": _basil,
    "plover": _plover,
    "cameo": _cameo,
    "un": _un,
}

CORPORA: tuple[str, ...] = tuple(_READERS)
"""Names of the public corpora; annotations point into these and into own articles."""


class Documents:
    """The documents of the corpora under one folder, read corpus by corpus when first asked for.

    Args:
        source: Folder with one sub-folder a corpus, laid out as ``configs/corpora.yaml`` says.
        also: Further corpora that are in hand: name to documents.
    """

    def __init__(self, source: Path, also: Mapping[str, dict[str, str]] | None = None) -> None:
        self.source = Path(source)
        self._read: dict[str, dict[str, str]] = dict(also or {})
        self.names = tuple(dict.fromkeys([*CORPORA, *self._read]))

    def corpus(self, name: str) -> dict[str, str]:
        """Return all documents of one corpus, document name to text, in the corpus's order.

        Raises:
            CorpusError: If the corpus is unknown, or its files are missing or damaged.
        """
        if name not in self._read:
            if name not in _READERS:
                msg = f"unknown corpus {name!r}; known are {', '.join(self.names)}"
                raise CorpusError(msg)
            try:
                self._read[name] = _READERS[name](self.source / name)
            except FileNotFoundError as error:
                msg = f"corpus {name}: {error.filename} is missing; fetch it, or leave --source out to have it fetched"
                raise CorpusError(msg) from error
            except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
                msg = f"corpus {name}: cannot be read from {self.source / name} ({type(error).__name__}: {error})"
                raise CorpusError(msg) from error
        return self._read[name]

    def text(self, corpus: str, doc: str) -> str:
        """Return the text of one document.

        Raises:
            CorpusError: As ``corpus``, or if the corpus has no such document.
        """
        documents = self.corpus(corpus)
        if doc not in documents:
            msg = f"corpus {corpus} has no document {doc!r}"
            raise CorpusError(msg)
        return documents[doc]
