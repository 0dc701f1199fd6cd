"""The sentences to measure with: authored ones that ship with the package, a built corpus, or a file of one's own."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from claimstance.model.errors import InputError
from claimstance.model.labels import LABELS, codes_to_facets, decide, facets_to_label

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Sentences:
    """n sentences.

    Attributes:
        source: Where they are from, for the record.
        texts: The sentences.
        labels: Shape (n,), annotated labels as indices into ``LABELS``; None if there are none.
    """

    source: str
    texts: list[str]
    labels: NDArray[np.intp] | None


def authored() -> Sentences:
    """Return the authored sentences. Models are trained on them: they tell speed and agreement, not accuracy."""
    text = files("claimstance.train").joinpath("data/authored.tsv").read_text(encoding="utf-8")
    rows = [r for r in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE) if r["codes"] != "N"]
    labels = [LABELS.index(facets_to_label(codes_to_facets(row["codes"]))) for row in rows]
    return Sentences("authored sentences (seen in training)", [r["text"] for r in rows], np.array(labels))


def from_corpus(data: Path, split: str = "test") -> Sentences:
    """Read the sentences of a corpus that ``claimstance corpus build`` wrote."""
    from claimstance.eval.examples import read_examples

    examples = read_examples(data, split).sentences()
    return Sentences(f"{split} split of the corpus", examples.texts, decide(examples.facets.astype(float))[0])


def from_file(path: Path) -> Sentences:
    """Read a text file of one sentence a line.

    Raises:
        InputError: If it cannot be read or holds none.
    """
    try:
        texts = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path} cannot be read as UTF-8 text: {error}"
        raise InputError(msg) from error
    if not texts:
        msg = f"{path} holds no sentence; one a line is expected"
        raise InputError(msg)
    return Sentences(path.name, texts, None)
