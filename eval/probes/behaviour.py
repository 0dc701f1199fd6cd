"""Behavioural tests (after Ribeiro et al., 2020, "Beyond Accuracy"): what should not matter, and what should."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

import numpy as np
import yaml
from pydantic import ValidationError

from claimstance.eval.strict import Strict
from claimstance.model.errors import ConfigError
from claimstance.model.labels import FACETS, LABELS, Facet, Label, decide

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Predict = Callable[[Sequence[str], Sequence[bool]], NDArray[np.float64]]
    """From sentences and whether a quotation is open at each to facet probabilities, shape (n, 3)."""
    Encode = Callable[[str], Sequence[int]]
    """From a sentence to the token ids that a network is given."""

PEOPLE = ("Marta Lindqvist", "Chukwuemeka Obi", "Li Wei", "Fatima al-Sayed", "John Miller", "Nguyen Thi Hoa")
COUNTRIES = ("Norway", "Nigeria", "China", "Iran", "Israel", "Russia", "Mexico", "India", "Germany", "Venezuela")


class Labelled(Strict):
    """A sentence and its label."""

    label: Label
    text: str


class DirectionalPair(Strict):
    """Two sentences; the facet must be less (down) or more (up) probable in ``after``."""

    facet: Facet
    move: Literal["down", "up"]
    kind: str
    before: str
    after: str
    after_open: bool = False


class ProbeSentences(Strict):
    """The file of own sentences."""

    invariance: tuple[Labelled, ...]
    headlines: tuple[Labelled, ...]
    directional: tuple[DirectionalPair, ...]
    bias: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InvarianceResult:
    """How much a change that should not matter does.

    Attributes:
        change: What was changed.
        pairs: Changed sentences and their originals.
        same_input: How many of the pairs are the same input by construction: both sentences have the same token ids,
            so that no network could tell them apart. None if the system does not say what its input is; then all
            pairs count as different.
        same_label: Share of the other pairs with the original's label; NaN if there is none.
        mean_shift: Mean, over the other pairs, of the largest absolute change of a facet's probability; NaN too.
        worst: The changed sentence that moved most; empty if no pair differs.
    """

    change: str
    pairs: int
    same_input: int | None
    same_label: float
    mean_shift: float
    worst: str


@dataclass(frozen=True, slots=True)
class DirectionalResult:
    """Whether a change moves a facet the way it must.

    Attributes:
        kind: What was changed.
        pairs: How many.
        moved: Share whose facet's probability moved the right way.
        crossed: Share in which the facet also held on the one side and did not on the other, as it must.
        failures: Changed sentences whose facet did not move the right way.
    """

    kind: str
    pairs: int
    moved: float
    crossed: float
    failures: list[str]


def load_sentences(path: Path | None = None) -> ProbeSentences:
    """Read the sentences; None reads those that ship.

    Raises:
        ConfigError: If the file has unknown keys or wrong values.
    """
    source = path or files("claimstance.eval.probes") / "sentences.yaml"
    try:
        return ProbeSentences.model_validate(yaml.safe_load(source.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        msg = f"probe sentences cannot be read from {source}: {error}"
        raise ConfigError(msg) from error


def fill(text: str, *, person: str = PEOPLE[0], country: str = COUNTRIES[0], party: str = "", they: str = "she") -> str:
    """Fill a template."""
    return text.format(person=person, country=country, party=party, they=they)


def _curly(text: str) -> str:
    out, opened = [], False
    for character in text:
        opened ^= character == '"'
        out.append(character if character != '"' else "“" if opened else "”")
    return "".join(out)


def invariance_changes(sentences: ProbeSentences) -> dict[str, list[tuple[str, str]]]:
    """Return pairs of original and changed sentence by the name of the change; unchanged ones are left out."""
    texts = [fill(s.text) for s in sentences.invariance]
    heads = [s.text for s in sentences.headlines]
    templates = [s.text for s in sentences.invariance]
    named = [t for t in templates if "{person}" in t]
    placed = [t for t in templates if "{country}" in t]
    changes = {
        "person's name": [(fill(t), fill(t, person=p)) for t in named for p in PEOPLE[1:]],
        "country's name": [(fill(t), fill(t, country=c)) for t in placed for c in COUNTRIES[1:]],
        "curly quotation marks": [(t, _curly(t)) for t in texts],
        "doubled single marks": [(t, t.replace('"', "''")) for t in texts],
        "guillemets": [(t, _curly(t).replace("“", "«").replace("”", "»")) for t in texts],
        "trailing space": [(t, f"{t} ") for t in texts],
        "no full stop": [(t, t.removesuffix(".")) for t in texts],
        "headline in title case": [(t, _title_case(t)) for t in heads],
        "headline in capitals": [(t, t.upper()) for t in heads],
    }
    return {name: [(a, b) for a, b in pairs if a != b] for name, pairs in changes.items()}


def _title_case(text: str) -> str:
    # str.title would write "'S"; a headline keeps its apostrophes.
    return " ".join(word[:1].upper() + word[1:] for word in text.split())


def measure_invariance(
    predict: Predict, sentences: ProbeSentences, thresholds: Sequence[float], encode: Encode | None = None
) -> list[InvarianceResult]:
    """Apply each change and compare labels and probabilities.

    Args:
        predict: From sentences to facet probabilities.
        sentences: The sentences that are changed.
        thresholds: Of the facets, for labels.
        encode: From a sentence to token ids, to count the pairs apart whose label cannot differ; None if unknown.
    """
    results = []
    for name, pairs in invariance_changes(sentences).items():
        differing = [(a, b) for a, b in pairs if encode is None or encode(a) != encode(b)]
        same_input = None if encode is None else len(pairs) - len(differing)
        moved = _compare_pairs(predict, differing, thresholds) if differing else (float("nan"), float("nan"), "")
        results.append(InvarianceResult(name, len(pairs), same_input, *moved))
    return results


def _compare_pairs(
    predict: Predict, pairs: Sequence[tuple[str, str]], thresholds: Sequence[float]
) -> tuple[float, float, str]:
    closed = [False] * len(pairs)
    before = predict([a for a, _ in pairs], closed)
    after = predict([b for _, b in pairs], closed)
    shift = np.abs(after - before).max(axis=1)
    same = decide(before, thresholds)[0] == decide(after, thresholds)[0]
    return float(same.mean()), float(shift.mean()), pairs[int(shift.argmax())][1]


def measure_directional(
    predict: Predict, sentences: ProbeSentences, thresholds: Sequence[float]
) -> list[DirectionalResult]:
    """Compare the facet's probability before and after each change."""
    pairs = sentences.directional
    before = predict([p.before for p in pairs], [False] * len(pairs))
    after = predict([p.after for p in pairs], [p.after_open for p in pairs])
    outcomes: dict[str, list[tuple[bool, bool, str]]] = defaultdict(list)
    for row, pair in enumerate(pairs):
        f = FACETS.index(pair.facet)
        low, high = (after, before) if pair.move == "down" else (before, after)
        moved = bool(low[row, f] < high[row, f])
        crossed = bool(low[row, f] < thresholds[f] <= high[row, f])
        outcomes[f"{pair.facet}: {pair.kind}"].append((moved, crossed, pair.after))
    return [
        DirectionalResult(
            kind=kind,
            pairs=len(found),
            moved=sum(m for m, _, _ in found) / len(found),
            crossed=sum(c for _, c, _ in found) / len(found),
            failures=[text for moved, _, text in found if not moved],
        )
        for kind, found in outcomes.items()
    ]


def measure_own_sentences(predict: Predict, sentences: ProbeSentences, thresholds: Sequence[float]) -> float:
    """Return the share of the invariance sentences and headlines, unchanged, with the right label."""
    rows = [*sentences.invariance, *sentences.headlines]
    predicted = decide(predict([fill(s.text) for s in rows], [False] * len(rows)), thresholds)[0]
    return float(np.mean([LABELS[k] == s.label for k, s in zip(predicted, rows, strict=True)]))
