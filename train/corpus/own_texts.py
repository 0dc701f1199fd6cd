"""The project's own texts: articles, of which some sentences are annotated, and own sentences read without codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimstance.eval.corpora.documents import CORPORA
from claimstance.model.errors import CorpusError
from claimstance.train.corpus.authored import read_authored
from claimstance.train.corpus.rows import Unlabelled

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

ARTICLE_END = "%%"
"""Line that separates two articles of a file."""


def read_own_texts(paths: Iterable[Path]) -> tuple[dict[str, dict[str, str]], list[Unlabelled]]:
    """Read own texts; a file's name without its ending becomes their corpus.

    Args:
        paths: Articles (``.txt``) as ``read_articles`` takes them, or own sentences (``.tsv``) as ``read_authored``
            does, whose codes are not used.

    Returns:
        The articles of each corpus, and the sentences, for a teacher to judge.

    Raises:
        CorpusError: If a file cannot be read or has another ending, or its name is taken.
    """
    articles: dict[str, dict[str, str]] = {}
    sentences: list[Unlabelled] = []
    taken = {"authored", *CORPORA}
    for path in paths:
        refuse_taken_name(path, taken)
        taken.add(path.stem)
        if path.suffix == ".txt":
            articles[path.stem] = read_articles(path)
        elif path.suffix == ".tsv":
            rows = read_authored(path, path.stem, hold_out=False)
            # The row's id, not its group, is the document: sentences of a group do not follow each other.
            sentences += [Unlabelled(path.stem, row.id, row.start, row.end, row.text, "", False) for row in rows]
        else:
            msg = f"{path}: expected .txt (articles) or .tsv (own sentences)"
            raise CorpusError(msg)
    return articles, sentences


def refuse_taken_name(path: Path, taken: Collection[str] = ("authored", *CORPORA)) -> None:
    """Raise a ``CorpusError`` if a file is named as another corpus."""
    if path.stem in taken:
        msg = f"{path}: its name would make its rows part of the corpus {path.stem!r}; rename the file"
        raise CorpusError(msg)


def read_articles(path: Path) -> dict[str, str]:
    """Read the articles of a file: running number from 0, to the text.

    Annotations point into these texts by that number and by offsets: add articles at the end, and change none.

    Args:
        path: Articles separated by lines that hold only ``%%``.

    Raises:
        CorpusError: If the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"own articles cannot be read from {path}: {error}"
        raise CorpusError(msg) from error
    articles: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip() == ARTICLE_END:
            articles.append([])
        else:
            articles[-1].append(line)
    return {str(number): "\n".join(lines).strip("\n") for number, lines in enumerate(articles)}
