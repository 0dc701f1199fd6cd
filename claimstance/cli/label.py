"""``claimstance label``: label files, or standard input."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from claimstance.cli.guard import guarded, tell

if TYPE_CHECKING:
    from claimstance.model.job.output.sinks import Sink
    from claimstance.model.job.progress import Reporter
    from claimstance.model.job.run import JobSummary
    from claimstance.model.job.settings import JobSettings

EPILOG = (
    "Exit codes: 0 done; 2 wrong usage or a missing optional dependency; 3 unusable input; 4 unusable model; "
    "5 unusable output (locked, of another job, disk full); 130 or 143 interrupted by Ctrl-C or SIGTERM. "
    "After 3, 5, 130, 143 or a kill, the same command with -o goes on where it stopped, unless it reads a pipe."
)
RUNNERS = ("local", "ray")


def label(
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="Files (.txt, .jsonl, .csv, .tsv, each also .gz or .zst, and .parquet), folders, globs, addresses "
            "such as s3://bucket/*.parquet, or - for standard input.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="File to write (.jsonl, .jsonl.gz, .jsonl.zst, .csv, .parquet), or a folder of parts. Default: a "
            "table on a terminal, JSON lines in a pipe.",
        ),
    ] = None,
    model: Annotated[str | None, typer.Option(help="Model folder or hub id; default: the bundled model.")] = None,
    engine: Annotated[
        str, typer.Option(help="onnx, openvino, torch; auto: openvino if int8 is fast, else onnx.")
    ] = "auto",
    device: Annotated[str, typer.Option(help="cpu, or a torch device.")] = "cpu",
    mode: Annotated[
        str, typer.Option(help="document: a row is an article; sentence: a row is a sentence.")
    ] = "document",
    text_column: Annotated[str, typer.Option(help="Column, or JSON key, of the text.")] = "text",
    id_column: Annotated[
        str | None, typer.Option(help="Column, or JSON key, of the document id; default: file and row.")
    ] = None,
    input_format: Annotated[
        str | None, typer.Option("--format", help="txt, jsonl, csv, tsv or parquet; default: by name, txt for -.")
    ] = None,
    text: Annotated[bool, typer.Option(help="Whether to write the sentences.")] = True,
    min_confidence: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Below this score a sentence gets no label.")
    ] = 0.0,
    on_error: Annotated[str, typer.Option(help="At a bad row: stop, skip it, or record it as an error row.")] = "stop",
    max_errors: Annotated[
        int | None, typer.Option(help="Stop when more rows than this are bad; needs --on-error skip or record.")
    ] = None,
    max_bytes: Annotated[int | None, typer.Option(help="Longest row or .txt file; a longer one is bad.")] = None,
    workers: Annotated[
        int,
        typer.Option(
            help="Threads that label, each on one core; 0: one a core, or one on all with torch. "
            "With ray: actors; 0: one a core, or one a GPU."
        ),
    ] = 0,
    runner: Annotated[str, typer.Option(help="local, or ray: label on a Ray cluster.")] = "local",
    parts_format: Annotated[str, typer.Option(help="Format of the parts in a folder.")] = "parquet",
    part_rows: Annotated[int, typer.Option(help="Rows of a part.")] = 100_000,
    restart: Annotated[bool, typer.Option("--restart", help="Discard what an earlier job left in -o.")] = False,
    log_json: Annotated[bool, typer.Option("--log-json", help="Progress as JSON lines on stderr.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no summary, no JSON lines.")] = False,
) -> None:
    """Label every sentence of the input.

    With -o, a job that was interrupted or killed goes on when the same command is given again.
    """
    with guarded():
        from claimstance.model.job.documents import MAX_BYTES
        from claimstance.model.job.interrupt import JobInterruptedError
        from claimstance.model.job.progress import ended
        from claimstance.model.job.settings import JobSettings

        loading = {"model": model, "engine": engine, "device": device, "min_confidence": min_confidence}
        writing = {"out": out, "parts_format": parts_format, "restart": restart, "runner": runner}
        reporter = _reporter(log_json, quiet, to_terminal=out is None and sys.stdout.isatty())
        try:
            with ended(reporter):
                settings = JobSettings(
                    mode=cast("Any", mode),
                    text_column=text_column,
                    id_column=id_column,
                    text=text,
                    on_error=cast("Any", on_error),
                    max_errors=max_errors,
                    max_bytes=MAX_BYTES if max_bytes is None else max_bytes,
                    workers=workers,
                    part_rows=part_rows,
                )
                summary = _run(inputs, input_format, loading, writing, settings, reporter)
        except JobInterruptedError as error:
            goes_on = " The same command goes on from there." if out is not None and not _read_once(inputs) else ""
            tell(f"{error}; what was labelled is written.{goes_on}")
            raise typer.Exit(error.exit_code) from error
        except BrokenPipeError:
            if out is not None:
                raise
            # Whoever read our output has read enough.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        if not quiet and not log_json:
            _report(summary)


def _run(
    inputs: list[str],
    input_format: str | None,
    loading: dict[str, Any],
    writing: dict[str, Any],
    settings: JobSettings,
    reporter: Reporter,
) -> JobSummary:
    from claimstance.model.errors import ConfigError
    from claimstance.model.job.ray import ModelChoice, RayLabeller
    from claimstance.model.job.readers import DocumentStream, expand
    from claimstance.model.job.run import check_formats, open_sink, run_job

    out = writing["out"]
    if writing["runner"] not in RUNNERS:
        msg = f"runner must be one of {', '.join(RUNNERS)}, got {writing['runner']!r}"
        raise ConfigError(msg)
    check_formats(out, input_format, writing["parts_format"])
    files = expand(inputs, cast("Any", input_format), out)
    stream = DocumentStream(files, settings.reading)
    choice, on_ray = ModelChoice(**loading), writing["runner"] == "ray"
    spreads = not settings.workers and (choice.engine == "torch" or choice.device != "cpu")
    predictor = choice.load_for_driver() if on_ray else choice.load(threads=0 if spreads else 1)
    if out is None:
        sink = _stdout_sink()
    else:
        sink = open_sink(out, files, predictor, settings, writing["parts_format"], restart=writing["restart"])
    with contextlib.ExitStack() as stack:
        labeller = None
        if on_ray and not sink.complete:
            everywhere = dataclasses.replace(choice, engine=predictor.engine.name)  # what "auto" became here
            labeller = stack.enter_context(contextlib.closing(RayLabeller(everywhere, settings)))
        return run_job(predictor, stream, sink, settings, reporter, catch_signals=True, labeller=labeller)


def _stdout_sink() -> Sink:
    from claimstance.model.errors import OutputError
    from claimstance.model.job.output.sinks import StreamSink
    from claimstance.model.job.render import print_table, to_jsonl

    if sys.stdout.isatty():
        from rich.console import Console

        console = Console()
        return StreamSink(lambda table: print_table(table, console))

    def write(table: Any) -> None:
        try:
            sys.stdout.buffer.write(to_jsonl(table))
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would try again at its end
            msg = f"cannot write to standard output: {error}"
            raise OutputError(msg) from error

    return StreamSink(write)


def _reporter(log_json: bool, quiet: bool, *, to_terminal: bool) -> Reporter:
    from claimstance.model.job.progress import Bar, JsonProgress, Silent

    if log_json and not quiet:
        return JsonProgress()
    return Silent() if quiet or to_terminal or not sys.stderr.isatty() else Bar()


def _report(summary: JobSummary) -> None:
    from claimstance.model.job.progress import summary_lines

    tell("\n".join(summary_lines(summary)))


def _read_once(inputs: list[str]) -> bool:
    """Tell whether some of the input is gone when it was read, so that no job can go on with it."""
    return any(name == "-" or Path(name).is_fifo() for name in inputs)
