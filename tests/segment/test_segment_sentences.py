"""The golden set: articles of our own, cut where a reader would cut them."""

from __future__ import annotations

import textwrap

import pytest

from claimstance.model.segment import segment

# One entry a text: its sentences, as they must come out, joined by one blank to make the text.
GOLDEN: dict[str, list[str]] = {
    "plain": ["The ferry sailed at noon.", "Nobody was hurt!", "Why did it stop?", "The owner had no answer."],
    "quotation of several sentences": ["“We won.", "They lost,” he said.", "The crowd left."],
    "straight marks": ['"We won.', 'They lost," he said.', "The crowd left."],
    "doubled single marks": ["''I'm mad.", "This has gone too far, and I'm not letting it go,'' Tarn said."],
    "TeX marks": ["``We won.", "They lost,'' he said.", "The crowd left."],
    "single marks": ["‘We won.", "They lost,’ he said.", "The crowd left."],
    "straight single marks": ["'We won.", "They lost,' he said.", "The crowd left."],
    "mark before stop": ["She called it “a scandal”.", "He called it 'a joke'.", 'They called it "art".'],
    "quotation follows a stop": ["He shrugged.", "“Nobody asked me.”", "Then he left."],
    "straight quotation follows a stop": ["He shrugged.", '"Nobody asked me."', "Then he left."],
    "quotation within a quotation": ["“She told me, ‘Go away.’", "So I went,” he said."],
    "question in a quotation": ["“Who pays?” he asked.", "No one spoke."],
    "named speaker after a question": ["“Who pays?” Mr. Arden asked on Monday.", "No one spoke."],
    "new sentence after a quoted question": ["She asked, “Who pays?”", "Arden did not reply."],
    "speaker after a stop": ["“We never saw it.” Durn said.", "The case goes on."],
    "another sentence after a quoted stop": ["“We never saw it.”", "She lied, he said."],
    "bracketed sentence": ["The dam held.", "(It was built in 1931.)", "Nobody was hurt."],
    "brackets within": ["The dam (built in 1931, says Dr. Oke) held.", "Nobody was hurt."],
    "titles": ["Mr. Hale met Mrs. Oduya, Dr. Lind and Prof. Ames.", "They talked."],
    "ranks": ["Lt. Gen. Roy Marsh and Sgt. Ida Bell were there.", "Gov. Ann Ray and Sen. Tom Fox were not."],
    "saints and mounts": ["The road from St. Brede to Mt. Orr is closed.", "It reopens soon."],
    "U.S. within": ["The U.S. Senate and the U.K. Parliament agreed.", "The U.S. said so."],
    "U.S. at the end": [
        "The goods came from the U.S.",
        "The port kept them.",
        "He left the U.S.",
        "In March he was back.",
    ],
    "U.N. agencies": ["A U.N. Refugee Agency team came.", "It left again."],
    "company forms": ["Orla Foods Inc. Chief Executive Ben Ray quit.", "He had led Orla Foods Inc.", "He is 61."],
    "initials": ["J. K. Merrow wrote to George W. Tarn and E.W. Hale.", "Neither replied."],
    "initial of a suspect": ["Police arrested Ali B. on Friday.", "He denies it."],
    "Roman first person": ["My brother and I.", "We were there."],
    "clock before a capital": ["The bus left at 9 a.m.", "The train left at 5 p.m. on Friday."],
    "time zones": ["It struck at 5:40 p.m. AEST on Monday.", "It ended at 7 p.m. Sydney time."],
    "weekdays after a clock": ["Doors open at 8 p.m. Friday.", "Entry is free."],
    "numbered things": ["It is No. 1 in the county and No. 14 in the land.", "He said no.", "Then he left."],
    "decimals": ["Prices rose 2.5 percent to $7.02.", "Wages rose 1.1 percent in 2024.", "Rents fell."],
    "money begins": ["The fund grew.", "$5 million came from abroad.", "£2 million stayed."],
    "numbers begin": ["The bus crashed.", "12 people were hurt.", "3 were children."],
    "months": ["The vote is on Jan. 5 or Feb. 12.", "It was held in Sept.", "The result is unknown."],
    "states": ["He grew up in Lowell, Mass., and Lima, Ohio.", "She moved to Austin, Tex.", "The house was sold."],
    "political affiliations": ["Rep. Lea Moss, R-Ariz., and Sen. Al Dunn, D-N.Y., voted no.", "The rest voted yes."],
    "ellipsis within": ["He was ... unsure about it.", "She was… sure."],
    "ellipsis between": ["“I begin at once ...", "I am on my way,” he said."],
    "dots after a stop": ["“It is going to be useless. ...", "They know it,” he said."],
    "lower-case brand": ["The shop sold phones.", "iPhones went first.", "He praised eBay."],
    "Arab article": ["The group fled.", "al-Hadi was caught."],
    "Latin": ["He cited Orr et al. in the trial of Dunn v. Moss, e.g. the part on fraud.", "It was short."],
    "exclaimed name": ["Yahoo! Japan bought the firm.", "Its shares rose."],
    "several stops": ["What?!", "He was stunned.", "Really!!", "Yes."],
    "agency dateline": ["LONDON (Reuters) - The bank cut rates.", "Shares rose."],
    "dateline with a state": ["AUGUSTA, Me. — The governor resigned.", "COLUMBIA, S.C. (AP) — His deputy did not."],
    "dateline with a date": ["WASHINGTON, Jan. 4 (Xinhua) -- U.S. Senator Pat Rowe retires.", "He is 82."],
    "junior": ["Martin Lake Jr. Avenue was closed.", "It honours Martin Lake Jr.", "He was a poet."],
    "web address": ["See example.com for more.", "The site is new."],
    "acronym in quotation marks": ["He left “the U.S.”", "She stayed."],
    "dash after a question": ["What happens next? - The Lake Gazette"],
    "dash after a stop": ["It is over.", "– He is wrong.", "It has begun."],
    "list item number": ["1. The bank cut rates.", "2. Shares rose."],
    "semicolons and colons": ["He had one wish: peace; it was not granted.", "He knew: It was late."],
}


