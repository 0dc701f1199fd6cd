"""Blocks: the paragraphs, headlines and list items of a text, which no sentence crosses."""

from __future__ import annotations

import re

_LINE = re.compile("[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_SHORTEST_WRAPPED = 40
"""Characters. A shorter line was not broken because it was full; this keeps lists and tables apart."""


def find_blocks(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) of each block, white space trimmed, blank lines left out.

    A line break ends a block, except where a plain-text article was wrapped at a fixed width: a full line that does
    not end in punctuation, followed directly by a line that begins in lower case.
    """
    blocks: list[tuple[int, int]] = []
    for match in _LINE.finditer(text):
        start, end = match.span()
        if text[start].isspace() or text[end - 1].isspace():
            line = match.group()
            end -= len(line) - len(line.rstrip())
            start += len(line) - len(line.lstrip())
            if start >= end:
                continue
        if text[start].islower() and blocks and _is_wrapped(text, blocks[-1], start):
            blocks[-1] = (blocks[-1][0], end)
        else:
            blocks.append((start, end))
    return blocks


def _is_wrapped(text: str, previous: tuple[int, int], start: int) -> bool:
    end = previous[1]
    if start - end > 2 and text.count("\n", end, start) + text.count("\r", end, start) > 1:  # noqa: PLR2004
        return False
    if not (text[end - 1].isalnum() or text[end - 1] in ",'’"):
        return False
    line_start = max(previous[0], end - _SHORTEST_WRAPPED)
    return end - line_start >= _SHORTEST_WRAPPED and "\n" not in text[line_start:end]
