"""How far a job is: nothing, a bar on a terminal, or JSON lines for a scheduler. Never on stdout."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any, Protocol

from claimstance.model.labels import LABELS

if TYPE_CHECKING:
    from claimstance.model.job.counts import Counts
    from claimstance.model.job.run import JobSummary

_EVERY = 5.0
"""Seconds between two lines of JSON."""


class Reporter(Protocol):
    """Is told how far the job is."""

    def begin(self, counts: Counts, bytes_done: int, bytes_total: int | None) -> None:
        """Take what an earlier job did, and how much there is, if that is known."""
        ...

    def update(self, counts: Counts, bytes_done: int) -> None:
        """Take the sums so far."""
        ...

    def end(self) -> None:
        """Leave the terminal tidy."""
        ...


class Silent:
    """Says nothing."""

    def begin(self, counts: Counts, bytes_done: int, bytes_total: int | None) -> None:
        """See ``Reporter``."""

    def update(self, counts: Counts, bytes_done: int) -> None:
        """See ``Reporter``."""

    def end(self) -> None:
        """See ``Reporter``."""


class JsonProgress:
    """Writes a JSON object to stderr every few seconds."""

    def begin(self, counts: Counts, bytes_done: int, bytes_total: int | None) -> None:
        """See ``Reporter``."""
        self._began = self._last = time.monotonic()
        self._rows_before = counts.rows
        self._bytes_before = bytes_done
        self._total = bytes_total
        self._write("begin", counts, bytes_done)

    def update(self, counts: Counts, bytes_done: int) -> None:
        """See ``Reporter``."""
        if time.monotonic() - self._last >= _EVERY:
            self._last = time.monotonic()
            self._write("progress", counts, bytes_done)

    def end(self) -> None:
        """See ``Reporter``."""

    def _write(self, event: str, counts: Counts, bytes_done: int) -> None:
        seconds = time.monotonic() - self._began
        here = bytes_done - self._bytes_before
        left = None if not here or not self._total else round(seconds * (self._total - bytes_done) / here, 1)
        log_json(
            event,
            seconds=round(seconds, 1),
            seconds_left=left,
            bytes=bytes_done,
            bytes_total=self._total,
            rows_per_second=round((counts.rows - self._rows_before) / seconds, 1) if seconds else None,
            **counts.to_dict(),
        )


class Bar:
    """Draws a bar on stderr, with rate, and with the time left if the size of the input is known."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            BarColumn(30),
            TaskProgressColumn(),
            TextColumn("{task.fields[rows]:,} rows  {task.fields[rate]:,.0f}/s  {task.fields[errors]} errors"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )

    def begin(self, counts: Counts, bytes_done: int, bytes_total: int | None) -> None:
        """See ``Reporter``."""
        self._began = time.monotonic()
        self._rows_before = counts.rows
        fields: dict[str, Any] = {"rows": counts.rows, "rate": 0.0, "errors": counts.errors}
        self._task = self._progress.add_task("label", total=bytes_total, completed=bytes_done, **fields)
        self._progress.start()

    def update(self, counts: Counts, bytes_done: int) -> None:
        """See ``Reporter``."""
        rate = (counts.rows - self._rows_before) / max(time.monotonic() - self._began, 1e-3)
        self._progress.update(
            self._task, completed=bytes_done, rows=counts.rows, rate=rate, errors=counts.errors, refresh=False
        )

    def end(self) -> None:
        """See ``Reporter``."""
        self._progress.stop()


def log_json(event: str, **fields: Any) -> None:
    """Write one JSON object to stderr."""
    sys.stderr.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stderr.flush()


def summary_lines(summary: JobSummary) -> list[str]:
    """Return what a job did, for people."""
    counts = summary.counts
    labels = ", ".join(f"{counts.labels[label]:,} {label}" for label in LABELS)
    lines = [f"{counts.documents:,} documents, {counts.sentences:,} sentences: {labels}"]
    if counts.reasons:
        reasons = ", ".join(f"{n:,} {reason}" for reason, n in counts.reasons.most_common())
        lines.append(f"without a label: {reasons}")
    if counts.truncated:
        lines.append(f"truncated: {counts.truncated:,} sentences are longer than the model reads")
    if counts.errors:
        lines.append(f"errors: {counts.errors:,} bad rows")
    before = f", {summary.rows_before:,} rows were there" if summary.rows_before else ""
    lines.append(f"{summary.rows_per_second:,.0f} rows a second, {summary.seconds:,.1f} s{before}")
    return lines
