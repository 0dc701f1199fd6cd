"""The project's own texts: articles, of which some sentences are annotated, and own sentences read without codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimstance.model.errors import CorpusError
from claimstance.train.corpus.authored import read_authored
from claimstance.train.corpus.rows import Unlabelled
from claimstance.train.corpus.unlabelled import candidates

if TYPE_CHECKING:
    from pathlib import Path

ARTICLE_END = "%%"
"""Line that separates two articles of a file."""


def read_own_text(path: Path) -> list[Unlabelled]:
    """Read own sentences for a teacher to judge; the file's name becomes their corpus.

    Args:
        path: Articles (``.txt``), separated by lines that hold only ``%%``, cut into sentences as any article is; or
            own sentences as ``read_authored`` takes them (``.tsv``), whose codes are not used.

    Raises:
        CorpusError: If the file cannot be read or has another ending.
    """
    if path.suffix == ".tsv":
        rows = read_authored(path, path.stem, hold_out=False)
        # The row's id, not its group, is the document: sentences of a group do not follow each other.
        return [Unlabelled(path.stem, row.id, row.start, row.end, row.text, "", False) for row in rows]
    if path.suffix != ".txt":
        msg = f"{path}: expected .txt (articles) or .tsv (own sentences)"
        raise CorpusError(msg)
    return [
        sentence for number, text in read_articles(path).items() for sentence in candidates(path.stem, number, text, ())
    ]


def read_articles(path: Path) -> dict[str, str]:
    """Read the articles of a file, their running numbers from 0 to their texts.

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
