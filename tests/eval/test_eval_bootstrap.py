"""The intervals cover what they claim to cover, and the comparison finds what is there and no more."""

import time

import numpy as np
import pytest
from scipy.stats import binomtest

from claimstance.eval.metrics.answers import make_answers
from claimstance.eval.metrics.bootstrap import document_weights, estimates, interval, resampled_measures
from claimstance.eval.metrics.comparison import bootstrap_p_value, compare, mcnemar
from claimstance.eval.metrics.measures import is_calibration_error, measure
from claimstance.eval.metrics.scores import Bootstrap
from claimstance.eval.metrics.selective import risk_coverage
from claimstance.eval.metrics.tally import tally
from claimstance.eval.report.tables import DASH, comparison_table
from claimstance.model.errors import InputError


def simulate(rng, documents=60, size=12, spread=0.15, rate=0.8):
    """Sentences of one article share a rate of right answers, so they depend on one another."""
    rates = np.clip(rng.normal(rate, spread, documents), 0, 1)
    document = np.repeat(np.arange(documents), size)
    right = rng.random(len(document)) < rates[document]
    truth = np.zeros((len(document), 3), dtype=bool)
    truth[:, 0] = rng.random(len(document)) < 0.5
    chance = np.zeros_like(truth, dtype=float)
    chance[:, 0] = np.where(right == truth[:, 0], 0.8, 0.2)
    return truth, chance, document


def coverage(by_article, trials):
    rng = np.random.default_rng(11)
    population = np.clip(np.random.default_rng(0).normal(0.8, 0.15, 200_000), 0, 1).mean()
    inside = 0
    for trial in range(trials):
        truth, chance, document = simulate(rng)
        answers = make_answers(truth, chance, documents=document if by_article else np.arange(len(document)))
        weights = document_weights(answers.documents, answers.strata, 200, trial)
        low, high = interval(measure(tally(answers).weighted(weights))["accuracy"])
        inside += low <= population <= high
    return inside / trials


def test_interval_by_article_covers_the_truth_about_19_times_in_20():
    assert 0.90 <= coverage(by_article=True, trials=200) <= 0.985


def test_interval_by_sentence_would_be_too_narrow():
    assert coverage(by_article=False, trials=60) < 0.88


def test_the_interval_of_a_calibration_error_lies_neither_above_nor_below_it():
    rng = np.random.default_rng(3)
    for trial in range(10):
        chance = rng.random((1_000, 3)) ** 2
        answers = make_answers(rng.random((1_000, 3)) < chance, chance, documents=np.arange(1_000))
        weights = document_weights(answers.documents, answers.strata, 200, trial)
        found = estimates(*resampled_measures(answers, weights))
        for name, estimate in found.items():
            if is_calibration_error(name):
                assert 0 <= estimate.low <= estimate.value <= estimate.high, (trial, name)


def test_two_thousand_resamples_take_seconds():
    rng = np.random.default_rng(0)
    truth = rng.random((2_000, 3)) < 0.3
    answers = make_answers(truth, rng.random((2_000, 3)), documents=rng.integers(0, 700, 2_000))
    start = time.perf_counter()
    resampled_measures(answers, document_weights(answers.documents, answers.strata, 2_000, 0))
    assert time.perf_counter() - start < 20


def noisy(truth, rng, noise):
    return 1 / (1 + np.exp(-(truth * 3 - 1.5 + rng.normal(0, noise, truth.shape))))


def test_a_better_system_is_found_better():
    rng = np.random.default_rng(2)
    truth = rng.random((1_500, 3)) < np.array([0.5, 0.1, 0.2])
    documents = np.repeat(np.arange(100), 15)
    worse = make_answers(truth, noisy(truth, rng, 1.6), documents=documents)
    better = make_answers(truth, noisy(truth, rng, 0.8), documents=documents)
    found = compare(worse, better, Bootstrap(resamples=400))
    gain = found.differences["macro_f1"]
    assert gain.difference.value == pytest.approx(gain.second - gain.first)
    assert 0 < gain.difference.low < gain.difference.value < gain.difference.high
    assert gain.p_value < 0.01
    assert found.mcnemar.p_value < 1e-6
    assert found.mcnemar.only_second > found.mcnemar.only_first
    back = compare(better, worse, Bootstrap(resamples=400)).differences["macro_f1"].difference
    assert (back.low, back.high) == pytest.approx((-gain.difference.high, -gain.difference.low))


