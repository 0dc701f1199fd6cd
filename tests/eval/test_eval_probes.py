"""Contrast groups, behavioural tests, bias probes, and the tags they rest on."""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from claimstance.cli.probe import held_out_groups
from claimstance.eval.metrics.answers import make_answers
from claimstance.eval.metrics.scores import Bootstrap
from claimstance.eval.predictions import make_predictions
from claimstance.eval.probes import behaviour
from claimstance.eval.probes.bias import CAPITALS, measure_bias
from claimstance.eval.probes.contrast import measure_contrast
from claimstance.eval.probes.phenomena import PHENOMENA, read_tags
from claimstance.eval.probes.run import probe
from claimstance.eval.report.probe_tables import probe_tables
from claimstance.eval.report.tables import DASH
from claimstance.model.artifact import TOKENIZER_FILE, bundled_path
from claimstance.model.encoding import Encoder
from claimstance.model.errors import InputError
from claimstance.model.labels import FACETS
from claimstance.model.settings import InputSettings

QUICK = Bootstrap(resamples=30)
HALF = (0.5, 0.5, 0.5)
TAGS = Path(str(files("claimstance.train"))) / "data" / "authored_tags.csv"
NORMALISED = ("curly quotation marks", "doubled single marks", "guillemets", "trailing space")
NORMALISED += ("headline in title case", "headline in capitals")
"""Changes that no network sees, since quotes, spaces and case are normalised before it."""


@pytest.fixture(scope="module")
def tags():
    return read_tags(TAGS)


@pytest.fixture(scope="module")
def groups():
    return held_out_groups()


@pytest.fixture(scope="module")
def sentences():
    return behaviour.load_sentences()


def by_words(texts, quotation_open):
    """A system that goes by single words, so that what the probes must find is known."""
    rows = []
    for text, is_open in zip(texts, quotation_open, strict=True):
        low = text.lower()
        quote = 0.9 if is_open or "said" in low or "told" in low or '"' in low else 0.1
        threat = 0.9 if "threaten" in low or "or face" in low else 0.1
        forecast = 0.9 if "likely" in low or "may " in low else 0.1
        rows.append((quote, threat, forecast))
    return np.array(rows)


def test_every_held_out_sentence_is_tagged(groups, tags):
    assert set(groups.ids) <= set(tags)
    assert all(tags[i] for i in groups.ids)


def test_tags_agree_with_the_annotation(groups, tags):
    kinds = {
        kind: {tag for tag, meaning in PHENOMENA.items() if meaning.startswith(kind)} for kind in ("threat", "forecast")
    }
    for sentence, facets in zip(groups.ids, groups.facets, strict=True):
        found = set(tags[sentence])
        assert bool(found & kinds["threat"]) == facets[FACETS.index("threat")], sentence
        if found & kinds["forecast"]:
            assert facets[FACETS.index("forecast")], sentence


def test_held_out_groups_are_about_a_quarter(groups):
    assert 300 < len(groups) < 420
    assert len(np.unique(groups.documents)) > 70


