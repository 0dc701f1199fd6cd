"""The commands that stand between the data and a finished model, ``claimstance train`` apart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from claimstance.cli.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Callable

Data = Annotated[Path, typer.Option("--data", help="Folder that `corpus build` wrote.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="What to write.")]
REPORT_EVERY = 2000


def _reporter(total: int) -> Callable[[int], None]:
    """Return a callback that prints how many of ``total`` sentences are done, now and then."""
    due = REPORT_EVERY

    def report(done: int) -> None:
        nonlocal due
        if done >= due or done == total:
            typer.echo(f"{done}/{total} sentences", err=True)
            due = done + REPORT_EVERY

    return report


def teach(
    models: Annotated[list[Path], typer.Argument(help="Teacher model folders.")],
    data: Data,
    out: Out,
    exclude: Annotated[list[str] | None, typer.Option(help="Corpus whose unlabelled sentences to leave out.")] = None,
    made: Annotated[list[Path] | None, typer.Option(help="Parquet that `augment` wrote, to judge too.")] = None,
    states: Annotated[Path | None, typer.Option(help="Folder for the first teacher's token states.")] = None,
) -> None:
    """Write a teacher's facet probabilities for the train and the unlabelled sentences (several are averaged)."""
    with guarded():
        import pandas as pd

        from claimstance.train.features import read_file, read_rows, without_corpora
        from claimstance.train.memory import keep_freed_memory
        from claimstance.train.teach import teacher_targets

        keep_freed_memory()
        unlabelled = read_rows(data, "unlabelled")
        kept = without_corpora(unlabelled, exclude or [])
        more = [read_file(file) for file in made or []]
        rows = pd.concat([read_rows(data, "train"), kept, *more], ignore_index=True)
        targets = teacher_targets(models, rows, _reporter(len(rows)), states)
        out.parent.mkdir(parents=True, exist_ok=True)
        targets.to_parquet(out, index=False)
        typer.echo(f"{len(targets)} targets: {out}")


def prune(
    model: Annotated[Path, typer.Argument(help="A trained model folder, runs/NAME/model.")],
    data: Data,
    out: Out,
    vocabulary: Annotated[int | None, typer.Option(help="Tokens to keep; all by default.", min=1)] = None,
    tokens_of: Annotated[Path | None, typer.Option(help="Model folder whose tokens to keep instead.")] = None,
    layers: Annotated[int | None, typer.Option(help="Layers to keep; all by default.", min=1)] = None,
    feed_forward: Annotated[
        int | None, typer.Option(help="Feed-forward channels a layer to keep; all by default.", min=1)
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(help="Corpus whose unlabelled sentences have no say in the vocabulary.")
    ] = None,
) -> None:
    """Prune a trained model to a smaller one, which is then to learn from the whole one what it lost."""
    with guarded():
        from claimstance.train.features import read_rows, without_corpora
        from claimstance.train.memory import keep_freed_memory
        from claimstance.train.prune import prune as run

        keep_freed_memory()
        texts = None
        if vocabulary is not None:
            texts = without_corpora(read_rows(data, "unlabelled"), exclude or [])
        folder = run(
            model,
            read_rows(data, "train"),
            out,
            texts=texts,
            vocabulary=vocabulary,
            tokens_of=tokens_of,
            layers=layers,
            feed_forward=feed_forward,
            progress=lambda line: typer.echo(line, err=True),
        )
        typer.echo(f"model: {folder.path}")


def augment(data: Data, out: Out, seed: Annotated[int, typer.Option(help="Seeds the noise.")] = 0) -> None:
    """Make sentences from the train split by noise, for a teacher to judge."""
    with guarded():
        from claimstance.train.augment import augment as run
        from claimstance.train.features import read_rows

        made = run(read_rows(data, "train"), seed)
        out.parent.mkdir(parents=True, exist_ok=True)
        made.to_parquet(out, index=False)
        typer.echo(f"{len(made)} made sentences: {out}")


