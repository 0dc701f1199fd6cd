"""Examples, saved predictions, systems, baselines, detection, outside benchmarks."""

import numpy as np
import pytest

from claimstance.eval.baselines.base import BASELINES, build_baseline
from claimstance.eval.baselines.cues import read_cues
from claimstance.eval.config import EvalConfig
from claimstance.eval.detection import detect_non_sentences
from claimstance.eval.evaluation import confident_errors, detection_scores, evaluate
from claimstance.eval.examples import make_examples, read_examples
from claimstance.eval.metrics.scores import Bootstrap
from claimstance.eval.outside import Benchmark, measure_benchmark
from claimstance.eval.predictions import make_predictions, read_predictions, write_predictions
from claimstance.eval.systems import SystemOptions, predict_with, predictor_of
from claimstance.model.errors import ConfigError, CorpusError, InputError, ModelError
from claimstance.model.labels import FACETS, LABELS

QUICK = Bootstrap(resamples=30)


@pytest.fixture
def examples(corpus_folder):
    return read_examples(corpus_folder, "test")


@pytest.fixture
def options(corpus_folder):
    return SystemOptions(data=corpus_folder, config=EvalConfig.model_validate({"tfidf": {"min_documents": 1}}))


def perfect(examples):
    return make_predictions("perfect", examples, np.where(examples.facets, 0.9, 0.1))


def test_examples_are_read_with_their_context(examples):
    assert len(examples) == 12
    assert len(examples.sentences()) == 11
    assert examples.documents[0] == "own/test-0-d1"
    assert examples.facets[4].tolist() == [False, True, False]
    assert len(examples.sha256) == 64


def test_missing_split_names_those_that_are_there(corpus_folder):
    with pytest.raises(CorpusError, match="splits there: test, train"):
        read_examples(corpus_folder, "dev")


def test_missing_columns_are_named():
    with pytest.raises(CorpusError, match="missing: corpus, doc"):
        make_examples({"id": [], "text": [], **{f: [] for f in FACETS}})


def test_predictions_survive_the_file(examples, tmp_path):
    predictions = perfect(examples)
    write_predictions(predictions, tmp_path / "p.parquet")
    back = read_predictions(tmp_path / "p.parquet")
    assert back.ids == predictions.ids
    assert back.system == "perfect"
    assert back.thresholds == predictions.thresholds
    assert np.array_equal(back.probabilities, predictions.probabilities)
    assert np.array_equal(back.predicted, predictions.predicted)


def test_predictions_file_holds_no_text(examples, tmp_path):
    write_predictions(perfect(examples), tmp_path / "p.parquet")
    assert b"bridge" not in (tmp_path / "p.parquet").read_bytes()


