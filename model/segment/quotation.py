"""Quotation state: whether a quotation is open at a point of a text.

An event tracker. Every quotation mark opens, closes or toggles; where a line breaks while a quotation is open, it goes
on only if the text shows that it does, so that one forgotten mark never spoils the rest of an article.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING

from claimstance.model.segment.blocks import find_blocks, require_text

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARK = re.compile("[“”„‟«»\"＂`'‘’](?:(?<=`)`|(?<=')')?")
_ONE_WAY = {"“": 1, "„": 1, "‟": 1, "«": 1, "``": 1, "”": -1, "»": -1}
_BEFORE_OPENING = frozenset("([{—–-/‘")
_AFTER_CLOSING = frozenset(".,;:!?)]}—–-/’")
_SINGLE = frozenset("'‘’`")
_REACH = 8
"""Blocks that an unclosed quotation may run on before the mark that closes it."""


class QuotationTracker:
    """Knows for each offset of a text whether a quotation is open there.

    Args:
        text: The text.
        blocks: Its blocks, as ``find_blocks`` gives them.
    """

    def __init__(self, text: str, blocks: Sequence[tuple[int, int]]) -> None:
        double, single = _find_marks(text, blocks)
        self._double = _double_changes(double, blocks)
        self._single = _single_changes(single)

    def open_at(self, offset: int) -> bool:
        """Tell whether a quotation that began before ``offset`` is open there; a mark at ``offset`` does not count."""
        return _last(self._double, offset) or _last(self._single, offset)


def quotation_states(text: str, offsets: Sequence[int]) -> list[bool]:
    """Tell for each offset whether a quotation is open there.

    Args:
        text: The whole article: the state depends on what stands before, and where lines break on what follows.
        offsets: Character offsets into ``text``, in any order.

    Returns:
        One flag an offset; a mark that stands at the offset itself does not count yet.

    Raises:
        InputTypeError: If ``text`` is not a ``str``.
    """
    require_text(text, "quotation_states")
    tracker = QuotationTracker(text, find_blocks(text))
    return [tracker.open_at(offset) for offset in offsets]


_Changes = tuple[list[int], list[bool]]
_Marks = list[tuple[int, int, int]]


def _last(changes: _Changes, offset: int) -> bool:
    index = bisect_left(changes[0], offset)
    return index > 0 and changes[1][index - 1]


def _find_marks(text: str, blocks: Sequence[tuple[int, int]]) -> tuple[_Marks, _Marks]:
    """Return double and single marks as (position, 1 opens / -1 closes / 0 toggles, block)."""
    double: _Marks = []
    single: _Marks = []
    for number, (start, end) in enumerate(blocks):
        for match in _MARK.finditer(text, start, end):
            mark = match.group()
            position, after = match.span()
            if mark in _ONE_WAY:
                double.append((position, _ONE_WAY[mark], number))
            elif mark not in _SINGLE:
                double.append((position, _direction(text, position, after, start, end), number))
            elif kind := _single_direction(text, position, start, end):
                single.append((position, kind, number))
    return double, single


def _single_direction(text: str, position: int, start: int, end: int) -> int:
    """Tell a single quotation mark from an apostrophe: 1 opens, -1 closes, 0 is an apostrophe or cannot be told.

    A quotation that holds whole sentences begins with a capital and ends after a stop or comma.
    """
    left = text[position - 1] if position > start else " "
    right = text[position + 1] if position + 1 < end else " "
    if (right.isupper() or right in '“"') and not left.isalnum() and text[position] in "'‘":
        return 1
    return -1 if left in ".,!?…" and not right.isalnum() and text[position] in "'’" else 0


def _direction(text: str, position: int, after: int, start: int, end: int) -> int:
    """Read from its neighbours which way a mark faces that looks the same on both sides."""
    left = text[position - 1] if position > start else " "
    right = text[after] if after < end else " "
    may_open = left.isspace() or left in _BEFORE_OPENING
    may_close = right.isspace() or right in _AFTER_CLOSING
    return int(may_open) - int(may_close)


def _double_changes(marks: _Marks, blocks: Sequence[tuple[int, int]]) -> _Changes:
    positions: list[int] = []
    states: list[bool] = []
    is_open = False
    for index, (position, kind, block) in enumerate(marks):
        is_open = kind > 0 or (kind == 0 and not is_open)
        positions.append(position)
        states.append(is_open)
        if not is_open:
            continue
        following = marks[index + 1] if index + 1 < len(marks) else None
        if following is not None and (following[2] == block or _goes_on(following, block, blocks)):
            continue
        is_open = False
        positions.append(blocks[block][1])
        states.append(False)
    return positions, states


def _goes_on(following: tuple[int, int, int], block: int, blocks: Sequence[tuple[int, int]]) -> bool:
    """Tell whether a quotation left open at the end of a block goes on, from the next mark of the text.

    It does if that mark closes one, or if it reopens the quotation at the very start of the next block, as papers do
    in each paragraph of a long quotation.
    """
    position, kind, where = following
    if kind < 0:
        return where - block <= _REACH
    return kind > 0 and where == block + 1 and position == blocks[where][0]


def _single_changes(marks: _Marks) -> _Changes:
    """Single marks count only in pairs within one block: most of them are apostrophes."""
    positions: list[int] = []
    states: list[bool] = []
    for (position, kind, block), (next_position, next_kind, next_block) in pairwise(marks):
        if kind > 0 and next_kind < 0 and block == next_block:
            positions += (position, next_position)
            states += (True, False)
    return positions, states
