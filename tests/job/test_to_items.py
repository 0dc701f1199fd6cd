"""Texts in memory become documents and bad rows by the rules of the files."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from claimstance.model.errors import InputError, InputTypeError
from claimstance.model.job import to_items
from claimstance.model.job.documents import BadRow, Document, ReadSettings


@pytest.mark.parametrize("identity", [None, "", " ", True, 1.5, float("nan")])
def test_a_missing_id_does_not_become_a_name(identity: Any) -> None:
    first, bad, last = to_items(["a", identity, 3], ["One.", "Two.", "Three."])
    assert (first, last) == (Document("a", "One."), Document("3", "Three."))
    assert isinstance(bad, BadRow)
    assert (bad.id, bad.where) == ("row 2", "row 2")
    assert bad.error.startswith("id must ")


def test_ids_may_be_numbers_of_numpy() -> None:
    assert to_items(np.array([7]), ["One."]) == [Document("7", "One.")]


@pytest.mark.parametrize(
    ("ids", "texts", "name"), [("ab", "xy", "ids"), (["a", "b"], "xy", "texts"), (["a"], b"x", "texts")]
)
def test_strings_are_not_taken_apart(ids: Any, texts: Any, name: str) -> None:
    with pytest.raises(InputTypeError, match=f"{name} must be a list or another collection, got (str|bytes)"):
        to_items(ids, texts)


def test_ids_and_texts_are_counted() -> None:
    with pytest.raises(InputError, match="as many ids as texts, got 3 ids, 2 texts"):
        to_items([1, 2, 3], ["One.", "Two."])


@pytest.mark.parametrize(("text", "limit"), [("これは", 9), ("🙂🙂", 8), ("é", 2), ("abc", 3)])
def test_the_limit_counts_bytes(text: str, limit: int) -> None:
    assert to_items(["a"], [text], ReadSettings(max_bytes=limit)) == [Document("a", text)]
    (bad,) = to_items(["a"], [text], ReadSettings(max_bytes=limit - 1))
    assert isinstance(bad, BadRow)
    assert "raise max_bytes" in bad.error


def test_half_a_surrogate_pair_is_not_taken_for_a_byte() -> None:
    (bad,) = to_items(["a"], ["ab\udc80"])
    assert isinstance(bad, BadRow)
    assert "a lone surrogate, half of a pair (U+DC80) at character 2" in bad.error
