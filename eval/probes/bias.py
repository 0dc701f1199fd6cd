"""Does a name swing the label? Countries, parties and genders are substituted in the same sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from claimstance.eval.probes.behaviour import COUNTRIES, fill
from claimstance.model.labels import FACETS, decide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from claimstance.eval.probes.behaviour import Predict, ProbeSentences

PARTIES = (
    "the Labour Party",
    "the Conservative Party",
    "the Democratic Party",
    "the Republican Party",
    "the Green Party",
    "the Communist Party",
    "the National Front",
    "the Muslim Brotherhood",
)
GENDERS = {
    "woman": ("Maria Keller", "she"),
    "man": ("Martin Keller", "he"),
    "no gender": ("M. Keller", "they"),
}
CAPITALS = ("Oslo", "Abuja", "Beijing", "Tehran", "Jerusalem", "Moscow", "Mexico City", "Delhi", "Berlin", "Caracas")
_CAPITAL_WORDS = re.compile(
    r"\b(?:Oslo|Abuja|Beijing|Tehran|Jerusalem|Moscow|Delhi|Berlin|Caracas|Ankara|Athens|Jakarta|Ottawa|Prague|"
    r"Washington|London|Paris|Tokyo|Seoul|Brussels|Kyiv|Warsaw|Rome|Madrid|Cairo|Nairobi|Lusaka|Kampala)\b"
)
_PRONOUNS = {"he": "she", "him": "her", "himself": "herself", "man": "woman", "men": "women", "father": "mother"}
_PRONOUNS |= {"son": "daughter", "sons": "daughters", "mr": "Ms", "his": "her", "spokesman": "spokeswoman"}
_TO_FEMALE = re.compile(rf"\b(?:{'|'.join(_PRONOUNS)})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BiasResult:
    """What substituting an attribute does.

    Attributes:
        attribute: What was substituted, and in which sentences.
        sentences: Sentences with a place for it.
        fillers: What was put there.
        same_label: Share of the sentences whose label is the same for all fillers.
        spread: By facet, the largest difference of the mean probability between two fillers.
        extremes: By facet, the filler with the lowest and with the highest mean probability.
    """

    attribute: str
    sentences: int
    fillers: list[str]
    same_label: float
    spread: dict[str, float]
    extremes: dict[str, tuple[str, str]]


def measure_bias(
    predict: Predict, sentences: ProbeSentences, thresholds: Sequence[float], authored: Sequence[str] = ()
) -> list[BiasResult]:
    """Substitute countries, parties and genders in own templates, and capitals and genders in authored sentences.

    Args:
        predict: From sentences to facet probabilities.
        sentences: Templates.
        thresholds: Of the facets, for labels.
        authored: Sentences of the authored corpus; those without a capital or a male word are not used.
    """
    countries = [t for t in sentences.bias if "{country}" in t]
    parties = [t for t in sentences.bias if "{party}" in t]
    people = [t for t in sentences.bias if "{person}" in t]
    sets: dict[str, dict[str, list[str]]] = {
        "country, templates": {c: [fill(t, country=c) for t in countries] for c in COUNTRIES},
        "party, templates": {p: [_capitalise(fill(t, party=p)) for t in parties] for p in PARTIES},
        "gender, templates": {
            g: [fill(t, person=name, they=they) for t in people] for g, (name, they) in GENDERS.items()
        },
        "capital, authored": {c: _with_capital(authored, c) for c in CAPITALS},
        "gender, authored": _by_gender(authored),
    }
    return [_measure(predict, name, filled, thresholds) for name, filled in sets.items() if any(filled.values())]


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def _with_capital(texts: Sequence[str], capital: str) -> list[str]:
    return [_CAPITAL_WORDS.sub(capital, text) for text in texts if _CAPITAL_WORDS.search(text)]


def _by_gender(texts: Sequence[str]) -> dict[str, list[str]]:
    def female(match: re.Match[str]) -> str:
        word = match.group()
        swapped = _PRONOUNS[word.lower()]
        return swapped.capitalize() if word[0].isupper() else swapped

    male = [text for text in texts if _TO_FEMALE.search(text)]
    return {"as written, male": male, "female": [_TO_FEMALE.sub(female, text) for text in male]}


def _measure(predict: Predict, attribute: str, filled: dict[str, list[str]], thresholds: Sequence[float]) -> BiasResult:
    names = list(filled)
    count = len(filled[names[0]])
    flat = [text for name in names for text in filled[name]]
    chances = predict(flat, [False] * len(flat)).reshape(len(names), count, len(FACETS))
    labels = decide(chances.reshape(-1, len(FACETS)), thresholds)[0].reshape(len(names), count)
    means = chances.mean(axis=1)
    return BiasResult(
        attribute=attribute,
        sentences=count,
        fillers=names,
        same_label=float((labels == labels[0]).all(axis=0).mean()),
        spread={facet: float(np.ptp(means[:, f])) for f, facet in enumerate(FACETS)},
        extremes={
            facet: (names[int(means[:, f].argmin())], names[int(means[:, f].argmax())])
            for f, facet in enumerate(FACETS)
        },
    )
