"""What holds for any text at all."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimstance.model.errors import InputTypeError
from claimstance.model.segment import REASONS, quotation_states, segment

PIECES = [
    "The mayor left",
    "He said no",
    "U.S.",
    "Lt. Gen.",
    "a.m.",
    "No. 5",
    "2.5",
    "…",
    "...",
    ". . .",
    "?!",
    ".",
    ". ",
    ", ",
    "“",
    "”",
    "‘",
    "’",
    '"',
    "'",
    "''",
    "``",
    "(",
    ")",
    "[",
    " - ",
    " — ",
    "\n",
    "\n\n",
    "\r\n",
    "\u2028",
    "\xa0",
    "\t",
    " ",
    "J. K. Lee",
    "By Ann Lee",
    "http://a.example/b",
    "a@b.example",
    "• ",
    "ALL CAPS",
    "é",
    "日本。",
    "\ud800",
    "\U0001f600",
    "ﬁ",
    "\u200b",
    "\ufeff",
    "́",
    "1. ",
    "said Mr. Orr",
    "x = 3",
    "|",
    ">",
    "Home > News",
]
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join),
    st.text(max_size=200),
    st.text(alphabet=st.characters(), max_size=60),
)


@given(texts)
@settings(max_examples=400, deadline=None)
def test_spans_cover_everything_but_white_space_in_order(text):
    spans = segment(text)
    position = 0
    for span in spans:
        assert text[position : span.start].strip() == ""
        piece = text[span.start : span.end]
        assert piece
        assert piece == piece.strip()
        assert span.reason is None or span.reason in REASONS
        position = span.end
    assert text[position:].strip() == ""


@given(texts)
@settings(max_examples=200, deadline=None)
def test_flags_agree_with_quotation_states(text):
    spans = segment(text)
    assert quotation_states(text, [span.start for span in spans]) == [span.quotation_open for span in spans]


@given(st.lists(st.sampled_from(["The mayor left.", "“He lied,” she said.", "No one spoke!"]), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_sentences_come_back_as_they_went_in(sentences):
    for glue in (" ", "\n", "\n\n", "  "):
        text = glue.join(sentences)
        assert [text[span.start : span.end] for span in segment(text)] == sentences


@given(texts)
@settings(max_examples=200, deadline=None)
def test_a_blank_line_always_separates(text):
    for span in segment(text):
        assert "\n\n" not in text[span.start : span.end]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u2028", "\xa0\t"])
def test_a_blank_text_has_no_sentences(text):
    assert segment(text) == []


@pytest.mark.parametrize("text", [None, 7, b"bytes", ["a list"]])
def test_only_text_is_taken(text):
    with pytest.raises(InputTypeError, match=f"str, got {type(text).__name__}"):
        segment(text)


def test_lone_surrogates_pass_through():
    text = "He left.\ud800 She stayed. \udfff"
    assert [text[span.start : span.end] for span in segment(text)] == ["He left.\ud800 She stayed.", "\udfff"]


UNITS = [
    '"',
    "“",
    "”",
    "‘",
    "'",
    "''",
    "``",
    "(",
    ")",
    "[",
    "{",
    ".",
    "?",
    "…",
    ". ",
    ". . ",
    "... ",
    '" ',
    '"\n',
    "“\n",
    "a\n",
    "A. ",
    "U.S. ",
    "J.",
    '." ',
    ".”A",
    ". “ ",
    '. " ',
    '?" A b c ',
    "- ",
    ". - ",
    "/",
    "|",
    "a = ",
    "=",
    "@",
    "By A ",
    "1. ",
    "'A.' ",
    "the lake is very cold and the snow is very deep\n",
    " ",
    "\n",
    "\t\n",
    "Home > ",
    "x",
    "A",
    "\ud800",
    "a@b.",
    "(c) ",
]


def _seconds(text):
    best = float("inf")
    for _ in range(2):
        start = time.process_time()
        segment(text)
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize("unit", UNITS)
def test_time_is_linear(unit):
    short, long = ((unit * (size // len(unit))) for size in (25_000, 200_000))
    # Eight times the text; a quadratic step would take 64 times as long. The floor absorbs the clock's grain.
    assert _seconds(long) < 24 * max(_seconds(short), 0.004)


@pytest.mark.slow
def test_a_megabyte_of_marks_takes_seconds():
    random.seed(0)
    text = "".join(random.choices("\"“”‘’'`.!?…()[] \nAa", k=1_000_000))  # noqa: S311
    assert _seconds(text) < 20
