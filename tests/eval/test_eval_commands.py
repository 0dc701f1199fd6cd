"""The commands end to end, on a tiny model and a tiny corpus; the report is self-contained."""

import json
import re

import numpy as np
import pytest
from typer.testing import CliRunner

from claimstance.cli import app
from claimstance.eval.card import training_section
from claimstance.eval.report import plots
from claimstance.eval.report.html import page, section, table
from claimstance.eval.report.runs import read_learning_curve, read_speed
from claimstance.eval.report.serialise import plain, read_metrics
from claimstance.model.errors import InputError
from claimstance.model.settings import ModelSettings

PNG = b"\x89PNG\r\n\x1a\n"


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def reports(tiny_model, corpus_folder, quick_config, tmp_path_factory):
    """Reports of a baseline and of a tiny model that stands beside it."""
    folder = tmp_path_factory.mktemp("reports")
    common = ("--data", corpus_folder, "--config", quick_config)
    first = run("evaluate", "baseline:cues", *common, "-o", folder / "cues")
    assert first.exit_code == 0, first.output
    training = folder / "run"
    training.mkdir()
    record = {"training_rows": 900, "dev": {"macro_f1": 0.5, "f1_threat": 0.3, "f1_forecast": 0.4}}
    (training / "run.json").write_text(json.dumps(record), encoding="utf-8")
    second = run("evaluate", tiny_model, *common, "-o", folder / "tiny", "--beside", folder / "cues", "--run", training)
    assert second.exit_code == 0, second.output
    return folder, second


def test_evaluate_prints_scores(reports):
    output = reports[1].output
    assert "tiny on test: 11 sentences of 7 articles; 1 non-sentences left out" in output
    for word in ("macro-F1", "natural", "enriched", "forecast", "average precision", "baseline:cues"):
        assert word in output


def test_report_folder_is_complete(reports):
    folder = reports[0] / "tiny"
    names = {p.name for p in folder.rglob("*")}
    assert names >= {"metrics.json", "predictions.parquet", "report.html", "confusion.png", "learning-curve.png"}
    assert all(p.read_bytes().startswith(PNG) for p in folder.rglob("*.png"))


def test_metrics_say_where_they_come_from(reports):
    record = read_metrics(reports[0] / "tiny", "evaluation")
    assert record["schema_version"] == 1
    assert record["command"].startswith("claimstance")
    assert {"python", "numpy", "claimstance"} <= set(record["versions"])
    assert len(record["data"]["sha256"]) == 64
    assert "git_commit" in record
    assert record["config"]["bootstrap"]["resamples"] == 40
    assert set(record["scores"]) == {"together", "natural", "enriched"}
    assert record["scores"]["together"]["labels"]["threat"]["annotated"] == 2
    assert record["non_sentences"]["annotated"] == 1


def test_metrics_file_holds_no_text(reports):
    assert "bridge" not in (reports[0] / "tiny" / "metrics.json").read_text(encoding="utf-8")


def test_html_is_self_contained(reports):
    html = (reports[0] / "tiny" / "report.html").read_text(encoding="utf-8")
    addresses = re.findall(r"""(?:src|href|action|data|poster)\s*=\s*["']([^"']*)""", html)
    assert addresses, "there are figures"
    assert all(a.startswith("data:image/png;base64,") for a in addresses)
    assert not re.search(r"<(?:script|link|iframe|object|embed)\b|@import|url\(", html)
    assert html.count("<figure>") == 5
    assert "Most confident errors" in html


def test_html_escapes_text():
    html = page("a < b", section("t", table(["<x>"], [["<script>alert(1)</script>"]])))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert section("empty", "") == ""


def test_same_command_same_numbers(reports, tiny_model, corpus_folder, quick_config, tmp_path):
    again = run("evaluate", tiny_model, "--data", corpus_folder, "--config", quick_config, "-o", tmp_path)
    assert again.exit_code == 0
    scores = [read_metrics(f, "evaluation")["scores"] for f in (reports[0] / "tiny", tmp_path)]
    assert scores[0] == scores[1]


def test_evaluate_takes_saved_predictions(reports, corpus_folder, quick_config):
    done = run("evaluate", reports[0] / "cues", "--data", corpus_folder, "--config", quick_config)
    assert done.exit_code == 0
    assert "baseline:cues on test" in done.output


def test_compare_takes_models_and_saved_predictions(reports, tiny_model, corpus_folder, quick_config, tmp_path):
    common = ("--data", corpus_folder, "--config", quick_config)
    done = run("compare", reports[0] / "cues", tiny_model, *common, "-o", tmp_path / "c.json")
    assert done.exit_code == 0, done.output
    assert "Exact McNemar" in done.output
    record = read_metrics(tmp_path / "c.json", "comparison")
    gap = record["differences"]["macro_f1"]
    assert gap["difference"]["value"] == pytest.approx(gap["second"] - gap["first"])
    calibration = record["differences"]["ece"]
    assert (calibration["difference"]["low"], calibration["p_value"]) == (None, None), "null, not NaN"
    assert calibration["difference"]["value"] == pytest.approx(calibration["second"] - calibration["first"])
    part = run("compare", reports[0] / "cues", tiny_model, *common, "--sampling", "natural")
    assert "6 sentences of 2 articles" in part.output
    wrong = run("compare", reports[0] / "cues", tiny_model, *common, "--sampling", "odd")
    assert wrong.exit_code == 3
    assert "there are enriched, natural" in wrong.output


