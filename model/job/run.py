"""The job: documents in, rows out, in order, in bounded memory."""

from __future__ import annotations

import os
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from claimstance.model.errors import ConfigError, InputError
from claimstance.model.job.counts import Counts
from claimstance.model.job.documents import BadRow
from claimstance.model.job.interrupt import Interrupts
from claimstance.model.job.labelling import label_documents
from claimstance.model.job.output.formats import OUTPUT_FORMATS, format_of
from claimstance.model.job.output.manifest import fingerprint_of
from claimstance.model.job.output.parts import PartFolder
from claimstance.model.job.output.single import SingleFile
from claimstance.model.job.pipeline import map_in_order
from claimstance.model.job.progress import Silent, ended
from claimstance.model.job.readers import FORMATS, DocumentStream, Position, expand
from claimstance.model.job.settings import JobSettings, default_workers
from claimstance.model.job.windows import read_windows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    import pyarrow as pa

    from claimstance.model.job.documents import Item
    from claimstance.model.job.output.formats import OutputFormat
    from claimstance.model.job.output.sinks import Sink
    from claimstance.model.job.progress import Reporter
    from claimstance.model.job.readers import Format, SourceFile
    from claimstance.model.job.windows import Window
    from claimstance.model.predictor import Predictor


@dataclass(frozen=True, slots=True)
class JobSummary:
    """What a job did.

    Attributes:
        counts: Sums over all rows, those of an earlier, interrupted run included.
        rows_before: Rows that an earlier run had written.
        seconds: How long this run took.
    """

    counts: Counts
    rows_before: int
    seconds: float

    @property
    def rows_per_second(self) -> float:
        """Rate of this run."""
        return (self.counts.rows - self.rows_before) / self.seconds if self.seconds else 0.0


def label_job(
    inputs: str | PathLike[str] | Sequence[str | PathLike[str]],
    out: str | PathLike[str],
    *,
    predictor: Predictor | None = None,
    settings: JobSettings | None = None,
    input_format: Format | None = None,
    parts_format: OutputFormat = "parquet",
    restart: bool = False,
    reporter: Reporter | None = None,
    catch_signals: bool = False,
) -> JobSummary:
    """Label files into a file or a folder of parts; the same call goes on where an interrupted one stopped.

    Args:
        inputs: Files, folders, globs or fsspec addresses; what is in ``out`` is left out of folders and globs.
        out: A file ending in .jsonl, .jsonl.gz, .jsonl.zst, .csv or .parquet, or a folder.
        predictor: A loaded model, with ``threads=1`` unless on torch; None for the bundled one.
        settings: See ``JobSettings``.
        input_format: Read every file as this; None to go by its name.
        parts_format: Of the parts in a folder.
        restart: Discard what an earlier job left there.
        reporter: Is told how far the job is.
        catch_signals: Let SIGINT and SIGTERM stop the job after the rows in hand.

    Raises:
        ConfigError: If a format is unknown, or ``out`` ends like none, or is an input, too.
        InputError: If there is no input, at a bad row unless ``on_error`` says otherwise, or at too many of them.
        OutputError: If ``out`` is locked, of another job, or cannot be written.
        ModelError: If the bundled model is damaged, or the engine cannot compute with the model.
        MissingDependencyError: If an input or output needs a package that is not installed.
        JobInterruptedError: After a signal, with ``catch_signals``.
    """
    settings = settings or JobSettings()
    reporter = reporter or Silent()
    with ended(reporter):
        check_formats(Path(out), input_format, parts_format)
        files = expand([inputs] if isinstance(inputs, (str, os.PathLike)) else inputs, input_format, out)
        stream = DocumentStream(files, settings.reading)
        predictor = predictor or _bundled()
        sink = open_sink(Path(out), files, predictor, settings, parts_format, restart=restart)
        return run_job(predictor, stream, sink, settings, reporter, catch_signals=catch_signals)


def check_formats(out: Path | None, input_format: str | None, parts_format: str) -> None:
    """Check what a job is told of formats, before a model is loaded.

    Args:
        out: File or folder to write; None for a stream.
        input_format: One of ``FORMATS``, or None.
        parts_format: One of ``OUTPUT_FORMATS``.

    Raises:
        ConfigError: If a format is unknown, or ``out`` ends like none, or is a file and ends like a folder.
    """
    for what, value, allowed in (
        ("input format", input_format or FORMATS[0], FORMATS),
        ("parts format", parts_format, OUTPUT_FORMATS),
    ):
        if value not in allowed:
            msg = f"{what} must be one of {', '.join(allowed)}, got {value!r}"
            raise ConfigError(msg)
    if out is not None:
        format_of(out)


