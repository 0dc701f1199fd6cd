"""Made sentences: seeded, never blank, never a copy, more of what is rare, none of our own sentences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from claimstance.train.augment import augment, noisy

SENTENCES = {
    "threat": "The rebels have until Friday to hand over the northern port or face a new bombardment.",
    "forecast": "The northern harbour is unlikely to reopen before the end of the coming spring season.",
    "fact": "The northern council met on Tuesday and approved the budget for the coming fishing season.",
}


@pytest.fixture
def rows() -> pd.DataFrame:
    """Return 20 rows a label, and 20 of the authored corpus."""
    out = []
    for label, text in SENTENCES.items():
        for i in range(20):
            flags = {"quote": 0, "threat": int(label == "threat"), "forecast": int(label == "forecast")}
            place = {"corpus": "own", "doc": f"{label}{i}", "start": 0, "end": len(text)}
            out.append(
                {
                    **place,
                    "text": f"{text[:-1]} {i}.",
                    "previous": "",
                    "quotation_open": False,
                    "decided": "single",
                    **flags,
                }
            )
    return pd.DataFrame([*out, *({**row, "corpus": "authored", "sampling": "authored"} for row in out[:20])])


def test_the_rare_is_made_most_often_and_authored_sentences_never(rows: pd.DataFrame) -> None:
    made = augment(rows)
    counts = made["doc"].str.replace(r"\d+", "", regex=True).value_counts()
    assert counts["threat"] > counts["forecast"] > counts["fact"] > 0
    assert set(made["corpus"]) == {"own"}


def test_made_sentences_are_new_not_blank_and_have_ids_of_their_own(rows: pd.DataFrame) -> None:
    made = augment(rows)
    assert not set(made["text"]) & set(rows["text"])
    assert made["text"].str.strip().all()
    assert made["id"].is_unique
    assert {"previous", "quotation_open", "start"} <= set(made.columns)


def test_the_seed_decides(rows: pd.DataFrame) -> None:
    assert augment(rows, 1).equals(augment(rows, 1))
    assert not augment(rows, 1)["text"].equals(augment(rows, 2)["text"])


@pytest.mark.parametrize("text", ["One.", "Two words.", "a b c d e f g h i j k l"])
def test_short_sentences_survive(text: str) -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        words = noisy(text, {}, rng).split()
        assert words
        assert set(words) <= set(text.split())
