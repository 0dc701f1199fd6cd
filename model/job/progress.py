"""How far a job is: nothing, a bar on a terminal, or JSON lines for a scheduler. Never on stdout."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from typing import TYPE_CHECKING, Any, Literal, Protocol

from claimstance.model.job.counts import Counts
from claimstance.model.labels import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claimstance.model.job.run import JobSummary

Status = Literal["done", "interrupted", "failed"]
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

    def end(self, status: Status, error: str | None = None) -> None:
        """Take how the job ended, and what stopped it. Called once, also for a job that never began."""
        ...


class Silent:
    """Says nothing."""

    def begin(self, counts: Counts, bytes_done: int, bytes_total: int | None) -> None:
        """See ``Reporter``."""

    def update(self, counts: Counts, bytes_done: int) -> None:
        """See ``Reporter``."""

    def end(self, status: Status, error: str | None = None) -> None:
        """See ``Reporter``."""


class JsonProgress:
    """Writes a JSON object to stderr at the beginning, every few seconds, and at the end, however that comes."""

    def __init__(self) -> None:
        self._start(Counts(), 0, None)

    def _start(self, counts: Counts, bytes_done: int, bytes_total: int | None) -> None:
        self._began = self._last = time.monotonic()
        self._counts, self._rows_before = counts, counts.rows
        self._bytes = self._bytes_before = bytes_done
        self._total = bytes_total

    def begin(self, counts: Counts, bytes_done: int, bytes_total: int | None) -> None:
        """See ``Reporter``."""
        self._start(counts, bytes_done, bytes_total)
        self._write("begin", None)

    def update(self, counts: Counts, bytes_done: int) -> None:
        """See ``Reporter``."""
        self._counts, self._bytes = counts, bytes_done
        if time.monotonic() - self._last >= _EVERY:
            self._last = time.monotonic()
            here = bytes_done - self._bytes_before
            left = (self._last - self._began) * (self._total - bytes_done) / here if here and self._total else None
            self._write("progress", left)

    def end(self, status: Status, error: str | None = None) -> None:
        """See ``Reporter``."""
        self._write("end", 0.0 if status == "done" else None, status=status, error=error)

    def _write(self, event: str, seconds_left: float | None, **more: str | None) -> None:
        seconds = time.monotonic() - self._began
        log_json(
            event,
            **more,
            seconds=round(seconds, 1),
            seconds_left=None if seconds_left is None else round(seconds_left, 1),
            bytes=self._bytes,
            bytes_total=self._total,
            rows_per_second=round((self._counts.rows - self._rows_before) / seconds, 1) if seconds else None,
            **self._counts.to_dict(),
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

    def end(self, status: Status, error: str | None = None) -> None:
        """See ``Reporter``."""
        self._progress.stop()


@contextlib.contextmanager
def ended(reporter: Reporter) -> Iterator[None]:
    """Tell a reporter how the block ends. A reader of the output who leaves interrupts it, as a signal does."""
    try:
        yield
    except BaseException as error:
        stopped = isinstance(error, (KeyboardInterrupt, BrokenPipeError))
        reporter.end("interrupted" if stopped else "failed", str(error) or type(error).__name__)
        raise
    reporter.end("done")


def log_json(event: str, **fields: Any) -> None:
    """Write one JSON object to stderr; a job goes on when nobody reads that any more."""
    with contextlib.suppress(BrokenPipeError):
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