def _bundled() -> Predictor:
    from claimstance.model.predictor import Predictor

    return Predictor.from_pretrained(threads=1)


def open_sink(
    path: Path,
    files: Sequence[SourceFile],
    predictor: Predictor,
    settings: JobSettings,
    parts_format: OutputFormat = "parquet",
    *,
    restart: bool = False,
) -> Sink:
    """Open the file or folder of parts that a path stands for (see ``label_job``), its formats checked already."""
    format_ = format_of(path)
    fingerprint = fingerprint_of(files, predictor, settings, format_ or parts_format)
    if format_ is not None:
        if path.is_dir():
            msg = f"{path} is a folder, and its name ends like a file's; choose another -o"
            raise ConfigError(msg)
        return SingleFile(path, format_, fingerprint, settings.part_rows, restart=restart)
    return PartFolder(path, parts_format, fingerprint, settings.part_rows, restart=restart)


def run_job(
    predictor: Predictor,
    stream: DocumentStream,
    sink: Sink,
    settings: JobSettings,
    reporter: Reporter | None = None,
    *,
    catch_signals: bool = False,
    labeller: Labeller | None = None,
) -> JobSummary:
    """Label a stream of documents into a sink, which is closed whatever happens (see ``label_job``).

    ``labeller`` takes the place of ``predictor`` where the documents of a window are labelled, such as on a cluster.
    How the job ends, the caller tells the reporter (``ended``): it may end before it comes here.
    """
    began = time.monotonic()
    reporter = reporter or Silent()
    labeller = labeller or _Threads(predictor, settings)
    before = sink.counts.rows
    complete = sink.complete
    try:
        stream.skip_to(Position(len(stream.files)) if complete else sink.start)
        reporter.begin(sink.counts, stream.bytes_read, stream.bytes_total)
        _check_total(sink.counts.errors, settings, ", all of them in earlier runs; a higher --max-errors goes on")
        if not complete:
            with Interrupts(catch_signals) as interrupts:
                _label_windows(labeller, stream, sink, settings, reporter, interrupts)
            complete = True
    finally:
        sink.close(complete)
    return JobSummary(sink.counts, before, time.monotonic() - began)


class Labeller(Protocol):
    """Turns the documents of a window into rows; called from ``workers`` threads at once."""

    @property
    def workers(self) -> int:
        """How many calls may run side by side."""
        ...

    def __call__(self, items: list[Item]) -> pa.Table:
        """Return one row a sentence, as ``label_documents`` does."""
        ...


class _Threads:
    """The local runner: the predictor, called from several threads."""

    def __init__(self, predictor: Predictor, settings: JobSettings) -> None:
        self._predictor, self._settings = predictor, settings
        self.workers = settings.workers or default_workers(predictor.engine.name)

    def __call__(self, items: list[Item]) -> pa.Table:
        return label_documents(self._predictor, items, self._settings.mode, text=self._settings.text)


def _label_windows(
    labeller: Labeller,
    stream: DocumentStream,
    sink: Sink,
    settings: JobSettings,
    reporter: Reporter,
    interrupts: Interrupts,
) -> None:
    def label(window: Window) -> pa.Table:
        items = [i for i in window.items if not (settings.on_error == "skip" and isinstance(i, BadRow))]
        return labeller(items)

    windows = read_windows(stream, sink.start, stop_at_bad_row=settings.on_error == "stop")
    empty = sink.start == Position()
    with closing(map_in_order(label, windows, labeller.workers, interrupts.check)) as labelled:
        for window, table in labelled:
            empty = False
            errors = sum(isinstance(item, BadRow) for item in window.items)
            sink.write(table, Counts.of(table, len(window.items) - errors, errors), window.end)
            reporter.update(sink.counts, window.bytes_read)
            _check_errors(window, sink.counts.errors, settings)
    if empty:  # an empty input still makes a file, with a header
        sink.write(labeller([]), Counts(), Position())


def _check_errors(window: Window, errors: int, settings: JobSettings) -> None:
    if window.last_bad is not None:
        msg = f"{window.last_bad.where}: {window.last_bad.error} (--on-error skip|record goes on past bad rows)"
        raise InputError(msg)
    last = [item for item in window.items if isinstance(item, BadRow)][-1:]
    _check_total(errors, settings, "".join(f"; the last is {bad.where}: {bad.error}" for bad in last))


def _check_total(errors: int, settings: JobSettings, example: str) -> None:
    if settings.max_errors is not None and errors > settings.max_errors:
        msg = f"{errors} bad rows, more than the {settings.max_errors} that --max-errors allows{example}"
        raise InputError(msg)
