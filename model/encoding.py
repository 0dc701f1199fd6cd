"""From sentences to token ids. Training, evaluation and prediction all come through here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from claimstance.model.errors import InputError, InputTypeError, ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from tokenizers import Tokenizer

    from claimstance.model.settings import InputSettings

_DOUBLE_MARKS = re.compile("[\u201c\u201d\u201e\u201f\u00ab\u00bb\u301d\u301e\uff02]|''|``")
_SINGLE_MARKS = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u2032": "'"})
_PREVIOUS_CHARACTERS = 240
"""Of the previous sentence only its end goes in: that is where its quotation closes or its speaker is named."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids of a batch of sentences, ragged.

    Attributes:
        ids: One list of token ids a sentence, special tokens included.
        type_ids: Segment ids, or None when every sentence is a single segment.
        truncated: Whether tokens were cut, one flag a sentence.
    """

    ids: list[list[int]]
    type_ids: list[list[int]] | None
    truncated: list[bool]

    def __len__(self) -> int:
        return len(self.ids)


def normalise_quotes(text: str) -> str:
    """Write every style of double quotation mark as ``"`` and of single mark or apostrophe as ``'``.

    The label must not hang on an outlet's typography, so the network only ever sees one style.
    """
    return _DOUBLE_MARKS.sub('"', text).translate(_SINGLE_MARKS)


def check_text(text: object, what: str = "sentence") -> str:
    """Return ``text`` if it is a string that can be encoded.

    Raises:
        InputTypeError: If it is not a ``str``.
        InputError: If it is blank or holds lone surrogates, which are not characters.
    """
    if not isinstance(text, str):
        msg = f"{what} must be a str, got {type(text).__name__}"
        raise InputTypeError(msg)
    if not text or text.isspace():
        msg = f"{what} must hold some text, got {text[:20]!r}"
        raise InputError(msg)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            msg = (
                f"{what} must be valid Unicode, got a lone surrogate {text[error.start]!r} at character {error.start}; "
                "decode the bytes with the right encoding, or with errors='replace'"
            )
            raise InputError(msg) from error
    return text


class Encoder:
    """Turns sentences into token ids with a Hugging Face ``tokenizer.json``.

    Args:
        tokenizer: A loaded tokenizer; its own padding and truncation are replaced by what ``settings`` say.
        settings: Longest input and which context goes in.
    """

    def __init__(self, tokenizer: Tokenizer, settings: InputSettings) -> None:
        tokenizer.no_padding()
        tokenizer.encode_special_tokens = True  # "<s>" in an article is text, not the mark of a beginning
        tokenizer.enable_truncation(settings.max_tokens, strategy="longest_first")
        self.tokenizer = tokenizer
        self.settings = settings
        self._mark_quotation = settings.context in ("quotation", "both")
        self._use_previous = settings.context in ("previous", "both")

    @classmethod
    def from_file(cls, path: str | PathLike[str], settings: InputSettings) -> Encoder:
        """Load ``tokenizer.json``.

        Raises:
            ModelError: If the file cannot be read as a tokenizer.
        """
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the Rust binding raises bare Exception
            msg = f"{path} is not a readable tokenizer: {error}"
            raise ModelError(msg) from error
        return cls(tokenizer, settings)

    def prepare(self, sentence: str, quotation_open: bool = False, previous: str = "") -> str | tuple[str, str]:
        """Return what the tokenizer is given: the sentence, or the sentence and the one before it."""
        text = normalise_quotes(sentence)
        if quotation_open and self._mark_quotation:
            text = f'"{text}'
        if self._use_previous:
            return text, normalise_quotes(previous)[-_PREVIOUS_CHARACTERS:]
        return text

    def encode(
        self,
        sentences: Sequence[str],
        quotation_open: Sequence[bool] | None = None,
        previous: Sequence[str] | None = None,
    ) -> Encoded:
        """Encode a batch.

        Args:
            sentences: n sentences, checked by the caller (``check_text``).
            quotation_open: Whether each begins inside an open quotation; None for none of them.
            previous: The sentence before each, ``""`` where there is none; None for none of them.

        Returns:
            Ragged ids; row i belongs to sentence i.
        """
        n = len(sentences)
        states = quotation_open if quotation_open is not None else [False] * n
        before = previous if previous is not None else [""] * n
        inputs = [self.prepare(s, o, p) for s, o, p in zip(sentences, states, before, strict=True)]
        encodings = self.tokenizer.encode_batch_fast(inputs)
        return Encoded(
            ids=[e.ids for e in encodings],
            type_ids=[e.type_ids for e in encodings] if self._use_previous else None,
            truncated=[bool(e.overflowing) for e in encodings],
        )
