"""Whether a quotation is open: marks of every style, and what happens where lines break."""

from __future__ import annotations

import pytest

from claimstance.model.errors import InputTypeError
from claimstance.model.segment import quotation_states, segment


def _flags(text):
    return [span.quotation_open for span in segment(text)]


@pytest.mark.parametrize(
    ("opening", "closing"), [("“", "”"), ('"', '"'), ("``", "''"), ("''", "''"), ("«", "»"), ("‘", "’"), ("'", "'")]
)
def test_sentences_inside_a_quotation_are_open(opening, closing):
    text = f"{opening}We met. They lied. It is over,{closing} she said. He left."
    assert _flags(text) == [False, True, True, False]


def test_a_mark_at_the_offset_itself_does_not_count_yet():
    text = "“We met. They lied.”"
    assert quotation_states(text, [0, 1, 9, len(text)]) == [False, True, True, False]


def test_offsets_may_come_in_any_order():
    text = "“We met. They lied.” So it went."
    assert quotation_states(text, [21, 9, 0]) == [False, True, False]


@pytest.mark.parametrize(
    "text",
    [
        "The workers' vote was close. It's over. The '90s are back. Rock 'n' roll lives.",
        "The workers’ vote was close. It’s over. The ‘90s are back. Rock ‘n’ roll lives.",
        "He is the Johnsons' heir. 'Tis the season. She likes it.",
        "The board is 5' 10\" long. It is heavy. It was dear.",
    ],
)
def test_apostrophes_and_inches_open_nothing(text):
    assert not any(_flags(text))


def test_scare_quotes_close_again():
    assert _flags('They call it "art." The town calls it "scrap". It will go.') == [False, False, False]


def test_a_single_quotation_may_hold_an_apostrophe():
    assert _flags("‘We don’t know. It’s late,’ he said. He left.") == [False, True, False]


def test_marks_without_a_blank_toggle():
    assert _flags('He said,"We met. They lied." She left.') == [False, True, False]


def test_quotation_marks_inside_single_ones():
    assert _flags("\"She told me, 'Go away.' Then she left. I cried,\" he said. He slept.") == [
        False,
        True,
        True,
        False,
    ]


def test_a_closing_mark_beside_an_inner_one():
    assert _flags("\"I hate it.\nI live by the rule 'do as you would be done by,'\" he wrote. He left.") == [
        False, True, False,
    ]  # fmt: skip


def test_a_quotation_that_reopens_in_each_paragraph_stays_open():
    text = "“We met.\n\n“They lied. We left.\n\n“It is over,” she said. He wept."
    assert _flags(text) == [False, True, True, True, False]


def test_a_quotation_may_close_paragraphs_later():
    assert _flags('He said: "We met.\n\nThey lied.\n\nIt is over." She left.') == [False, True, True, False]


def test_a_forgotten_mark_does_not_spoil_the_article():
    text = "“We met. They lied.\n\nThe mayor left. The town cheered.\n\nHe said “no” twice. She agreed."
    assert _flags(text) == [False, True, False, False, False, False]


def test_a_quotation_does_not_run_on_for_long():
    text = "“We met.\n" + "The mayor left.\n" * 12 + "He said no.” She left."
    assert not any(_flags(text)[1:])


@pytest.mark.parametrize("text", [None, 3, b"bytes", ["a list"]])
def test_only_text_is_taken(text):
    with pytest.raises(InputTypeError, match=type(text).__name__):
        quotation_states(text, [0])
