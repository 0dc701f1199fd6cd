"""All probes of one system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from claimstance.eval.examples import Examples, make_examples
from claimstance.eval.probes.behaviour import (
    DirectionalResult,
    InvarianceResult,
    load_sentences,
    measure_directional,
    measure_invariance,
    measure_own_sentences,
)
from claimstance.eval.probes.bias import BiasResult, measure_bias
from claimstance.eval.probes.contrast import ContrastResult, measure_contrast
from claimstance.eval.systems import ModelSystem
from claimstance.model.labels import FACETS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from claimstance.eval.metrics.scores import Bootstrap
    from claimstance.eval.predictions import Predictions


@dataclass(frozen=True, slots=True)
class ProbeResults:
    """What the probes say of a system.

    Attributes:
        system: Its name.
        about: Further facts of it, such as its revision.
        contrast: Held-out contrast groups.
        own_sentences: Share of the behavioural tests' plain sentences with the right label.
        invariance: Changes that should not matter.
        directional: Changes that should.
        bias: Names that should not matter.
    """

    system: str
    about: dict[str, Any]
    contrast: ContrastResult
    own_sentences: float
    invariance: list[InvarianceResult]
    directional: list[DirectionalResult]
    bias: list[BiasResult]


def probe(
    predict: Callable[[Examples], Predictions],
    groups: Examples,
    tags: Mapping[str, Sequence[str]],
    bootstrap: Bootstrap | None = None,
) -> ProbeResults:
    """Run all probes.

    Args:
        predict: The system; a ``ModelSystem`` also says which changes its network cannot see.
        groups: Contrast groups that it was not trained on; their documents are the groups.
        tags: Phenomena by sentence id.
        bootstrap: How intervals are made.
    """
    predictions = predict(groups)
    sentences = load_sentences()

    def facets(texts: Sequence[str], quotation_open: Sequence[bool]) -> NDArray[np.float64]:
        return predict(plain_examples(texts, quotation_open)).probabilities

    thresholds = predictions.thresholds
    encode = predict.encode if isinstance(predict, ModelSystem) else None
    return ProbeResults(
        system=predictions.system,
        about=predictions.about,
        contrast=measure_contrast(predictions.answers(groups), groups.ids, tags, bootstrap),
        own_sentences=measure_own_sentences(facets, sentences, thresholds),
        invariance=measure_invariance(facets, sentences, thresholds, encode),
        directional=measure_directional(facets, sentences, thresholds),
        bias=measure_bias(facets, sentences, thresholds, groups.texts),
    )


def plain_examples(texts: Sequence[str], quotation_open: Sequence[bool]) -> Examples:
    """Return sentences without annotation, for a system that takes examples."""
    n = len(texts)
    rows = [str(i) for i in range(n)]
    columns = {"id": rows, "corpus": ["probe"] * n, "doc": rows, "text": list(texts)}
    return make_examples({**columns, "quotation_open": list(quotation_open), **{f: [False] * n for f in FACETS}})