def test_probe_and_card(reports, tiny_model, quick_config, tmp_path):
    done = run("probe", tiny_model, "--config", quick_config, "-o", tmp_path)
    assert done.exit_code == 0, done.output
    for word in ("Held-out contrast groups", "veiled_threat", "trailing space", "will → will not", "gender, authored"):
        assert word in done.output
    assert re.search(r"trailing space +20 +20 +no pair differs +–", done.output)
    probes = {r["change"]: r for r in read_metrics(tmp_path / "probe.json", "probe")["invariance"]}
    assert (probes["trailing space"]["same_input"], probes["trailing space"]["same_label"]) == (20, None)
    report = ("--report", reports[0] / "tiny", "--beside", reports[0] / "cues")
    card = run("card", "--model", tiny_model, *report, "--probe", tmp_path / "probe.json", "-o", tmp_path / "CARD.md")
    assert card.exit_code == 0, card.output
    text = (tmp_path / "CARD.md").read_text(encoding="utf-8")
    record = read_metrics(reports[0] / "tiny", "evaluation")
    assert f"{record['scores']['natural']['macro_f1']['value']:.3f}" in text
    assert text.startswith("---\nlanguage: en\n")
    assert "baseline:cues" in text
    assert "## Probes" in text
    assert "language models" in text
    for name in re.findall(r"!\[[^]]*\]\(([^)]+)\)", text):
        assert (tmp_path / name).read_bytes().startswith(PNG)


def test_card_refuses_the_report_of_another_model(reports, tiny_model, tmp_path):
    done = run("card", "--model", tiny_model, "--report", reports[0] / "cues", "-o", tmp_path / "CARD.md")
    assert done.exit_code == 3
    assert "measure this model first" in done.output


def test_card_refuses_the_probe_of_another_model(reports, tiny_model, quick_config, tmp_path):
    assert run("probe", tiny_model, "--config", quick_config, "-o", tmp_path).exit_code == 0
    file = tmp_path / "probe.json"
    record = json.loads(file.read_text(encoding="utf-8"))
    record["about"]["revision"] = "0" * 12
    file.write_text(json.dumps(record), encoding="utf-8")
    report = ("--report", reports[0] / "tiny", "--probe", file)
    done = run("card", "--model", tiny_model, *report, "-o", tmp_path / "CARD.md")
    assert done.exit_code == 3
    assert "about revision 000000000000" in done.output


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("evaluate", "baseline:cues", "--data", "nowhere"), 3, "no split 'test' in nowhere"),
        (("evaluate", "no-such-folder/x/y"), 3, "no split"),
        (("probe", "no-such-folder/x/y"), 4, "no model folder"),
        (("evaluate", "--config", "none.yaml"), 2, "no configuration at"),
    ],
)
def test_errors_are_one_line_and_an_exit_code(arguments, code, message):
    done = run(*arguments)
    assert done.exit_code == code
    assert message in done.output
    assert "Traceback" not in done.output


def test_reports_on_other_data_do_not_stand_beside(reports, corpus_folder, quick_config):
    common = ("--data", corpus_folder, "--config", quick_config)
    done = run("evaluate", "baseline:cues", *common, "--split", "train", "--beside", reports[0] / "cues")
    assert done.exit_code == 3
    assert "about other data" in done.output


def test_undefined_numbers_become_null():
    assert plain({"a": float("nan"), "b": (np.float64(1.5), np.arange(2))}) == {"a": None, "b": [1.5, [0, 1]]}


def test_foreign_json_is_refused(tmp_path):
    path = tmp_path / "metrics.json"
    path.write_text('{"kind": "evaluation", "schema_version": 99}', encoding="utf-8")
    with pytest.raises(InputError, match="schema version 1"):
        read_metrics(path, "evaluation")
    with pytest.raises(InputError, match="cannot be read"):
        read_metrics(tmp_path / "none.json", "evaluation")


def test_learning_curve_and_speed_errors(tmp_path):
    with pytest.raises(InputError, match="no finished training run"):
        read_learning_curve([tmp_path])
    (tmp_path / "speed.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="no list of results"):
        read_speed(tmp_path / "speed.json")


def test_plots_survive_thin_data(reports):
    from claimstance.eval.metrics.answers import make_answers
    from claimstance.eval.metrics.selective import risk_coverage

    answers = make_answers([[0, 0, 0]], [[0.1, 0.1, 0.1]])
    assert plots.reliability_plot(answers).startswith(PNG)
    assert plots.precision_recall_plot(answers).startswith(PNG)
    curve = risk_coverage(np.array([True]), np.array([0.9]))
    assert plots.risk_coverage_plot({"together": curve}).startswith(PNG)


def test_the_card_says_how_a_model_was_pruned_and_averaged():
    parts = [{"name": "first", "revision": "1a"}, {"name": "second", "revision": "2b"}]
    steps = [
        {"pruned_from": {"name": "teacher", "revision": "0"}, "vocabulary": 14000},
        {"pruned_from": {"name": "teacher-pruned", "revision": "0"}, "layers": [0, 3], "feed_forward": 960},
    ]
    steps.append({"pruned_from": {"name": "later", "revision": "0"}, "tokens_of": {"name": "teacher", "revision": "0"}})
    training = {"pruning": steps, "average_of": parts, "started_from": parts[0], "annotated_rows": {"a": 1200, "b": 3}}
    text = training_section(ModelSettings("second", training={**training, "config": {"base": "bundled"}}))
    assert "Starts from: `bundled`, which was `first` (1a)" in text
    assert "Annotated sentences: 1,203 (a 1,200, b 3)" in text
    assert "of `later` the tokens of `teacher` were kept" in text
    assert "of `teacher` 14,000 tokens were kept; of `teacher-pruned` the layers 0, 3 and 960 feed-forward" in text
    assert "the mean of `first` (1a) and `second` (2b)" in text
    assert "Pruned" not in training_section(ModelSettings("plain"))
