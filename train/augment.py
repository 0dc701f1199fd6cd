"""Sentences made from training sentences by noise, for a teacher to judge and a student to learn from.

Word dropout, word swaps and crops, after Tang et al. (2019), "Distilling Task-Specific Knowledge from BERT into Simple
Neural Networks". A made sentence has no annotation: what it means is for the teacher to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from claimstance.train.features import is_authored

if TYPE_CHECKING:
    import pandas as pd

COPIES = {"threat": 8.0, "forecast": 2.0, "quote": 0.4, "fact": 0.4}
"""Made sentences for each training sentence by label: what is rare in news is what a student sees too little of."""

DROP, SWAP, CROP = 0.08, 0.10, 0.35
"""Share of words dropped, share of words swapped for one of the same look, share of sentences cropped."""


def augment(rows: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Return made sentences with the columns of ``unlabelled.parquet`` and an ``id`` of their own.

    Args:
        rows: Train rows; own text among them is passed over: what is made keeps the shares and the style of news.
        seed: Seeds everything.
    """
    import pandas as pd

    rng = np.random.default_rng(seed)
    source = rows[~is_authored(rows)]
    words = _words_by_look(source["text"])
    label = np.select(
        [source["threat"] == 1, source["forecast"] == 1, source["quote"] == 1],
        [COPIES["threat"], COPIES["forecast"], COPIES["quote"]],
        COPIES["fact"],
    )
    copies = np.floor(label + rng.random(len(source))).astype(int)
    made = source.loc[source.index.repeat(copies), ["corpus", "doc", "start", "end", "previous", "quotation_open"]]
    texts = [noisy(t, words, rng) for t, n in zip(source["text"], copies, strict=True) for _ in range(n)]
    made = made.assign(text=texts, id=[f"made-{seed}-{i}" for i in range(len(made))])
    return pd.DataFrame(made[~made["text"].isin(set(source["text"]))]).reset_index(drop=True)


def noisy(text: str, words: dict[str, list[str]], rng: np.random.Generator) -> str:
    """Return the sentence with words dropped and swapped, and sometimes only a stretch of it; never blank."""
    tokens = text.split()
    if len(tokens) > 8 and rng.random() < CROP:
        length = int(rng.integers(len(tokens) * 6 // 10, len(tokens)))
        start = int(rng.integers(0, len(tokens) - length + 1))
        tokens = tokens[start : start + length]
    draws = rng.random(len(tokens))
    out = []
    for token, draw in zip(tokens, draws, strict=True):
        if draw < DROP and len(tokens) > 3:
            continue
        look = _look(token)
        if draw > 1 - SWAP and look in words:
            out.append(words[look][int(rng.integers(len(words[look])))])
        else:
            out.append(token)
    return " ".join(out or tokens)


def _look(token: str) -> str:
    """Return a rough class within which words may be swapped: a number, a name, or a word with its ending."""
    if not token.isalpha():
        return "number" if token.isdigit() else "other"
    if token[0].isupper():
        return "name"
    return f"word-{token[-2:]}" if len(token) > 4 else "short"


def _words_by_look(texts: pd.Series) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in texts:
        for token in text.split():
            look = _look(token)
            if look not in ("other", "short"):
                found.setdefault(look, []).append(token)
    return found
