"""Word lists, written as running text."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """Return the set of the words of a text that blanks separate."""
    return frozenset(text.split())
