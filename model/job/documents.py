"""What a reader hands over: documents, and rows that are none, with their place in the input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from claimstance.model.encoding import check_text
from claimstance.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

Mode = Literal["document", "sentence"]

MAX_BYTES = 4 * 2**20
"""Longest document, in bytes. A hundred times a long article; more is a sign of a broken file, and memory is finite."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text to label.

    Attributes:
        id: From the id column, or the file's address, with ``:row`` where a file holds several.
        text: An article, or in sentence mode one sentence.
    """

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be labelled.

    Attributes:
        id: The document id as far as it is known.
        where: File and row, for messages.
        error: What was got and what is allowed.
    """

    id: str
    where: str
    error: str


Item = Document | BadRow


class RawRow(NamedTuple):
    """A row as it was read, unchecked.

    Attributes:
        number: Row in its file, from 1; 0 for the file as a whole.
        text: The value of the text column, of any type.
        id: The value of the id column; None if no id column was asked for.
        error: Why the row could not even be read.
    """

    number: int
    text: Any = None
    id: Any = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """How to read the input.

    Attributes:
        mode: ``"document"``: a row is an article; ``"sentence"``: a row, or a line of a .txt, is one sentence.
        text_column: Column, or key, of the text.
        id_column: Column, or key, of the document id; None to number rows.
        max_bytes: Longest row or .txt file, in bytes.
    """

    mode: Mode = "document"
    text_column: str = "text"
    id_column: str | None = None
    max_bytes: int = MAX_BYTES


def to_item(address: str, row: RawRow, settings: ReadSettings, *, single: bool = False) -> Item:
    """Check a raw row.

    Args:
        address: The file it comes from.
        row: The row.
        settings: For limits and names.
        single: Whether the file is one document, so that its address is id enough.
    """
    name = printable(address)
    fallback = name if single or not row.number else f"{name}:{row.number}"
    where = name if single or not row.number else f"{name}, row {row.number}"
    if row.error is not None:
        return BadRow(fallback, where, row.error)
    identity = fallback
    if settings.id_column is not None and not single:
        if isinstance(row.id, bool) or not isinstance(row.id, (str, int)):
            got = type(row.id).__name__
            return BadRow(fallback, where, f"id column {settings.id_column!r} must be a string or integer, got {got}")
        identity = printable(str(row.id))
    problem = text_problem(row.text, settings)
    return Document(identity, row.text) if problem is None else BadRow(identity, where, problem)


def to_items(ids: Iterable[object], texts: Iterable[object], settings: ReadSettings | None = None) -> list[Item]:
    """Check texts that are in memory already, such as the columns of a batch.

    Args:
        ids: Document ids, written as strings.
        texts: As many texts; whatever cannot be labelled becomes a bad row.
        settings: For the limit.
    """
    limits = settings or ReadSettings()
    items: list[Item] = []
    for identity, text in zip(ids, texts, strict=True):
        name = printable(str(identity))
        problem = text_problem(text, limits)
        items.append(Document(name, cast("str", text)) if problem is None else BadRow(name, name, problem))
    return items


def text_problem(text: object, settings: ReadSettings) -> str | None:
    """Return why a value cannot be labelled, or None if it can."""
    if isinstance(text, str):
        escaped = next((c for c in text if "\udc80" <= c <= "\udcff"), None) if not text.isascii() else None
        if escaped is not None:
            return f"text is not UTF-8: byte 0x{ord(escaped) - 0xDC00:02x} at character {text.index(escaped)}"
        if "\0" in text:
            return f"text holds a NUL character at character {text.index(chr(0))}, so it is probably not text"
        if len(text) > settings.max_bytes:
            return too_long(settings.max_bytes)
    try:
        check_text(text, "text")
    except InputError as error:
        return str(error)
    return None


def too_long(max_bytes: int) -> str:
    """Return the message for a row over the limit."""
    return f"row is longer than {max_bytes:,} bytes; split it, or raise --max-bytes"


def printable(text: str) -> str:
    """Return ``text`` with what UTF-8 cannot hold written as escapes (file names may be any bytes)."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
