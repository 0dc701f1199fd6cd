"""Non-sentences: what is dropped, and above all what is not."""

from __future__ import annotations

import pytest

from claimstance.model.segment import REASONS, non_sentence_reason, segment

NOT_SENTENCES = {
    "byline": [
        "Written By Anna Fletcher",
        "By Anna Fletcher and Tom van der Lee",
        "BY ANNA FLETCHER",
        "By Ann Orr, Lake Gazette",
        "by Staff Writer Ann Orr",
        "Reporting by Ann Orr in Lakeside; Editing by Tom Lee",
        "(Additional reporting by Ann Orr; editing by Tom Lee)",
    ],
    "credit": [
        "REUTERS/Ann Orr",
        "(Xinhua/Orr Ann)",
        "Photo by Ann Orr",
        "Lakeside Police/Handout via REUTERS",
        "© 2024 The Gazette",
        "Copyright The Gazette",
        "Ann Orr contributed reporting from Lakeside.",
    ],
    "caption": ["FILE PHOTO: The ferry at its berth, May 5, 2021.", "Picture taken May 5, 2021."],
    "navigation": [
        "Exit mobile version",
        "Read more: The ferry that never sailed",
        "Related Coverage Ferry owners look to rail",
        "Slideshow (9 Images)",
        "Home > News > Ferries",
        "Home International Ferry Strike Could Last Into July as Owners Refuse...",
        "Advertisement",
        "Share",
        "Sign up for our newsletter",
        "For more on the ferry, visit gazette.example.com/ferry",
        "To read the full report, click here",
        "For more stories, go to our homepage",
        "Skip to content",
        "Tags: ferries, strikes",
    ],
    "contact": [
        "E-mail: desk@gazette.example",
        "desk@gazette.example",
        "https://gazette.example/ferry",
        "Newsroom: 0845 555 7000",
    ],
    "note": [
        "(This version of the story corrects the name of the ferry)",
        "(Adds comment from the owners)",
        "($1 = 6.69 crowns)",
        "This story has been updated to give the owner's name.",
    ],
    "source": ["Source: Lake Gazette", "Source: Lake Gazette| 2021-05-05 10:11:12|Editor: Orr"],
    "dateline": ["May 5, 2021", "Updated: 5 May 2021, 10:15 GMT", "LAKESIDE (AP) —"],
    "markup": ["__NOTOC__", "source=Ann Orr, ferry owner"],
    "fragment": ["...", "***", "“", "12.5 %"],
}
LINES = {
    "heading": [
        "POLITICAL FALLOUT",
        "‘CHALLENGING MARKET’",
        "“A LONG ROAD”",
        "What next",
        "Crime and law",
        "Lake District",
    ],
    "list": ["* Anna Fletcher, owner of the ferry", "• The old harbour", "2) The new harbour"],
}
SENTENCES = [
    # Headlines, with and without a verb that shows.
    "Ferry strike could last into July",
    "Owners sue union",
    "Ferry sinks",
    "FERRY OWNERS REFUSE TO TALK",
    "Mayor quits",
    "Union Rejects Ferry Offer",
    "Lake Towns Brace for Flood",
    "By a whisker, the lake wins",
    "Storm kills 13",
    "From Deck Hand to Owner of the Fleet",
    "More news is bad news, says the mayor",
    "Home prices fall as rates rise...",
    # Sentences that begin or end like something else.
    "By Monday the ferry had sunk.",
    "By law, owners must pay.",
    "Sources said the ferry had sunk.",
    "Photos show the wreck.",
    "Read the letter, he told the court.",
    "See you in court, she said.",
    "Share prices fell.",
    "Search teams found the boat.",
    "Close to 40 people died.",
    "Home owners were hit.",
    "Comments on the deal were muted.",
    "(The owners deny it.)",
    "The story was first told in 1931.",
    "The report was published in May.",
    "He wrote to desk@gazette.example on Monday.",
    "The site, gazette.example/ferry, was blocked.",
    "The price was $1 = 6 crowns, the bank said.",
    "Copyright law is old.",
    "Images of the wreck were shown.",
    "Video of the wreck spread on Monday.",
    "Reporting by the Gazette showed the opposite.",
    "Editing by hand takes weeks.",
    "Email the mayor, he said.",
    "Print is dead, she said.",
    "For more than a year he hid.",
    "To see the lake is to love it.",
    "For the first time, the president will visit the island.",
    "For the president to go to war, the assembly must approve.",
    "To the surprise of many, the minister did not visit the camp.",
    "Images released by police show two men running.",
    "AP reporters saw the wreck.",
    "Related companies were fined.",
    "Graphic images were shown.",
    "“We won.",
    "No.",
    "Why?",
    "“Never!”",
    "Nobody knows.",
    "U.S. troops left.",
    "1 in 5 ferries is late.",
    "Source code was stolen.",
    "- We will not pay, the owners said",
    "* The ferry was sold in May",
    "Correction of the error took a week.",
]


@pytest.mark.parametrize(("reason", "segment_"), [(r, s) for r, group in NOT_SENTENCES.items() for s in group])
def test_non_sentences(reason, segment_):
    assert non_sentence_reason(segment_) == reason


@pytest.mark.parametrize(("reason", "line"), [(reason, line) for reason, lines in LINES.items() for line in lines])
def test_lines_without_a_stop_in_the_middle_of_an_article(reason, line):
    assert non_sentence_reason(line, opening=False) == reason


@pytest.mark.parametrize("sentence", SENTENCES)
def test_sentences_are_kept(sentence):
    assert non_sentence_reason(sentence) is None


def test_every_reason_is_announced_and_tested():
    assert set(REASONS) == set(NOT_SENTENCES) | set(LINES)


def test_an_article_of_the_web():
    text = """Home International Ferry Strike on the Lake Could Last Into July as Owners...

Ferry Strike on the Lake Could Last Into July as Owners Refuse to Talk

The strike began on Monday, and the owners have until Friday to make an offer.

UNCERTAIN FUTURE

“We did it once. We may do it again,” the union’s leader said.

Written By Anna Fletcher

Exit mobile version"""
    assert [(span.reason, span.quotation_open) for span in segment(text)] == [
        ("navigation", False),
        (None, False),
        (None, False),
        ("heading", False),
        (None, False),
        (None, True),
        ("byline", False),
        ("navigation", False),
    ]


def test_a_cut_off_copy_of_the_headline_is_navigation():
    text = (
        "News · Ferries · Owners of the lake ferries refuse to...\nOwners of the lake ferries refuse to talk\nThey met."
    )
    assert [span.reason for span in segment(text)] == ["navigation", None, None]


def test_dots_alone_make_no_line_navigation():
    text = "And then the lake froze over...\nThe ferries stayed in port.\nThey left in May."
    assert [span.reason for span in segment(text)] == [None, None, None]