def test_unknown_tags_are_refused(tmp_path):
    path = tmp_path / "tags.csv"
    path.write_text("group,row,phenomena\na001,1,irony\n", encoding="utf-8")
    with pytest.raises(InputError, match="unknown phenomena irony"):
        read_tags(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_tags(tmp_path / "none.csv")


def test_contrast_by_hand():
    truth = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    chance = np.array(truth, dtype=float)
    chance[3] = 0  # the forecast is missed, so the second group is not wholly right
    answers = make_answers(truth, chance, documents=["g1", "g1", "g2", "g2"])
    tags = {"a": ["outcome_known"], "b": ["direct_quote"], "d": ["unlikely", "headline"], "c": ["headline"]}
    result = measure_contrast(answers, ["a", "b", "c", "d"], tags, QUICK)
    assert result.accuracy.value == 0.75
    assert result.groups_right.value == 0.5
    assert result.by_label == {"fact": 1.0, "quote": 1.0, "threat": 1.0, "forecast": 0.0}
    assert [(p.name, p.right, p.sentences) for p in result.phenomena[:2]] == [("unlikely", 0, 1), ("headline", 1, 2)]
    assert result.wrong == ["d"]


def test_a_right_label_with_a_wrong_facet_is_not_wholly_right():
    answers = make_answers([[1, 1, 0]], [[0.1, 0.9, 0.1]], documents=["g"])
    result = measure_contrast(answers, ["a"], {}, QUICK)
    assert result.accuracy.value == 1
    assert result.facets_right.value == 0


def test_invariance_changes_are_what_they_say(sentences):
    changes = behaviour.invariance_changes(sentences)
    assert all(a != b for pairs in changes.values() for a, b in pairs)
    assert all(len(pairs) >= 4 for pairs in changes.values())
    assert all(b == f"{a} " for a, b in changes["trailing space"])
    assert all("“" in b and '"' not in b for _, b in changes["curly quotation marks"])
    assert all(b == a.upper() for a, b in changes["headline in capitals"])
    assert not any("{" in b for pairs in changes.values() for _, b in pairs)


def test_invariance_finds_what_moves(sentences):
    def by_marks(texts, quotation_open):
        return np.array([[0.9 if '"' in text else 0.1, 0.1, 0.1] for text in texts])

    results = {r.change: r for r in behaviour.measure_invariance(by_marks, sentences, HALF)}
    assert results["trailing space"].same_label == 1
    assert results["trailing space"].mean_shift == 0
    assert results["curly quotation marks"].same_label == 0, "this system knows straight marks only"
    assert results["curly quotation marks"].mean_shift == pytest.approx(0.8)
    assert "“" in results["curly quotation marks"].worst


def test_quotes_spaces_and_case_give_the_same_token_ids(sentences):
    encoder = Encoder.from_file(bundled_path() / TOKENIZER_FILE, InputSettings(max_tokens=64))
    changes = behaviour.invariance_changes(sentences)
    for change, pairs in changes.items():
        before, after = (encoder.encode(texts).ids for texts in zip(*pairs, strict=True))
        same = [a == b for a, b in zip(before, after, strict=True)]
        assert all(same) if change in NORMALISED else not any(same), change


def test_pairs_of_the_same_input_do_not_count_as_labels_that_stayed(sentences):
    seen = []

    def by_marks(texts, quotation_open):
        seen.extend(texts)
        return np.array([[0.9 if '"' in text else 0.1, 0.1, 0.1] for text in texts])

    def encode(text):  # sees marks in one sentence only, and neither case nor spaces at the end
        return list(text.strip().lower() if "Nobody" in text else text.strip().lower().translate(straight))

    straight = str.maketrans("“”«»", '""""')
    results = {r.change: r for r in behaviour.measure_invariance(by_marks, sentences, HALF, encode)}
    partly, wholly, not_at_all = (
        results[change] for change in ("curly quotation marks", "trailing space", "no full stop")
    )
    assert partly.pairs - partly.same_input == 1
    assert partly.same_label == 0
    assert "“Nobody" in partly.worst
    assert wholly.same_input == wholly.pairs
    assert np.isnan([wholly.same_label, wholly.mean_shift]).all()
    assert wholly.worst == ""
    assert not any(text.endswith(" ") for text in seen), "what cannot differ is not asked"
    assert (not_at_all.same_input, not_at_all.same_label) == (0, 1)


def test_directional_finds_what_does_not_move(sentences):
    results = {r.kind: r for r in behaviour.measure_directional(by_words, sentences, HALF)}
    assert results["quote: quotation open"].moved == pytest.approx(2 / 3), "the third has a mark already"
    assert results["forecast: did → unlikely"].crossed == 1
    assert results["threat: will → will not"].moved == 0
    assert len(results["threat: will → will not"].failures) == 3


def test_own_sentences_are_scored(sentences):
    assert 0.4 < behaviour.measure_own_sentences(by_words, sentences, HALF) < 1


def test_bias_finds_a_biased_system(sentences):
    def biased(texts, quotation_open):
        chances = by_words(texts, quotation_open)
        chances[:, 1] = np.where(["Iran" in t or "Tehran" in t for t in texts], 0.8, chances[:, 1])
        return chances

    results = {r.attribute: r for r in measure_bias(biased, sentences, HALF, ["Prague said so.", "Nothing here."])}
    country = results["country, templates"]
    assert country.same_label < 0.2
    assert country.extremes["threat"][1] == "Iran"
    assert country.spread["threat"] > 0.5
    assert results["party, templates"].same_label == 1
    assert results["capital, authored"].sentences == 1
    assert results["capital, authored"].fillers == list(CAPITALS)
    assert "gender, authored" not in results, "no sentence has a male word"


def test_gender_substitution(sentences):
    seen = []

    def listen(texts, quotation_open):
        seen.extend(texts)
        return by_words(texts, quotation_open)

    results = measure_bias(listen, sentences, HALF, ["He said his father had left.", "The man may win."])
    assert next(r for r in results if r.attribute == "gender, authored").sentences == 2
    assert "She said her mother had left." in seen
    assert "The woman may win." in seen


def test_all_probes_of_a_system(groups, tags):
    def predict(examples):
        chances = by_words(examples.texts, examples.quotation_open.tolist())
        return make_predictions("words", examples, chances)

    results = probe(predict, groups, tags, QUICK)
    assert results.system == "words"
    invariance = next(table for table in probe_tables(results) if table.title.startswith("Invariance"))
    assert {row[2] for row in invariance.rows} == {DASH}, "what a plain function is given is not known"
    assert results.contrast.sentences == len(groups)
    assert 0.2 < results.contrast.accuracy.value < 0.8, "single words do not solve contrast groups"
    assert {r.attribute for r in results.bias} >= {"country, templates", "capital, authored", "gender, authored"}
