"""Labels, facets, and the arithmetic between them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from claimstance.model import labels as m

LOGITS = arrays(np.float64, (5, 4), elements=st.floats(-20, 20))


def test_names_and_order_are_fixed() -> None:
    assert m.LABELS == ("fact", "quote", "threat", "forecast")
    assert m.FACETS == ("quote", "threat", "forecast")
    assert m.PRECEDENCE == ("threat", "forecast", "quote", "fact")


@given(LOGITS)
def test_distribution_sums_to_one_and_equals_softmax(logits: np.ndarray) -> None:
    distribution = m.label_distribution(m.sigmoid(m.facet_logits(logits)))
    softmax = np.exp(logits - logits.max(-1, keepdims=True))
    softmax /= softmax.sum(-1, keepdims=True)
    assert np.allclose(distribution.sum(-1), 1.0)
    assert np.allclose(distribution, softmax, atol=1e-9)


@pytest.mark.parametrize("holds", list(itertools.product([False, True], repeat=3)))
def test_array_and_single_decisions_agree_on_precedence(holds: tuple[bool, bool, bool]) -> None:
    index, held = m.decide(np.array([holds], dtype=float))
    assert m.LABELS[index[0]] == m.facets_to_label(holds)
    assert tuple(held[0]) == holds


def test_precedence_is_threat_forecast_quote_fact() -> None:
    assert m.facets_to_label((True, True, True)) == "threat"
    assert m.facets_to_label((True, False, True)) == "forecast"
    assert m.facets_to_label((True, False, False)) == "quote"
    assert m.facets_to_label((False, False, False)) == "fact"


def test_a_facet_holds_at_its_threshold() -> None:
    index, held = m.decide([[0.5, 0.3, 0.2]], thresholds=(0.5, 0.31, 0.2))
    assert held.tolist() == [[True, False, True]]
    assert m.LABELS[index[0]] == "forecast"


def test_sigmoid_does_not_overflow() -> None:
    with np.errstate(all="raise"):
        assert m.sigmoid([-1e4, 0.0, 1e4]).tolist() == [0.0, 0.5, 1.0]


@pytest.mark.parametrize(
    ("codes", "facets"), [("-", (False, False, False)), ("QTF", (True, True, True)), ("F", (False, False, True))]
)
def test_codes_are_read(codes: str, facets: tuple[bool, bool, bool]) -> None:
    assert m.codes_to_facets(codes) == facets


@pytest.mark.parametrize("codes", ["", "N", "QQ", "X", "Q-"])
def test_other_codes_are_refused(codes: str) -> None:
    with pytest.raises(ValueError, match="annotation codes"):
        m.codes_to_facets(codes)
