"""What a reader hands over: documents, and rows that are none, with their place in the input."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast, get_args

from claimstance.model.encoding import check_text
from claimstance.model.errors import ConfigError, InputError, InputTypeError

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
        escaped: Whether bytes that are not UTF-8 stand in the text as lone surrogates (``surrogateescape``).
    """

    number: int
    text: Any = None
    id: Any = None
    error: str | None = None
    escaped: bool = False


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

    def __post_init__(self) -> None:
        """Check the mode.

        Raises:
            ConfigError: If there is no such mode.
        """
        check_choice("mode", self.mode, Mode)


def check_choice(name: str, value: object, allowed: Any) -> None:
    """Check a setting that is one of a few.

    Args:
        name: Of the setting.
        value: What it was set to.
        allowed: A ``Literal`` type.

    Raises:
        ConfigError: If the value is none of the type's.
    """
    if value not in get_args(allowed):
        msg = f"{name} must be one of {', '.join(get_args(allowed))}, got {value!r}"
        raise ConfigError(msg)


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
    if settings.id_column is not None:
        problem = id_problem(row.id, f"id column {settings.id_column!r}")
        if problem is not None:
            return BadRow(fallback, where, problem)
        identity = printable(str(row.id))
    problem = text_problem(row.text, settings, escaped=row.escaped)
    return Document(identity, row.text) if problem is None else BadRow(identity, where, problem)


def to_items(ids: Iterable[object], texts: Iterable[object], settings: ReadSettings | None = None) -> list[Item]:
    """Check texts that are in memory already, such as the columns of a batch.

    Args:
        ids: Document ids, strings or integers; a row without one is a bad row, named by its number.
        texts: As many texts; whatever cannot be labelled becomes a bad row.
        settings: For the limit.

    Raises:
        InputTypeError: If ``ids`` or ``texts`` is a single string.
        InputError: If there are not as many ids as texts.
    """
    names, values, limits = _listed(ids, "ids"), _listed(texts, "texts"), settings or ReadSettings()
    if len(names) != len(values):
        msg = f"to_items needs as many ids as texts, got {len(names)} ids, {len(values)} texts"
        raise InputError(msg)
    items: list[Item] = []
    for number, (identity, text) in enumerate(zip(names, values, strict=True), 1):
        problem = id_problem(identity, "id")
        name = printable(str(identity)) if problem is None else f"row {number}"
        problem = problem or text_problem(text, limits)
        items.append(Document(name, cast("str", text)) if problem is None else BadRow(name, name, problem))
    return items


def _listed(values: Iterable[object], name: str) -> list[object]:
    if isinstance(values, (str, bytes)):
        msg = f"{name} must be a list or another collection, got {type(values).__name__}; put a single one in a list"
        raise InputTypeError(msg)
    return list(values)


def id_problem(identity: object, what: str) -> str | None:
    """Return why a value cannot name a document, or None if it can; ``what`` it is, for the message."""
    if isinstance(identity, bool) or not isinstance(identity, (str, Integral)):
        return f"{what} must be a string or integer, got {type(identity).__name__}"
    if not str(identity).strip():
        return f"{what} must hold some text, got {identity!r}"
    return None


def text_problem(text: object, settings: ReadSettings, *, escaped: bool = False) -> str | None:
    """Return why a value cannot be labelled, or None if it can.

    Args:
        text: The value.
        settings: For the limit.
        escaped: See ``RawRow``.
    """
    if isinstance(text, str):
        if (problem := _surrogate_problem(text, escaped)) is not None:
            return problem
        if "\0" in text:
            return f"text holds a NUL character at character {text.index(chr(0))}, so it is probably not text"
        if _is_longer(text, settings.max_bytes):
            return too_long(settings.max_bytes)
    try:
        check_text(text, "text")
    except InputError as error:
        return str(error)
    return None


def _is_longer(text: str, max_bytes: int) -> bool:
    """Tell whether a text is over the limit in UTF-8, which has one to four bytes a character."""
    if text.isascii() or len(text) > max_bytes:
        return len(text) > max_bytes
    return len(text) * 4 > max_bytes and len(text.encode()) > max_bytes


def _surrogate_problem(text: str, escaped: bool) -> str | None:
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        if escaped:
            return f"text is not UTF-8: byte 0x{code - 0xDC00:02x} at character {error.start}"
        where = f"(U+{code:04X}) at character {error.start}"
        return f"text holds a lone surrogate, half of a pair {where}; take it out, or write U+FFFD in its place"
    return None


def too_long(max_bytes: int) -> str:
    """Return the message for a row over the limit."""
    return f"row is longer than {max_bytes:,} bytes; split it, or raise max_bytes (--max-bytes)"


def printable(text: str) -> str:
    """Return ``text`` with what UTF-8 cannot hold written as escapes (file names may be any bytes)."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
