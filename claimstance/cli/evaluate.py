"""``claimstance evaluate``: a model, saved predictions or a baseline against annotated sentences."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from claimstance.cli.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from claimstance.eval.evaluation import Evaluation
    from claimstance.eval.examples import Examples
    from claimstance.eval.predictions import Predictions
    from claimstance.eval.report.build import Extras
    from claimstance.eval.systems import SystemOptions

SYSTEM = "A model folder or hub id, `bundled`, a predictions file, a report folder, or baseline:NAME (see docs)."


def evaluate(
    system: Annotated[str, typer.Argument(help=SYSTEM)] = "bundled",
    data: Annotated[Path, typer.Option(help="Folder that `corpus build` wrote.")] = Path("data"),
    split: Annotated[str, typer.Option(help="Split to evaluate on.")] = "test",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder for the report.")] = None,
    engine: Annotated[
        str, typer.Option(help="Engine of a model: onnx, the same everywhere; auto, as `label`; torch.")
    ] = "onnx",
    device: Annotated[str, typer.Option(help="Device of a model.")] = "cpu",
    encoder: Annotated[Path | None, typer.Option(help="Pretrained encoder, for baseline:encoder.")] = None,
    outside: Annotated[Path | None, typer.Option(help="Public corpora: measure the outside benchmarks too.")] = None,
    beside: Annotated[
        list[Path] | None, typer.Option(help="Report of another system on the same data, to show beside. Repeatable.")
    ] = None,
    run: Annotated[
        list[Path] | None, typer.Option(help="Folder of a training run, for the learning curve. Repeatable.")
    ] = None,
    speed: Annotated[Path | None, typer.Option(help="JSON that `claimstance benchmark` wrote, to show too.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings; default: the shipped eval.yaml.")] = None,
) -> None:
    """Measure a system on annotated sentences; print the scores and, with --out, write a report.

    The report folder holds metrics.json, predictions.parquet, plots/ and report.html. The HTML page quotes sentences
    of the data.
    """
    with guarded():
        from dataclasses import replace

        from claimstance.eval.config import load_eval_config
        from claimstance.eval.detection import detect_non_sentences
        from claimstance.eval.evaluation import evaluate as measure
        from claimstance.eval.examples import read_examples
        from claimstance.eval.outside import measure_outside
        from claimstance.eval.systems import SystemOptions

        settings = load_eval_config(config)
        options = SystemOptions(data=data, engine=engine, device=device, encoder=encoder, config=settings)
        examples = read_examples(data, split)
        extras = _extras(beside or [], run or [], speed, examples.sha256)
        predict = _predictor(system, options, needs_model=outside is not None)
        predictions = predict(examples.sentences())
        evaluation = measure(examples, predictions, settings.bootstrap.build(), split)
        evaluation = replace(evaluation, detection=detect_non_sentences(examples))
        if outside is not None:
            results = measure_outside(outside, predict, settings.bootstrap.build())
            evaluation = replace(evaluation, outside=results)
        _print(evaluation, extras)
        if out is not None:
            from claimstance.eval.report.build import write_report

            page = write_report(out, evaluation, examples, predictions, settings, extras)
            typer.echo(f"report: {page}", err=True)


def _extras(beside: list[Path], runs: list[Path], speed: Path | None, sha256: str) -> Extras:
    from claimstance.eval.report.beside import read_beside
    from claimstance.eval.report.build import Extras
    from claimstance.eval.report.runs import read_learning_curve, read_speed

    return Extras(
        beside=read_beside(beside, sha256),
        learning=read_learning_curve(runs),
        speed=None if speed is None else read_speed(speed),
    )


def _predictor(system: str, options: SystemOptions, *, needs_model: bool) -> Callable[[Examples], Predictions]:
    from claimstance.eval.predictions import read_predictions
    from claimstance.eval.systems import predictor_of, saved_predictions

    saved = saved_predictions(system)
    if saved is None or needs_model:
        return predictor_of(system, options)
    predictions = read_predictions(saved)
    return lambda _: predictions


def _print(evaluation: Evaluation, extras: Extras) -> None:
    from claimstance.cli.tables import echo_table
    from claimstance.eval.metrics.scores import TOGETHER
    from claimstance.eval.report import tables
    from claimstance.eval.report.beside import beside_table

    data = evaluation.data
    typer.echo(
        f"{evaluation.system} on {data.name}: {data.sentences:,} sentences of {data.documents:,} articles; "
        f"{sum(data.left_out.values())} non-sentences left out; {data.truncated} sentences truncated"
    )
    echo_table(tables.overview_table(evaluation.scores))
    echo_table(tables.label_table(evaluation.together, f"Labels, {TOGETHER}"))
    echo_table(tables.facet_table(evaluation.together, f"Facets, {TOGETHER}"))
    if evaluation.detection is not None:
        echo_table(tables.detection_table(evaluation.detection))
    if evaluation.outside:
        echo_table(tables.outside_table(evaluation.outside))
    if extras.beside:
        echo_table(beside_table(evaluation, extras.beside))
