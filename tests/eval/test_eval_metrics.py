"""Scores equal scikit-learn's and hand-worked cases."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn import metrics as sk

from claimstance.eval.metrics.answers import make_answers
from claimstance.eval.metrics.bootstrap import document_weights, interval, resampled_measures
from claimstance.eval.metrics.measures import average_precision, measure
from claimstance.eval.metrics.proportion import wilson_interval
from claimstance.eval.metrics.scores import Bootstrap, score, score_by_sampling
from claimstance.eval.metrics.tally import tally, width_bin
from claimstance.model.errors import InputError
from claimstance.model.labels import FACETS, LABELS

QUICK = Bootstrap(resamples=50)


def random_answers(n=400, documents=40, seed=0, share=(0.5, 0.1, 0.2), noise=1.5):
    rng = np.random.default_rng(seed)
    truth = rng.random((n, 3)) < np.array(share)
    probabilities = 1 / (1 + np.exp(-(truth * 3 - 1.5 + rng.normal(0, noise, (n, 3)))))
    return make_answers(truth, probabilities, documents=rng.integers(0, documents, n))


@pytest.fixture(scope="module")
def answers():
    return random_answers()


@pytest.fixture(scope="module")
def points(answers):
    return resampled_measures(answers, np.ones((1, len(np.unique(answers.documents)))))[0]


def test_label_scores_equal_sklearn(answers, points):
    truth, predicted = answers.annotated, answers.predicted
    precision, recall, f1, _ = sk.precision_recall_fscore_support(truth, predicted, labels=range(4))
    for k, label in enumerate(LABELS):
        assert points[f"label.{label}.precision"] == pytest.approx(precision[k])
        assert points[f"label.{label}.recall"] == pytest.approx(recall[k])
        assert points[f"label.{label}.f1"] == pytest.approx(f1[k])
    assert points["macro_f1"] == pytest.approx(sk.f1_score(truth, predicted, average="macro"))
    assert points["accuracy"] == pytest.approx(sk.accuracy_score(truth, predicted))
    assert points["mcc"] == pytest.approx(sk.matthews_corrcoef(truth, predicted))
    assert points["log_loss"] == pytest.approx(sk.log_loss(truth, answers.distribution, labels=range(4)))
    one_hot = np.eye(4)[truth]
    assert points["brier"] == pytest.approx(((answers.distribution - one_hot) ** 2).sum(1).mean())


@pytest.mark.parametrize("facet", FACETS)
def test_facet_scores_equal_sklearn(answers, points, facet):
    f = FACETS.index(facet)
    truth, holds, chance = answers.truth[:, f], answers.holds[:, f], answers.probabilities[:, f]
    expected = {
        "precision": sk.precision_score(truth, holds),
        "recall": sk.recall_score(truth, holds),
        "f1": sk.f1_score(truth, holds),
        "mcc": sk.matthews_corrcoef(truth, holds),
        "average_precision": sk.average_precision_score(truth, chance),
        "log_loss": sk.log_loss(truth, chance),
        "brier": sk.brier_score_loss(truth, chance),
    }
    for name, value in expected.items():
        assert points[f"facet.{facet}.{name}"] == pytest.approx(value), name


def test_average_precision_with_ties_and_weights_equals_sklearn():
    rng = np.random.default_rng(3)
    truth = rng.random(200) < 0.3
    scores = rng.integers(0, 7, 200) / 7
    weights = rng.integers(0, 4, (5, 200)).astype(float)
    found = average_precision(truth, scores, weights)
    expected = [sk.average_precision_score(truth, scores, sample_weight=w) for w in weights]
    assert found == pytest.approx(expected)


def test_average_precision_by_hand():
    # ranks: hit, miss, hit -> (1/1 + 2/3) / 2
    assert average_precision(np.array([True, False, True]), np.array([0.9, 0.8, 0.7]))[0] == pytest.approx(5 / 6)
    # all tied: precision is the prevalence at the only threshold
    assert average_precision(np.array([True, False, False]), np.array([0.5, 0.5, 0.5]))[0] == pytest.approx(1 / 3)
    assert np.isnan(average_precision(np.array([False, False]), np.array([0.1, 0.2]))[0])


def test_f1_by_hand():
    # annotated quote quote fact threat; predicted quote fact fact fact
    truth = [[1, 0, 0], [1, 0, 0], [0, 0, 0], [0, 1, 0]]
    chance = [[0.9, 0, 0], [0.2, 0, 0], [0.1, 0, 0], [0.1, 0.4, 0]]
    scores = score(make_answers(truth, chance), QUICK)
    assert scores.labels["quote"].f1.value == pytest.approx(2 / 3)
    assert scores.labels["fact"].f1.value == pytest.approx(0.5)
    assert scores.labels["threat"].f1.value == 0
    assert np.isnan(scores.labels["forecast"].f1.value)
    assert scores.macro_f1.value == pytest.approx((2 / 3 + 0.5 + 0) / 3), "the label that never occurs is left out"
    assert scores.confusion == [[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]


def test_absent_class_equals_sklearn_without_it():
    answers = random_answers(share=(0.5, 0.0, 0.3))
    quiet = make_answers(answers.truth, np.minimum(answers.probabilities, [1, 0.2, 1]))
    points = {k: float(v[0]) for k, v in measure(tally(quiet).total()).items()}
    assert np.isnan(points["label.threat.precision"])
    assert np.isnan(points["label.threat.recall"])
    expected = sk.f1_score(quiet.annotated, quiet.predicted, labels=range(4), average="macro", zero_division=np.nan)
    assert points["macro_f1"] == pytest.approx(expected)
    assert points["facet.threat.mcc"] == sk.matthews_corrcoef(quiet.truth[:, 1], quiet.holds[:, 1]) == 0


def test_dev_macro_f1_of_a_training_is_that_of_an_evaluation():
    from transformers import EvalPrediction

    from claimstance.model.labels import facet_logits, sigmoid
    from claimstance.train.trainer import dev_scores

    rng = np.random.default_rng(8)
    truth = rng.random((200, 3)) < (0.5, 0.0, 0.3)
    logits = rng.normal(0, 1, (200, 4)) + np.stack([~truth.any(1), *(truth[:, f] for f in range(3))], axis=1)
    for shift, absent in ((-50.0, True), (0.0, False)):  # no threat is annotated; is one predicted?
        shifted = logits + np.array([0, 0, shift, 0])
        found = dev_scores(EvalPrediction(predictions=shifted, label_ids=truth.astype(np.float32)))
        scores = score(make_answers(truth, sigmoid(facet_logits(shifted))), QUICK)
        assert found.pop("macro_f1") == pytest.approx(scores.macro_f1.value)
        assert np.isnan(scores.labels["threat"].f1.value) == absent
        assert found == {f"f1_{k}": pytest.approx(np.nan_to_num(scores.labels[k].f1.value)) for k in LABELS}


def test_one_class_data():
    scores = score(make_answers(np.zeros((5, 3)), np.full((5, 3), 0.1)), QUICK)
    assert scores.macro_f1.value == 1
    assert scores.accuracy.value == 1
    assert scores.mcc.value == 0
    assert scores.labels["fact"].predicted_share.value == 1
    assert scores.labels["quote"].annotated == 0
    assert np.isnan(scores.facets["quote"].average_precision.value)


def test_hard_wrong_answers_have_a_finite_log_loss():
    scores = score(make_answers([[1, 0, 0]], [[0.0, 0.0, 0.0]]), QUICK)
    assert 16 < scores.log_loss.value < 17
    assert scores.brier.value == pytest.approx(2)


def test_calibration_error_by_hand():
    # two predictions of fact at 0.9 (bin 14 of 15), one right: |0.9 - 0.5|
    truth = [[0, 0, 0], [1, 0, 0]]
    scores = score(make_answers(truth, [[0.1, 0, 0], [0.1, 0, 0]]), QUICK)
    assert scores.ece.value == pytest.approx(0.4)
    assert scores.ece_equal_mass.value == pytest.approx(0.4)
    assert scores.facets["quote"].ece.value == pytest.approx(0.4)
    assert scores.facets["threat"].ece.value == 0


def test_bins_cover_both_ends():
    assert width_bin(np.array([0.0, 1e-9, 0.1, 0.1000001, 1.0]), 10).tolist() == [0, 0, 0, 1, 9]


def test_calibration_error_near_zero_on_calibrated_data():
    rng = np.random.default_rng(1)
    chance = rng.beta(0.6, 0.9, (60_000, 3))
    truth = rng.random(chance.shape) < chance
    answers = make_answers(truth, chance, documents=rng.integers(0, 500, len(chance)))
    points = {k: float(v[0]) for k, v in measure(tally(answers).total()).items()}
    for facet in FACETS:
        assert points[f"facet.{facet}.ece"] < 0.01
    # the confidence is the probability of the chosen label, so it is calibrated too
    assert points["ece"] < 0.01
    assert points["ece_equal_mass"] < 0.01
    for label in LABELS:
        share, expected = points[f"label.{label}.annotated_share"], points[f"label.{label}.expected_share"]
        assert share == pytest.approx(expected, abs=0.01)


def test_calibration_error_large_on_overconfident_data():
    rng = np.random.default_rng(1)
    chance = rng.beta(0.6, 0.9, (20_000, 3))
    truth = rng.random(chance.shape) < chance
    sharp = np.clip((chance - 0.5) * 3 + 0.5, 0, 1)
    assert measure(tally(make_answers(truth, sharp)).total())["facet.quote.ece"][0] > 0.1


def test_resampling_by_sums_equals_resampling_rows(answers):
    names = np.unique(answers.documents)
    weights = document_weights(answers.documents, answers.strata, 3, seed=5)
    spread = resampled_measures(answers, weights)[1]
    for r in range(3):
        rows = np.concatenate(
            [
                np.flatnonzero(answers.documents == d)
                for d, w in zip(names, weights[r], strict=True)
                for _ in range(int(w))
            ]
        )
        truth, predicted = answers.annotated[rows], answers.predicted[rows]
        assert spread["macro_f1"][r] == pytest.approx(sk.f1_score(truth, predicted, average="macro"))
        expected = sk.average_precision_score(answers.truth[rows, 2], answers.probabilities[rows, 2])
        assert spread["facet.forecast.average_precision"][r] == pytest.approx(expected)


def test_documents_are_resampled_within_their_stratum():
    documents = np.array([f"d{i}" for i in range(30)])
    strata = np.array(["natural"] * 10 + ["enriched"] * 20)
    weights = document_weights(documents, strata, 200, seed=0)
    order = np.argsort(np.unique(documents, return_index=True)[1])
    assert (weights[:, order[:10]].sum(1) == 10).all()
    assert (weights[:, order[10:]].sum(1) == 20).all()


def test_same_seed_same_interval(answers):
    assert score(answers, QUICK) == score(answers, QUICK)
    other = score(answers, Bootstrap(resamples=50, seed=1))
    assert other.macro_f1.value == score(answers, QUICK).macro_f1.value
    assert other.macro_f1.low != score(answers, QUICK).macro_f1.low


def test_scores_by_sampling():
    rows = random_answers(100)
    strata = np.array(["natural"] * 60 + ["enriched"] * 40)
    both = make_answers(rows.truth, rows.probabilities, documents=np.arange(100), strata=strata)
    found = score_by_sampling(both, QUICK)
    assert list(found) == ["together", "natural", "enriched"]
    assert [s.sentences for s in found.values()] == [100, 60, 40]


def test_interval_of_mostly_undefined_values_is_undefined():
    assert np.isnan(interval(np.array([np.nan, np.nan, 1.0]))[0])
    assert interval(np.array([np.nan, 1.0, 1.0])) == (1.0, 1.0)


def test_wilson_interval_equals_scipy_and_holds_the_proportion():
    n = np.repeat(np.arange(1, 40), 3)
    hits = np.stack([np.zeros(39, dtype=int), np.arange(1, 40) // 2, np.arange(1, 40)], axis=1).ravel()
    low, high = wilson_interval(hits, n)
    expected = [binomtest(int(k), int(m)).proportion_ci(method="wilson") for k, m in zip(hits, n, strict=True)]
    assert low == pytest.approx([e.low for e in expected], abs=1e-6)
    assert high == pytest.approx([e.high for e in expected], abs=1e-6)
    assert ((low >= 0) & (low <= hits / n) & (hits / n <= high) & (high <= 1)).all()


@pytest.mark.parametrize(
    ("truth", "chance", "message"),
    [
        ([[0, 0, 0]], [[0.1, 0.2]], "same shape"),
        (np.zeros((0, 3)), np.zeros((0, 3)), "n > 0"),
        ([[0, 0, 0]], [[0.1, 1.2, 0]], r"between 0 and 1, got 1\.2"),
        ([[0, 0, 0]], [[0.1, np.nan, 0]], "between 0 and 1, got nan"),
    ],
)
def test_bad_arrays_are_refused(truth, chance, message):
    with pytest.raises(InputError, match=message):
        make_answers(truth, chance)


def test_other_shapes_are_refused():
    with pytest.raises(InputError, match="documents must have shape"):
        make_answers([[0, 0, 0]], [[0, 0, 0]], documents=["a", "b"])
    with pytest.raises(InputError, match="predicted must be 1 indices"):
        make_answers([[0, 0, 0]], [[0, 0, 0]], predicted=[4])
