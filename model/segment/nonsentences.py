"""What stands in an article and is no sentence of it: bylines, credits, navigation, headings and the like.

Rules over the surface of one segment. A cue at its beginning or end decides for any segment; one that fills its block
and ends without a stop may also be a heading, a list item or a fragment. Both halves lean to "sentence": a sentence
that is dropped is lost to the reader, a byline that is labelled is only noise.
"""

from __future__ import annotations

import re

from claimstance.model.segment.cues import CUES, ENDING, ENDINGS, MARKED_CUES, MARKS
from claimstance.model.segment.verbs import has_verb
from claimstance.model.segment.words import words

REASONS = tuple(
    sorted({reason for reason, _ in CUES + MARKED_CUES} | {"byline", "credit", "fragment", "heading", "list"})
)
"""Every reason that ``non_sentence_reason`` can give."""

_CUE, _MARKED_CUE, _ENDING = (
    re.compile("|".join(f"(?P<{reason}_{number}>{pattern})" for number, (reason, pattern) in enumerate(cues)))
    for cues in (CUES, MARKED_CUES, ENDINGS)
)
_BY = re.compile(r"(?:(?:Written|Reported|Compiled|Edited|Words|Story|Analysis|Posted|Published|Review) )?[Bb][Yy]:? ")
_IN_BYLINE = words(
    "and & the for of in at with de del della der den di da dos la le van von bin bint ibn al el ul ter ten y e "
    "staff writer writers reporter reporters correspondent correspondents editor editors columnist contributor "
    "political chief senior special"
)
_MARKS = re.compile(MARKS)
_WORDS = re.compile(r"[^\W_]+(?:[’'.&-][^\W_]+)*")
_BULLET = re.compile(r"(?:[*•·▪■●–—;-]|\(?\d{1,2}[.)]|\(?[a-z]\))\s*\S")
_LONGEST_BYLINE = 160
_LONGEST_LINE = 200
_LONGEST_HEADING = 3
_LONGEST_SHOUTED_HEADING = 8
_STOPS = ".!?…"


def non_sentence_reason(sentence: str, *, whole_block: bool = True, opening: bool = True) -> str | None:
    """Tell what kind of non-sentence a segment is.

    Args:
        sentence: The segment, white space trimmed.
        whole_block: Whether it fills its line or paragraph.
        opening: Whether it stands where the headline does, in the first lines of the article.

    Returns:
        One of ``REASONS``, or None for a sentence. A headline is a sentence.
    """
    match = _CUE.match(sentence)
    marked = _MARKS.search(sentence) is not None
    if match is None and (marked or sentence[-1:].isdigit()):
        match = _MARKED_CUE.match(sentence)
    if match is None and (marked or " via " in sentence or " contribut" in sentence):
        match = _ENDING.search(sentence, max(0, len(sentence) - ENDING))
    if match is not None and match.lastgroup is not None:
        return match.lastgroup.partition("_")[0]
    if _BY.match(sentence) is not None and _is_byline(sentence):
        return "byline"
    if not any(map(str.isalpha, sentence)):
        return "fragment"
    if whole_block:
        return _block_reason(sentence, opening=opening)
    return None


def _is_byline(sentence: str) -> bool:
    if len(sentence) > _LONGEST_BYLINE:
        return False
    names = _WORDS.findall(_BY.sub("", sentence, count=1))
    return bool(names) and names[0][0].isupper() and all(name[0].isupper() or name in _IN_BYLINE for name in names)


def _block_reason(sentence: str, *, opening: bool) -> str | None:
    stop = sentence.rstrip("\"'”’»)")[-1:]
    if stop == "." or len(sentence) > _LONGEST_LINE:
        return None
    shouted = sentence.isupper() and not opening
    if stop in _STOPS and not shouted:
        return None
    line = _WORDS.findall(sentence)
    if shouted and len(line) <= _LONGEST_SHOUTED_HEADING:
        return "heading"
    if stop in _STOPS or has_verb(line):
        return None
    if _BULLET.match(sentence):
        return "list"
    return "heading" if len(line) <= _LONGEST_HEADING else None
