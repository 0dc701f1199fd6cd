"""Blocks: the paragraphs, headlines and list items of a text, which no sentence crosses."""

from __future__ import annotations

import re

from claimstance.model.errors import InputTypeError

_LINE = re.compile("[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_FIRST_WORD = re.compile(r"\S+")
_SHORTEST_WRAPPED = 40
"""Characters. A shorter line was not broken because it was full; this keeps lists and tables apart."""

_WRAPPED_TEXT = 2
"""Lines that must go on in lower case before a text counts as wrapped throughout."""

_Lines = list[tuple[int, int]]


def require_text(text: object, caller: str) -> None:
    """Raise InputTypeError unless ``text`` is a string."""
    if not isinstance(text, str):
        msg = f"{caller} takes the text of one article as a str, got {type(text).__name__}"
        raise InputTypeError(msg)


def find_blocks(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) of each block, white space trimmed, blank lines left out.

    A line break ends a block, except where plain text was wrapped at a fixed width: a full line without a stop, and
    directly under it one that begins in lower case. Where that happens often, any line counts as wrapped into which
    the first word of the next would not have fitted.
    """
    lines, lower = _find_lines(text)
    goes_on = [index for index in lower if _is_wrapped(text, lines[index - 1], lines[index])]
    if not goes_on:
        return lines
    joined = set(goes_on)
    if len(goes_on) >= _WRAPPED_TEXT:
        width = max(lines[index - 1][1] - lines[index - 1][0] for index in goes_on)
        joined.update(index for index in range(1, len(lines)) if _is_full(text, lines[index - 1], lines[index], width))
    blocks: _Lines = []
    for index, (start, end) in enumerate(lines):
        if index in joined:
            blocks[-1] = (blocks[-1][0], end)
        else:
            blocks.append((start, end))
    return blocks


def _find_lines(text: str) -> tuple[_Lines, list[int]]:
    """Return all lines that are not blank, trimmed, and the indices of those after the first in lower case."""
    lines: _Lines = []
    lower: list[int] = []
    for match in _LINE.finditer(text):
        start, end = match.span()
        if text[start].isspace() or text[end - 1].isspace():
            line = match.group()
            end -= len(line) - len(line.rstrip())
            start += len(line) - len(line.lstrip())
            if start >= end:
                continue
        if lines and text[start].islower():
            lower.append(len(lines))
        lines.append((start, end))
    return lines, lower


def _is_next_line(text: str, end: int, start: int) -> bool:
    return start - end == 1 or text[end:start].strip(" \t") in ("\n", "\r\n", "\r")


def _is_wrapped(text: str, line: tuple[int, int], following: tuple[int, int]) -> bool:
    start, end = line
    last = text[end - 1]
    return (
        end - start >= _SHORTEST_WRAPPED
        and (last.isalnum() or last in ",'’")
        and _is_next_line(text, end, following[0])
    )


def _is_full(text: str, line: tuple[int, int], following: tuple[int, int], width: int) -> bool:
    start, end = line
    if not _SHORTEST_WRAPPED <= end - start <= width or not _is_next_line(text, end, following[0]):
        return False
    word = _FIRST_WORD.match(text, *following)
    return word is not None and end - start + 1 + len(word.group()) > width