def crossfit(
    config: Annotated[Path, typer.Argument(help="A training YAML, or a shipped one's name: minilm-l6.")],
    out: Out,
    folds: Annotated[int, typer.Option(help="Number of folds.", min=2)] = 5,
    only: Annotated[list[int] | None, typer.Option(help="Run only these folds.")] = None,
    base: Annotated[str | None, typer.Option(help="Base encoder: folder or hub id.")] = None,
    data: Annotated[str | None, typer.Option(help="Folder that `corpus build` wrote.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="Override, as in optimisation.epochs=1.")] = None,
) -> None:
    """Train a model a fold of training documents; write each one's predictions on the fold it did not see."""
    with guarded():
        from claimstance.train.config import load_train_config, override, parse_changes
        from claimstance.train.crossfit import crossfit as run
        from claimstance.train.memory import keep_freed_memory

        keep_freed_memory()
        changes = parse_changes(set_ or [])
        changes |= {k: v for k, v in {"base": base, "data": data}.items() if v is not None}
        found = run(override(load_train_config(config), changes), folds, out, only)
        found.to_parquet(out / "out_of_fold.parquet", index=False)
        typer.echo(f"{len(found)} out-of-fold predictions: {out / 'out_of_fold.parquet'}")


def audit(
    out_of_fold: Annotated[Path, typer.Argument(help="Parquet that `crossfit` wrote.")],
    data: Data,
    out: Annotated[Path, typer.Option("--out", "-o", help="CSV to write; it holds sentences of the corpora.")],
    least: Annotated[float, typer.Option(help="Least probability against an annotation.", min=0.5, max=1.0)] = 0.95,
) -> None:
    """List the annotations that models which never saw them contradict, most doubtful first, to be read again."""
    with guarded():
        from claimstance.train.audit import suspects
        from claimstance.train.crossfit import COLUMNS
        from claimstance.train.features import read_parquet, read_rows

        predictions = read_parquet(out_of_fold, "claimstance crossfit", COLUMNS)
        found = suspects(read_rows(data, "train"), predictions, least)
        out.parent.mkdir(parents=True, exist_ok=True)
        found.to_csv(out, index=False)
        typer.echo(f"{len(found)} contradicted annotations: {out}")


def doubtful(
    data: Data,
    out: Annotated[Path, typer.Option("--out", "-o", help="CSV to write; it holds sentences of the corpora.")],
    model: Annotated[str, typer.Argument(help="A model folder or hub id, or `bundled`.")] = "bundled",
    split: Annotated[str, typer.Option(help="unlabelled, or train to read annotations again.")] = "unlabelled",
    exclude: Annotated[list[str] | None, typer.Option(help="Corpus to leave out.")] = None,
    facet: Annotated[list[str] | None, typer.Option(help="Facet whose doubt counts; all by default.")] = None,
    least: Annotated[float, typer.Option(help="Least probability of a facet; 1 - LEAST is the greatest.")] = 0.05,
    engine: Annotated[str, typer.Option(help="Engine; torch for a model that is not exported.")] = "auto",
) -> None:
    """List the sentences for which a model is in doubt about a facet, most doubtful first, to be annotated next."""
    with guarded():
        from claimstance.model.errors import ConfigError
        from claimstance.model.labels import FACETS
        from claimstance.model.predictor import Predictor
        from claimstance.train.audit import doubtful as find
        from claimstance.train.features import read_rows, without_corpora

        facets = [known for known in FACETS if known in (facet or FACETS)]
        if unknown := sorted(set(facet or ()) - set(FACETS)):
            msg = f"--facet: expected {', '.join(FACETS)}, got {', '.join(unknown)}"
            raise ConfigError(msg)
        if split not in ("unlabelled", "train"):
            msg = f"--split: expected unlabelled or train, which are there to be annotated, got {split}"
            raise ConfigError(msg)
        if not 0 < least < 0.5:
            msg = f"--least must lie between 0 and 0.5, got {least}"
            raise ConfigError(msg)
        rows = without_corpora(read_rows(data, split), exclude or [])
        predictor = Predictor.from_pretrained(None if model == "bundled" else model, engine=engine)
        found = find(predictor, rows, least, facets)
        out.parent.mkdir(parents=True, exist_ok=True)
        found.to_csv(out, index=False)
        typer.echo(f"{len(found)} sentences in doubt: {out}")


def export(
    model: Annotated[Path, typer.Argument(help="A trained model folder, runs/NAME/model.")],
    data: Data,
    out: Out,
    out_of_fold: Annotated[Path | None, typer.Option(help="Parquet that `crossfit` wrote.")] = None,
) -> None:
    """Calibrate a trained model on held-out data and write the compact folder that prediction loads."""
    with guarded():
        from claimstance.train.finish import finish

        folder = finish(model, data, out, out_of_fold)
        typer.echo(f"model {folder.revision}: {folder.path}")


def average(
    models: Annotated[
        list[Path], typer.Argument(help="Model folders that went on from one another, or from one base.")
    ],
    out: Out,
) -> None:
    """Write the model whose weights are the mean of several; `export` it to have it calibrated and quantised."""
    with guarded():
        from claimstance.train.average import average_models

        typer.echo(f"model: {average_models(models, out).path}")


def round_weights(
    model: Annotated[Path, typer.Argument(help="A trained model folder, runs/NAME/model.")],
    out: Out,
    bits: Annotated[int, typer.Option(help="Bits a weight, 2 to 8.")] = 4,
) -> None:
    """Round a model's matrices to a few bits, to measure what weight-only quantisation would cost in score."""
    with guarded():
        from claimstance.train.rounding import round_model

        folder, size = round_model(model, out, bits)
        typer.echo(f"{bits} bits a weight: {size / 1e6:.1f} MB; rounded model: {folder.path}")
