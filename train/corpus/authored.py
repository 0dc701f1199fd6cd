"""The project's own sentences: contrast groups whose members share their cues and differ in their labels."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from typing import TYPE_CHECKING

from claimstance.model.errors import CorpusError
from claimstance.train.corpus.rows import ALLOWED_CODES, NON_SENTENCE, Row

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = ("group", "codes", "topic", "text")
HELD_OUT_SPLIT = "authored_test"
_HELD_OUT_ONE_IN = 4


def is_held_out(group: str) -> bool:
    """Tell whether a contrast group belongs to the quarter that is never trained on: decided by its name's hash."""
    return hashlib.sha256(group.encode()).digest()[0] % _HELD_OUT_ONE_IN == 0


def read_authored(path: Path, corpus: str, *, hold_out: bool) -> list[Row]:
    """Read own sentences.

    Args:
        path: Tab-separated file with the columns group, codes, topic, text; no quoting.
        corpus: Name that the rows get as their corpus.
        hold_out: Whether a quarter of the groups goes to the split ``authored_test``; otherwise all go to train.

    Raises:
        CorpusError: If the file is missing, its columns differ, or a value is not allowed.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        msg = f"own sentences cannot be read from {path}: {error}"
        raise CorpusError(msg) from error
    if not lines or tuple(lines[0]) != COLUMNS:
        msg = f"{path}: expected the columns {', '.join(COLUMNS)}, separated by tabs, got {lines[0] if lines else None}"
        raise CorpusError(msg)
    rows = []
    seen: Counter[str] = Counter()
    for number, fields in enumerate(lines[1:], start=2):
        if len(fields) != len(COLUMNS) or fields[1] not in ALLOWED_CODES - {NON_SENTENCE} or not fields[3].strip():
            msg = f"{path}, line {number}: expected group, codes ('-' or letters of QTF), topic and text, got {fields}"
            raise CorpusError(msg)
        group, codes, topic, text = fields
        seen[group] += 1
        rows.append(
            Row(
                id=f"{corpus}-{group}-{seen[group]}",
                corpus=corpus,
                doc=group,
                start=0,
                end=len(text),
                text=text,
                previous="",
                quotation_open=False,
                codes=codes,
                split=HELD_OUT_SPLIT if hold_out and is_held_out(group) else "train",
                sampling="authored",
                decided="authored",
                topic=topic,
            )
        )
    return rows