def test_foreign_predictions_need_ids_and_facets_only(examples, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = {"id": examples.ids, **{f: examples.facets[:, i].astype(float) for i, f in enumerate(FACETS)}}
    pq.write_table(pa.table(table), tmp_path / "p.parquet")
    evaluation = evaluate(examples, read_predictions(tmp_path / "p.parquet"), QUICK)
    assert evaluation.together.macro_f1.value == 1
    pq.write_table(pa.table({"id": examples.ids}), tmp_path / "q.parquet")
    with pytest.raises(InputError, match="missing: quote, threat, forecast"):
        read_predictions(tmp_path / "q.parquet")


def test_unknown_label_is_refused(examples, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = {"id": examples.ids, "label": ["rumour"] * 12, **{f: [0.1] * 12 for f in FACETS}}
    pq.write_table(pa.table(table), tmp_path / "p.parquet")
    with pytest.raises(InputError, match="got rumour"):
        read_predictions(tmp_path / "p.parquet")


def test_predictions_of_other_data_are_refused(examples):
    predictions = perfect(examples.take(np.arange(3)))
    with pytest.raises(InputError, match="no prediction for 9 of 12"):
        predictions.answers(examples)


def test_two_predictions_of_a_sentence_are_refused(examples, tmp_path):
    twice = perfect(examples.take(np.array([*range(12), 3])))
    write_predictions(twice, tmp_path / "p.parquet")
    with pytest.raises(InputError, match=r"13 predictions of only 12 ids, such as 'test-0-3'.*keep one row"):
        evaluate(examples, read_predictions(tmp_path / "p.parquet"), QUICK)


@pytest.mark.parametrize("bad", ["likely", [0.1], {"yes": 0.1}])
def test_facets_that_are_no_numbers_are_refused(bad, examples, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = {"id": examples.ids, "quote": [bad] * 12, "threat": [0.1] * 12, "forecast": [0.1] * 12}
    pq.write_table(pa.table(table), tmp_path / "p.parquet")
    with pytest.raises(InputError, match="quote, threat, forecast must be probabilities"):
        read_predictions(tmp_path / "p.parquet")


def test_truncated_counts_only_the_sentences_that_are_evaluated(examples):
    whole = make_predictions("cut", examples, np.full((12, 3), 0.1), truncated=~examples.is_sentence)
    assert whole.truncated.sum() == 1
    assert evaluate(examples, whole, QUICK).data.truncated == 0
    cut = make_predictions("cut", examples, np.full((12, 3), 0.1), truncated=np.ones(12, dtype=bool))
    assert evaluate(examples, cut, QUICK).data.truncated == 11


def test_evaluation_leaves_non_sentences_out_and_says_so(examples):
    evaluation = evaluate(examples, perfect(examples.sentences()), QUICK, "test")
    assert evaluation.data.sentences == 11
    assert evaluation.data.left_out == {"natural": 1}
    assert evaluation.together.macro_f1.value == 1
    assert set(evaluation.scores) == {"together", "natural", "enriched"}
    assert set(evaluation.corpora) == {"own"}


def test_confident_errors_come_surest_first(examples):
    sentences = examples.sentences()
    chances = np.where(sentences.facets, 0.9, 0.1)
    chances[0] = (0.99, 0.0, 0.0)  # a fact called a quote
    chances[2] = (0.2, 0.0, 0.3)  # a forecast called a fact
    errors = confident_errors(sentences, make_predictions("x", sentences, chances).answers(sentences), 10)
    assert [(e.annotated, e.predicted) for e in errors] == [("fact", "quote"), ("forecast", "fact")]
    assert errors[0].confidence == pytest.approx(0.99)
    assert errors[0].text == "The council opened the new bridge on Saturday."
    assert errors[1].annotated_probability == pytest.approx(0.3)


def test_detection_by_hand():
    scores = detection_scores(np.array([True, True, False, False]), np.array([True, False, True, False]))
    assert (scores.precision, scores.recall, scores.f1) == (0.5, 0.5, 0.5)
    assert np.isnan(detection_scores(np.array([True]), np.array([False])).precision)


def test_detection_runs_over_whole_articles_only(examples):
    scores = detect_non_sentences(examples)
    assert scores.rows == 7
    assert scores.annotated == 1
    assert scores.recall == 1, "a byline is found"
    assert detect_non_sentences(examples.take(examples.sampling == "enriched")) is None


@pytest.mark.parametrize("name", ["majority", "cues", "tfidf"])
def test_baselines_give_probabilities(name, examples, options):
    predictions = predict_with(f"baseline:{name}", examples.sentences(), options)
    assert predictions.probabilities.shape == (11, 3)
    assert ((predictions.probabilities >= 0) & (predictions.probabilities <= 1)).all()
    assert predictions.system == f"baseline:{name}"


def test_majority_gives_every_sentence_the_same_label(examples, options):
    predictions = predict_with("baseline:majority", examples.sentences(), options)
    assert len(set(predictions.predicted.tolist())) == 1
    assert np.allclose(predictions.probabilities, examples.sentences().facets.mean(axis=0))


def test_tfidf_learns_the_train_split(corpus_folder, options):
    train = read_examples(corpus_folder, "train").sentences()
    predictions = predict_with("baseline:tfidf", train, options)
    assert evaluate(train, predictions, QUICK).together.accuracy.value > 0.9


def test_untuned_encoder_embeds_and_learns(corpus_folder, tiny_encoder, options):
    train = read_examples(corpus_folder, "train").sentences()
    baseline = build_baseline("encoder", options.config, tiny_encoder)
    embedded = baseline.embed(train)
    assert embedded.shape == (33, 32)
    alone = baseline.embed(train.take(np.array([5])))
    assert np.allclose(alone[0], embedded[5], atol=1e-5), "padding does not change a sentence's mean"
    baseline.fit(train)
    assert baseline.probabilities(train).shape == (33, 3)


def test_baseline_errors(options, examples, tmp_path):
    with pytest.raises(InputError, match=f"one of {', '.join(BASELINES)}"):
        predict_with("baseline:magic", examples, options)
    with pytest.raises(InputError, match="--encoder DIR"):
        predict_with("baseline:encoder", examples, options)
    with pytest.raises(ModelError, match="no folder of a pretrained encoder"):
        build_baseline("encoder", EvalConfig(), tmp_path / "none")
    with pytest.raises(CorpusError, match="no split 'train'"):
        predict_with("baseline:majority", examples, SystemOptions(data=tmp_path))


def cue_labels(*texts):
    rows = make_examples(
        {"id": list(texts), "corpus": ["x"] * len(texts), "doc": list(texts), "text": list(texts)}
        | {f: [0] * len(texts) for f in FACETS}
    )
    chances = build_baseline("cues", EvalConfig()).probabilities(rows)
    return [LABELS[k] for k in make_predictions("cues", rows, chances).predicted]


def test_cue_lexicon_finds_the_plain_cases():
    assert cue_labels(
        "The mayor said the road was closed.",
        "The rebels threatened to burn the village.",
        "Prices are likely to fall.",
        "The bridge opened on Saturday.",
        "The suspect may have fled on foot.",
    ) == ["quote", "threat", "forecast", "fact", "fact"]


def test_cue_lexicon_patterns():
    cues = read_cues("[quote]\nsaid  # comment\naccus*\n[not quote]\nwould ... say\n")
    assert cues["quote"].search("He SAID so")
    assert cues["quote"].search("accusing")
    assert not cues["quote"].search("unsaid")
    assert cues["not quote"].search("would never ever say")
    assert not cues["not quote"].search("would a b c d e say")
    with pytest.raises(ConfigError, match="line 1"):
        read_cues("said")
    with pytest.raises(ConfigError, match="sections are"):
        read_cues("[rumour]")


def test_model_predictions_know_their_model(tiny_model, examples, options):
    predictions = predict_with(str(tiny_model), examples.sentences(), options)
    assert predictions.about["engine"] == "onnx"
    assert len(predictions.about["revision"]) == 12
    assert predictions.probabilities.shape == (11, 3)


def test_saved_predictions_stand_for_the_system(tiny_model, examples, options, tmp_path):
    predictions = predict_with(str(tiny_model), examples, options)
    write_predictions(predictions, tmp_path / "predictions.parquet")
    for name in (tmp_path / "predictions.parquet", tmp_path):
        again = predict_with(str(name), examples, options)
        assert np.array_equal(again.predicted, predictions.predicted)
    with pytest.raises(InputError, match="other sentences need the model"):
        predictor_of(str(tmp_path), options)


def test_outside_benchmark_by_hand(examples):
    rows = examples.take(np.arange(4))
    facets = np.zeros((4, 3), dtype=bool)
    facets[:, 0] = [True, True, False, False]
    benchmark = Benchmark("own", "quote", "gap", "published", make_outside(rows, facets))
    chances = np.zeros((4, 3))
    chances[:, 0] = [0.9, 0.4, 0.6, 0.1]
    result = measure_benchmark(benchmark, make_predictions("x", rows, chances), QUICK)
    assert (result.sentences, result.positive, result.predicted) == (4, 2, 2)
    assert result.precision.value == result.recall.value == result.f1.value == 0.5
    assert result.average_precision.value == pytest.approx((1 + 2 / 3) / 2)


def make_outside(rows, facets):
    from dataclasses import replace

    return replace(rows, facets=facets)
