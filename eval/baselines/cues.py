"""Baseline: a cue lexicon, in the open in ``cues.txt`` beside this file."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from claimstance.eval.baselines.tfidf import marked_texts
from claimstance.model.errors import ConfigError
from claimstance.model.labels import FACETS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from claimstance.eval.examples import Examples

CUES_FILE = "cues.txt"


def read_cues(text: str) -> dict[str, re.Pattern[str]]:
    """Read a lexicon: sections ``[FACET]`` and ``[not FACET]``, one cue a line, ``#`` for comments.

    A cue is words; ``*`` stands for any letters, ``...`` for up to four words.

    Raises:
        ConfigError: If a section is unknown, or a cue stands outside of one.
    """
    allowed = {*FACETS, *(f"not {f}" for f in FACETS)}
    cues: dict[str, list[str]] = {}
    section = ""
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.split("#")[0].strip()
        if line.startswith("["):
            section = line.strip("[]")
        if line and (section not in allowed):
            msg = f"cue lexicon, line {number}: sections are {', '.join(sorted(allowed))}; got {line!r}"
            raise ConfigError(msg)
        if line and not line.startswith("["):
            cues.setdefault(section, []).append(_pattern(line))
    return {name: re.compile("|".join(found), re.IGNORECASE) for name, found in cues.items()}


def _pattern(cue: str) -> str:
    escaped = re.escape(cue).replace(r"\.\.\.\ ", r"(?:\S+\ ){0,4}").replace(r"\*", r"\w*").replace(r"\ ", r"\s+")
    before = r"\b" if cue[0].isalnum() else ""
    after = r"\b" if cue[-1].isalnum() else ""
    return before + escaped + after


class Cues:
    """A facet holds if one of its cues is in the sentence and none that speaks against it. Nothing is learned."""

    def __init__(self) -> None:
        self._cues = read_cues((files("claimstance.eval.baselines") / CUES_FILE).read_text(encoding="utf-8"))

    def fit(self, train: Examples) -> None:
        """Do nothing: the lexicon is fixed."""

    def probabilities(self, examples: Examples) -> NDArray[np.float64]:
        """Return 0 or 1 for each facet, shape (n, 3)."""
        texts = marked_texts(examples)
        return np.array([[float(self._holds(facet, text)) for facet in FACETS] for text in texts])

    def _holds(self, facet: str, text: str) -> bool:
        against = self._cues.get(f"not {facet}")
        if against is not None:
            text = against.sub(" ", text)
        return facet in self._cues and self._cues[facet].search(text) is not None
