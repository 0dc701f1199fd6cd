"""Sentence boundaries within one block of text.

Every stop is a candidate; the word before it, the marks around it and what follows decide. The rules were written and
checked on the annotations' train and dev documents: ``python -m claimstance.eval.segmentation --help``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from claimstance.model.segment.abbreviations import (
    AFTER_CLOCK,
    BEFORE_NUMBER,
    CLOCK,
    EXCLAIMED_NAMES,
    MAYBE_LAST,
    NEVER_LAST,
    STARTERS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claimstance.model.segment.quotation import QuotationTracker

_CANDIDATE = re.compile(
    # The look-behind lets a run of dots be tried once, not once a dot: that keeps a megabyte of dots linear. It stands
    # after the first stop because a pattern that begins with a set of characters is searched for several times faster.
    r"([.!?…](?<![.!?…][.!?…])[.!?…]*(?:[ \xa0]\.(?![.\w]))*)"
    r"([\"'”’»)\]}]*)"
    # A blank, or a sentence glued on: an opening mark, or a capital after a closing mark or a whole word.
    r"(?=\s|$|[“‘]|(?:(?<=”)|(?<=[a-z][a-z][.?!]))[A-Z])"
)
_WORD = re.compile(r"\w")
_SPACE = re.compile(r"\s*")
_DOTS = re.compile(r"[.…]+(?:[ \xa0]\.)*(?!\S)\s*")
_DASHES = re.compile(r"[-–—\s]*")
_OPENERS = re.compile(r"(?:[\"'“‘«(\[{]|``)*\s*")
_NEXT_WORD = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?")
_TOKEN_EDGE = re.compile(r"[\s\"“‘«(\[{/–—-]")
_LOWER_NAME = re.compile(r"(?:al|el)-[A-Z]|[a-z][A-Z]")
_ATTRIBUTION = re.compile(
    r"(?:[\w.’'-]+,?\s){1,6}?"
    r"(?:said|says|asked|asks|added|adds|told|wrote|writes|tweeted|replied|shouted|cried|exclaimed|wondered|declared|"
    r"demanded|yelled|continued|recalled|explained|quipped|joked|chanted|responded|remarked)"
    r"(?:(?P<only>[.]?$|\.\s)|(?=[.,;:]|\s(?:in|on|at|to|during|after|before|as|when|while|of|about|from|with|over|"
    r"reporters|[A-Z][a-z]+day)\b))"
)
_QUOTATION_CLOSERS = "\"'”’»"
_LONGEST_TOKEN = 24
_FIRST_SYMBOL = "\u20a0"
"""From here on Unicode has currency signs, arrows and pictures, which may begin a sentence; before it, punctuation."""


def split_block(text: str, start: int, end: int, quotation: QuotationTracker) -> Iterator[tuple[int, int]]:
    """Yield the (start, end) of each sentence of the block ``text[start:end]``."""
    sentence = start
    wordless = start  # where the part without letter or digit ends that the sentence begins with; -1 when it has one
    for match in _CANDIDATE.finditer(text, start, end):
        if match.start() < sentence:
            continue
        if wordless >= 0:
            if _WORD.search(text, wordless, match.start()) is None:
                wordless = match.end()
                continue
            wordless = -1
        stop, following = _attach_marks(text, match.end(), end, quotation)
        if following >= end:
            break
        if _ends_sentence(text, match, sentence, following, end):
            yield sentence, stop
            sentence = wordless = following
    yield sentence, end


def _skip(pattern: re.Pattern[str], text: str, start: int, end: int) -> int:
    match = pattern.match(text, start, end)
    return start if match is None else match.end()


def _attach_marks(text: str, stop: int, end: int, quotation: QuotationTracker) -> tuple[int, int]:
    """Give dots or a quotation mark that stand alone after a stop to the sentence they belong to.

    Returns:
        Where the sentence would end, and where the next would begin.
    """
    following = _skip(_SPACE, text, stop, end)
    if following >= end or text[following] not in "\"”'.…":
        return stop, following
    if text[following] in ".…":
        after = _skip(_DOTS, text, following, end)
        return (following + len(text[following:after].rstrip()), after) if after > following else (stop, following)
    after = following + (2 if text.startswith("''", following) else 1)
    if (after >= end or text[after].isspace()) and (text[following] == "”" or quotation.open_at(following)):
        return after, _skip(_SPACE, text, after, end)
    return stop, following


def _ends_sentence(text: str, match: re.Match[str], sentence: int, following: int, end: int) -> bool:
    stops, closers = match.groups()
    opened = _skip(_OPENERS, text, following, end)
    if opened >= end:
        return True
    first = text[opened]
    token = _token(text, match, sentence) if stops == "." else ""
    if first.islower():
        return stops == "." and not _is_abbreviation(token) and _LOWER_NAME.match(text, opened, end) is not None
    if first in "-–—":
        return stops == "." and not _is_abbreviation(token) and _begins_after_dash(text, opened, end)
    if not (first.isalnum() or first in "$£¥#@&" or first >= _FIRST_SYMBOL):
        return False
    if closers and closers[0] in _QUOTATION_CLOSERS and _is_attribution(text, stops, following, end):
        return False
    if stops != ".":
        return stops != "!" or _token(text, match, sentence) not in EXCLAIMED_NAMES
    if _is_enumerator(token, match.start() - sentence):
        return False
    if first.isalpha():
        return _ends_before_word(text, token, opened, end, glued=opened == match.end() and not closers)
    return not _is_abbreviation(token) and token not in BEFORE_NUMBER


def _begins_after_dash(text: str, position: int, end: int) -> bool:
    position = _skip(_OPENERS, text, _skip(_DASHES, text, position, end), end)
    return position < end and (text[position].isupper() or text[position].isdigit())


def _token(text: str, match: re.Match[str], sentence: int) -> str:
    """Return the word before the stop, without hyphenated or bracketed parts before it."""
    before = text[max(sentence, match.start() - _LONGEST_TOKEN) : match.start()]
    return _TOKEN_EDGE.split(before)[-1].lstrip("'")


def _is_abbreviation(token: str) -> bool:
    if token in NEVER_LAST or token in MAYBE_LAST:
        return True
    return token.isalpha() if len(token) == 1 else "." in token and token[0].isalpha()


def _is_enumerator(token: str, length: int) -> bool:
    """Tell whether the full stop belongs to the number or letter of a list item: "2. The harbour"."""
    if length != len(token):  # it is not the first word
        return False
    return len(token) <= 2 if token.isdigit() else len(token) == 1 and not token.startswith("I")


def _is_attribution(text: str, stops: str, following: int, end: int) -> bool:
    """Tell whether what follows a quotation names its speaker: "Why now?" Mr. Lee asked.

    After a full stop, where a comma would be the rule, only if nothing but the speaker follows.
    """
    match = _ATTRIBUTION.match(text, following, end)
    return match is not None and (stops != "." or (match["only"] is not None and "," not in match.group()))


def _ends_before_word(text: str, token: str, opened: int, end: int, *, glued: bool) -> bool:
    if token in NEVER_LAST:
        return False
    word = _NEXT_WORD.match(text, opened, end)
    if word is None:
        return True
    if token in CLOCK:
        return word.group() not in AFTER_CLOCK and not text.startswith(" time", word.end())
    if glued or _is_abbreviation(token):
        return _begins_sentence(text, word, end)
    return True


def _begins_sentence(text: str, word: re.Match[str], end: int) -> bool:
    if word.group().replace("’", "'").lower() not in STARTERS:
        return False
    return word.end() >= end or text[word.end()] not in ".-&"
