"""Sentence boundaries within one block of text."""

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

_CLOSERS = "\"'”’»)\\]}"
# The look-behind lets a run of dots be tried once, not once a dot: that keeps a megabyte of dots linear.
_CANDIDATE = re.compile(
    f"(?<![.!?…])([.!?…]+(?:[ \xa0]\\.(?![.\\w]))*)([{_CLOSERS}]*)(?=\\s|$|[“‘]|(?<=”)[A-Z])",
)
_WORD = re.compile(r"\w")
_SPACE = re.compile(r"\s*")
_OPENERS = re.compile("(?:[\"'“‘«(\\[{]|``)*")
_NEXT_WORD = re.compile("[^\\W\\d_]+(?:['’][a-z]+)?")
_TOKEN_EDGE = re.compile("[\\s\"'“‘«(\\[{/–—-]")
_LOWER_NAME = re.compile("(?:al|el)-[A-Z]|[a-z][A-Z]")
_DOTS = re.compile(r"[.…\s]*")
_DASHES = re.compile(r"[-–—\s]*")
_ATTRIBUTION = re.compile(
    r"(?:[\w.’'-]+,?\s){1,6}?"
    r"(?:said|says|asked|asks|added|adds|told|wrote|writes|tweeted|replied|shouted|cried|exclaimed|wondered|declared|"
    r"demanded|yelled|continued|recalled|explained|quipped|joked|chanted|responded|remarked)\b"
)
_LONGEST_TOKEN = 24


def split_block(text: str, start: int, end: int, quotation: QuotationTracker) -> Iterator[tuple[int, int]]:
    """Yield the (start, end) of each sentence of the block ``text[start:end]``."""
    sentence = start
    unseen = start  # no letter or digit between ``sentence`` and here
    for match in _CANDIDATE.finditer(text, start, end):
        if unseen >= sentence and _WORD.search(text, unseen, match.start()) is None:
            unseen = match.end()
            continue
        stop, following = _attach_lone_mark(text, match.end(), end, quotation)
        if following >= end:
            break
        unseen = -1
        if _ends_sentence(text, match, sentence, following, end):
            yield sentence, stop
            sentence = unseen = following
    yield sentence, end


def _attach_lone_mark(text: str, stop: int, end: int, quotation: QuotationTracker) -> tuple[int, int]:
    """Give a quotation mark that stands between two blanks to the sentence it belongs to.

    Returns:
        Where the sentence would end, and where the next would begin.
    """
    following = _SPACE.match(text, stop, end).end()  # type: ignore[union-attr]
    if following >= end or text[following] not in "\"”'":
        return stop, following
    after = following + (2 if text.startswith("''", following) else 1)
    if after < end and not text[after].isspace():
        return stop, following
    if text[following] == "”" or quotation.open_at(following):
        return after, _SPACE.match(text, after, end).end()  # type: ignore[union-attr]
    return stop, following


def _ends_sentence(text: str, match: re.Match[str], sentence: int, following: int, end: int) -> bool:
    stops, closers = match.groups()
    opened = _OPENERS.match(text, following, end).end()  # type: ignore[union-attr]
    if opened >= end:
        return True
    first = text[opened]
    if first.islower():
        return bool(_LOWER_NAME.match(text, opened, end)) and stops == "."
    if first in "-–—":
        return _starts_after(_DASHES, text, opened, end) and not _is_abbreviation(_token(text, match, sentence))
    if first in ".…":
        return _starts_after(_DOTS, text, opened, end)
    if not (first.isalnum() or first in "$£€¥#@&"):
        return False
    if stops != ".":
        return _ends_loudly(text, match, closers, following, end)
    token = _token(text, match, sentence)
    if first.isalpha():
        return _ends_before_word(text, token, opened, end)
    return not (_is_abbreviation(token) or token in BEFORE_NUMBER or _is_enumerator(text, match, sentence, token))


def _starts_after(skipped: re.Pattern[str], text: str, position: int, end: int) -> bool:
    position = skipped.match(text, position, end).end()  # type: ignore[union-attr]
    position = _OPENERS.match(text, position, end).end()  # type: ignore[union-attr]
    return position < end and (text[position].isupper() or text[position].isdigit())


def _token(text: str, match: re.Match[str], sentence: int) -> str:
    """Return the word before the full stop, without hyphenated or bracketed parts before it."""
    before = text[max(sentence, match.start() - _LONGEST_TOKEN) : match.start()]
    return _TOKEN_EDGE.split(before)[-1]


def _is_abbreviation(token: str) -> bool:
    return token in NEVER_LAST or token in MAYBE_LAST or "." in token or (len(token) == 1 and token.isalpha())


def _is_enumerator(text: str, match: re.Match[str], sentence: int, token: str) -> bool:
    """Tell whether the full stop belongs to the number of a list item: "2. The harbour"."""
    return token.isdigit() and match.start() - sentence == len(token)


def _ends_before_word(text: str, token: str, opened: int, end: int) -> bool:
    if token in NEVER_LAST:
        return False
    word = _NEXT_WORD.match(text, opened, end)
    if word is None:
        return True
    if token in CLOCK:
        return word.group() not in AFTER_CLOCK and not text.startswith(" time", word.end())
    if _is_abbreviation(token):
        return _begins_sentence(text, word, end)
    return not token.isdigit() or len(token) > 2 or True


def _begins_sentence(text: str, word: re.Match[str], end: int) -> bool:
    if word.group().replace("’", "'").lower() not in STARTERS:
        return False
    return word.end() >= end or text[word.end()] not in ".-&"


def _ends_loudly(text: str, match: re.Match[str], closers: str, following: int, end: int) -> bool:
    """Decide after ``!``, ``?`` or dots, which a quoted clause may end in the middle of a sentence."""
    if closers and closers[0] in "\"'”’»" and _ATTRIBUTION.match(text, following, end):
        return False
    if match.group(1) == "!":
        return _token(text, match, 0) not in EXCLAIMED_NAMES
    return True
