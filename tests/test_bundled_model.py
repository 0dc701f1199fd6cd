"""The model in the box: what every user meets first."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from claimstance import Predictor
from claimstance.model.artifact import bundled_path

EXAMPLE = Path(__file__).parent.parent / "claimstance" / "example_article.txt"

PLAIN_CASES = [
    ("The council met on Tuesday and approved the budget.", "fact"),
    ("The central bank will hold its next meeting on March 3.", "fact"),
    ("The storm tore the roofs off forty houses.", "fact"),
    ("The minister said the tunnel had been inspected twice.", "quote"),
    ('"We will keep supporting the farmers," the minister said.', "quote"),
    ("According to the auditors, the mine never had a licence.", "quote"),
    ("The governor called the ruling a disgrace.", "quote"),
    ('"If anyone blocks this road again, we will shut their mine," the mayor warned.', "threat"),
    ("The rebels have until Friday to hand over the port or face bombardment.", "threat"),
    ("The union threatened to shut down the railway.", "threat"),
    ("Rates could rise again next year.", "forecast"),
    ("Analysts said the company is unlikely to recover before 2030.", "forecast"),
    ("The storm is expected to reach the coast on Friday.", "forecast"),
]
"""Sentences of our own, plain ones of each label."""


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    """Return the bundled model on the default engine."""
    return Predictor.from_pretrained()


@pytest.mark.parametrize(("sentence", "label"), PLAIN_CASES)
def test_plain_cases(predictor: Predictor, sentence: str, label: str) -> None:
    assert predictor.label(sentence).label == label


def test_a_threat_to_answer_with_force_is_a_threat(predictor: Predictor) -> None:
    assert predictor.label('"If they cross that river, we will answer with force," the general said.').label == "threat"


def test_what_may_happen_next_week_is_a_forecast_though_an_official_says_so(predictor: Predictor) -> None:
    sentence = "Chancellor Brandt could meet the rebels' leader as early as next week, a senior official confirmed."
    assert predictor.label(sentence).label == "forecast"


def test_the_example_article_has_all_four_labels_and_two_non_sentences(predictor: Predictor) -> None:
    rows = predictor.label_article(EXAMPLE.read_text(encoding="utf-8"))
    assert {r.label for r in rows} == {"fact", "quote", "threat", "forecast", None}
    assert [r.text for r in rows if r.label is None] == [
        "Written by Jon Harker",
        "Read more: What the night shifts mean for the town",
    ]


def test_the_style_of_quotation_marks_changes_nothing(predictor: Predictor) -> None:
    straight = predictor.label('"Nobody came," the mayor said.')
    for styled in ("“Nobody came,” the mayor said.", "``Nobody came,'' the mayor said."):
        assert predictor.label(styled).probabilities == straight.probabilities


def test_int8_and_float32_agree_on_the_plain_cases(predictor: Predictor) -> None:
    full = Predictor.from_pretrained(engine="torch")
    assert [full.label(s).label for s, _ in PLAIN_CASES] == [predictor.label(s).label for s, _ in PLAIN_CASES]


def test_the_files_are_small_enough_to_ship() -> None:
    sizes = {p.name: p.stat().st_size for p in bundled_path().iterdir()}
    assert max(sizes.values()) < 95e6
    assert sum(sizes.values()) < 115e6


def test_the_first_label_from_a_cold_process_takes_under_three_seconds(tmp_path: Path) -> None:
    code = "from claimstance import Predictor; print(Predictor.from_pretrained().label('They met on Monday.').label)"
    best = 1e9
    for _ in range(3):
        start = time.perf_counter()
        out = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
        best = min(best, time.perf_counter() - start)
    assert out.stdout.strip() == "fact"
    assert best < 3.0
