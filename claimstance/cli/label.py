"""``claimstance label``: label files, or standard input."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it at run time
from typing import Annotated

import typer

from claimstance.cli.guard import guarded


def label(
    inputs: Annotated[list[str], typer.Argument(help="Files, folders, globs, or - for standard input.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write.")] = None,
    model: Annotated[str | None, typer.Option(help="Model folder or hub id; default: the bundled model.")] = None,
    engine: Annotated[str, typer.Option(help="onnx or torch.")] = "onnx",
    device: Annotated[str, typer.Option(help="cpu, or a torch device.")] = "cpu",
    text_column: Annotated[str, typer.Option(help="Column, or JSON key, of the text.")] = "text",
    id_column: Annotated[str | None, typer.Option(help="Column, or JSON key, of the document id.")] = None,
    min_confidence: Annotated[float, typer.Option(help="Below this score a sentence gets no label.")] = 0.0,
) -> None:
    """Label every sentence of the input: a table on a terminal, JSON lines in a pipe, or a file with -o."""
    with guarded():
        import sys

        import pyarrow as pa
        import pyarrow.parquet as pq
        from rich.console import Console

        from claimstance.model.errors import ConfigError, InputError
        from claimstance.model.job.documents import ReadSettings
        from claimstance.model.job.labelling import label_documents
        from claimstance.model.job.readers import DocumentStream, Position, expand
        from claimstance.model.job.render import print_table, to_csv, to_jsonl
        from claimstance.model.job.windows import read_windows
        from claimstance.model.predictor import Predictor

        kind = None if out is None else out.suffix
        if kind not in (None, ".jsonl", ".csv", ".parquet"):
            msg = f"-o must end in .jsonl, .csv or .parquet, got {out}"
            raise ConfigError(msg)
        stream = DocumentStream(expand(inputs), ReadSettings(text_column=text_column, id_column=id_column))
        predictor = Predictor.from_pretrained(model, engine=engine, device=device, min_confidence=min_confidence)
        tables = []
        for window in read_windows(stream, Position(), stop_at_bad_row=True):
            table = label_documents(predictor, window.items)
            if out is not None:
                tables.append(table)
            elif sys.stdout.isatty():
                print_table(table, Console())
            else:
                sys.stdout.buffer.write(to_jsonl(table))
            if window.last_bad is not None:
                msg = f"{window.last_bad.where}: {window.last_bad.error}"
                raise InputError(msg)
        if out is not None:
            whole = pa.concat_tables(tables)
            out.parent.mkdir(parents=True, exist_ok=True)
            if kind == ".parquet":
                pq.write_table(whole, out)
            else:
                out.write_bytes(to_csv(whole, header=True) if kind == ".csv" else to_jsonl(whole))