def _texts(spans, text):
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_sentences(name):
    text = " ".join(GOLDEN[name])
    assert _texts(segment(text), text) == GOLDEN[name]


def test_golden_set_is_large():
    assert sum(map(len, GOLDEN.values())) >= 120


def test_sentences_that_are_glued_together():
    text = "There is more to gain.Not all agree. See node.js or Booking.Com for more."
    assert _texts(segment(text), text) == [
        "There is more to gain.",
        "Not all agree.",
        "See node.js or Booking.Com for more.",
    ]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("He left. “ Nobody cared. ” She stayed.", ["He left.", "“ Nobody cared. ”", "She stayed."]),
        ('He left. " Nobody cared. " She stayed.', ["He left.", '" Nobody cared. "', "She stayed."]),
        ("He said.” She stayed.", ["He said.”", "She stayed."]),
        ("“Nobody cared.”She stayed.", ["“Nobody cared.”", "She stayed."]),
        ("He left.“Nobody cared.”", ["He left.", "“Nobody cared.”"]),
        ("He left. “\nNobody cared.", ["He left.", "“", "Nobody cared."]),
    ],
)
def test_marks_stay_with_their_sentence(text, sentences):
    assert _texts(segment(text), text) == sentences


def test_line_breaks_end_sentences():
    text = "Ferry strike looms\nBy Ann Lee\n\nThe union met\r\n• It voted\r\n• It went home"
    assert _texts(segment(text), text) == [
        "Ferry strike looms", "By Ann Lee", "The union met", "• It voted", "• It went home",
    ]  # fmt: skip


WRAPPED = (
    "The union of ferry workers, which speaks for most of the crews on the lake, said it would call a vote on Monday. "
    "Its leader, Mr. Orr, told members that the owners had offered nothing since March and that they would have to "
    "choose between a strike and a cut.",
    "Passengers, he added, would be told in time.",
)


@pytest.mark.parametrize("width", [50, 60, 72, 79])
def test_text_wrapped_at_a_fixed_width_is_put_together_again(width):
    text = "\n\n".join(textwrap.fill(paragraph, width) for paragraph in WRAPPED)
    first, second, third = (sentence.replace("\n", " ") for sentence in _texts(segment(text), text))
    assert first.endswith("on the lake, said it would call a vote on Monday.")
    assert second.startswith("Its leader, Mr. Orr, told members")
    assert second.endswith("between a strike and a cut.")
    assert third == "Passengers, he added, would be told in time."


def test_lists_and_headlines_are_not_taken_for_wrapped_text():
    text = "Ferry strike looms as the owners refuse to move\nRail fares to rise by a tenth\nthe lake freezes over"
    assert len(segment(text)) == 3