def test_the_difference_of_calibration_errors_has_no_interval_and_no_p_value():
    rng = np.random.default_rng(6)
    truth = rng.random((400, 3)) < 0.3
    documents = np.repeat(np.arange(40), 10)
    pair = [make_answers(truth, noisy(truth, rng, noise), documents=documents) for noise in (1.2, 0.8)]
    found = compare(*pair, Bootstrap(resamples=50))
    kinds = {name for name in found.differences if is_calibration_error(name)}
    assert kinds == {"ece", "ece_equal_mass", "facet.quote.ece", "facet.threat.ece", "facet.forecast.ece"}
    for name, gap in found.differences.items():
        assert gap.difference.value == pytest.approx(gap.second - gap.first)
        undefined = np.isnan([gap.difference.low, gap.difference.high, gap.p_value])
        assert (undefined == (name in kinds)).all(), name
    row = next(row for row in comparison_table(found, "first", "second").rows if row[0] == "ece")
    assert row[3] == f"{found.differences['ece'].difference.value:.3f}"
    assert row[4] == DASH


def test_equal_systems_are_not_found_different():
    rng = np.random.default_rng(4)
    small = 0
    for trial in range(60):
        truth = rng.random((400, 3)) < 0.3
        documents = np.repeat(np.arange(40), 10)
        pair = [make_answers(truth, noisy(truth, rng, 1.2), documents=documents) for _ in range(2)]
        small += compare(*pair, Bootstrap(resamples=200, seed=trial)).differences["macro_f1"].p_value < 0.05
    assert small <= 8


def test_a_system_equals_itself():
    truth, chance, document = simulate(np.random.default_rng(0))
    answers = make_answers(truth, chance, documents=document)
    found = compare(answers, answers, Bootstrap(resamples=50))
    assert found.same_label == 1
    assert found.differences["macro_f1"].difference.value == 0
    assert found.differences["macro_f1"].p_value == 1
    assert found.mcnemar.p_value == 1


def test_comparison_needs_the_same_sentences():
    truth, chance, document = simulate(np.random.default_rng(0))
    with pytest.raises(InputError, match="same sentences"):
        compare(make_answers(truth, chance, documents=document), make_answers(~truth, chance, documents=document))


def test_mcnemar_is_exact():
    first = np.array([True] * 2 + [False] * 9 + [True] * 20)
    second = np.array([False] * 2 + [True] * 9 + [True] * 20)
    found = mcnemar(first, second)
    assert (found.only_first, found.only_second) == (2, 9)
    assert found.p_value == pytest.approx(binomtest(2, 11).pvalue) == pytest.approx(2 * 67 / 2**11)


def test_p_value_counts_ties_against_the_claim():
    assert bootstrap_p_value(np.zeros(99)) == 1
    assert bootstrap_p_value(np.ones(99)) == pytest.approx(0.02)
    assert np.isnan(bootstrap_p_value(np.full(10, np.nan)))


def test_risk_coverage_by_hand():
    curve = risk_coverage(np.array([True, True, False, True]), np.array([0.9, 0.8, 0.8, 0.5]))
    assert curve.coverage.tolist() == [0.25, 0.75, 1.0]
    assert curve.risk.tolist() == pytest.approx([0, 1 / 3, 1 / 4])
    assert curve.confidence.tolist() == [0.9, 0.8, 0.5]
    assert curve.at(0.5) == pytest.approx(1 / 3)
    assert curve.at(1.0) == pytest.approx(1 / 4)
    assert curve.area == pytest.approx(0.5 / 3 + 0.25 / 4)
