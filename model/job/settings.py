"""What a job does: how to read, what to write, what to do about bad rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from claimstance.model.engines.cores import available_cores
from claimstance.model.errors import ConfigError
from claimstance.model.job.documents import MAX_BYTES, Mode, ReadSettings, check_choice

OnError = Literal["stop", "skip", "record"]

PART_ROWS = 100_000
"""Rows of a part, roughly: what a kill can cost, a minute or two of work."""


@dataclass(frozen=True, slots=True)
class JobSettings:
    """Settings of a job.

    Attributes:
        mode: ``"document"``: a row is an article to segment; ``"sentence"``: a row is one sentence.
        text_column: Column, or JSON key, of the text.
        id_column: Column, or JSON key, of the document id; None to name rows by file and number.
        text: Whether to write the sentences' text.
        on_error: At a bad row: ``"stop"``, ``"skip"`` it, or ``"record"`` it as an error row.
        max_errors: Stop when there are more bad rows than this, where ``on_error`` goes on; None for no limit.
        max_bytes: Longest row or .txt file, in bytes; a longer one is a bad row.
        workers: Documents are labelled by this many threads; 0 for as many as ``default_workers`` says.
        part_rows: Rows after which a part ends.
    """

    mode: Mode = "document"
    text_column: str = "text"
    id_column: str | None = None
    text: bool = True
    on_error: OnError = "stop"
    max_errors: int | None = None
    max_bytes: int = MAX_BYTES
    workers: int = 0
    part_rows: int = PART_ROWS

    def __post_init__(self) -> None:
        """Check values.

        Raises:
            ConfigError: If one is out of range, or has no effect beside another.
        """
        check_choice("mode", self.mode, Mode)
        check_choice("on_error", self.on_error, OnError)
        for name, number, least in (
            ("max_errors", self.max_errors, 0),
            ("max_bytes", self.max_bytes, 1),
            ("workers", self.workers, 0),
            ("part_rows", self.part_rows, 1),
        ):
            if number is not None and number < least:
                msg = f"{name} must be at least {least}, got {number}"
                raise ConfigError(msg)
        if self.max_errors is not None and self.on_error == "stop":
            msg = f"max_errors {self.max_errors} needs --on-error skip or record; 'stop' ends at the first bad row"
            raise ConfigError(msg)

    @property
    def reading(self) -> ReadSettings:
        """The part of the settings that readers need."""
        return ReadSettings(self.mode, self.text_column, self.id_column, self.max_bytes)

    def fingerprint(self) -> dict[str, Any]:
        """Return what changes rows. What to do about bad rows is left out, so that a stopped job may go on past one."""
        names = ("mode", "text_column", "id_column", "text", "max_bytes")
        return {name: getattr(self, name) for name in names}


def default_workers(engine: str | None = None) -> int:
    """Return how many threads label where the settings leave it open: one a core (see ``available_cores``).

    Args:
        engine: Name of the engine, if it is known; torch spreads over the cores by itself and gets one thread.
    """
    return 1 if engine == "torch" else available_cores()
