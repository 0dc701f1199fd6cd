"""``claimstance corpus build``: the annotations and the public texts joined into Parquet files."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from claimstance.eval.corpora import FetchedFile
    from claimstance.train.corpus import BuildReport

app = typer.Typer(help="Build the training corpus from stand-off annotations and public texts.", no_args_is_help=True)


@app.callback()
def corpus() -> None:
    """Build the training corpus from stand-off annotations and public texts."""


@app.command()
def build(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the Parquet files and the report.")],
    source: Annotated[
        Path | None,
        typer.Option(help="Folder of the corpora. Without it they are fetched at their pinned commits."),
    ] = None,
    extra_authored: Annotated[
        list[Path] | None,
        typer.Option(help="Further own sentences for training (columns group, codes, topic, text). May be repeated."),
    ] = None,
    allow_mismatches: Annotated[
        bool, typer.Option("--allow-mismatches", help="Leave annotations out that do not match, instead of failing.")
    ] = False,
    cache: Annotated[Path | None, typer.Option(help="Where fetched corpora are kept; default: OUT/sources.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="Description of the corpora; default: the shipped corpora.yaml.")
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(envvar="CLAIMSTANCE_CORPORA_URL", help="A mirror laid out BASE/OWNER/NAME/COMMIT/PATH."),
    ] = None,
) -> None:
    """Join the annotations with the texts they point into, check every hash and leak, and write Parquet files.

    Every annotation that does not match is listed in OUT/mismatches.csv.
    """
    from claimstance.cli.guard import guarded

    with guarded():
        from claimstance.eval.corpora.config import load_corpora_config
        from claimstance.train.corpus import build_corpus

        report = build_corpus(
            source,
            out,
            extra_authored=extra_authored or (),
            allow_mismatches=allow_mismatches,
            cache=cache,
            config=None if config is None else load_corpora_config(config),
            base_url=base_url,
            on_file=_show,
        )
    _print(report)
    typer.echo(f"written to {out}; report.json says more")


@app.command()
def fetch(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder that gets one sub-folder a corpus.")],
    name: Annotated[list[str] | None, typer.Option(help="A corpus to fetch; default: all. May be repeated.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="Description of the corpora; default: the shipped corpora.yaml.")
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(envvar="CLAIMSTANCE_CORPORA_URL", help="A mirror laid out BASE/OWNER/NAME/COMMIT/PATH."),
    ] = None,
) -> None:
    """Download the public corpora at their pinned commits and check every file's hash, for `build --source`."""
    from claimstance.cli.guard import guarded

    with guarded():
        from claimstance.eval.corpora import fetch_corpora, load_corpora_config

        files = fetch_corpora(load_corpora_config(config), out, names=name or None, base_url=base_url, on_file=_show)
    typer.echo(f"{len(files)} files in {out}, {sum(file.downloaded for file in files)} of them downloaded now")


def _show(file: FetchedFile) -> None:
    if file.downloaded:
        typer.echo(f"fetched {file.path}", err=True)


def _print(report: BuildReport) -> None:
    for split, counts in report.counts.items():
        typer.echo(f"{split:14}" + "  ".join(f"{name} {n:,}" for name, n in counts.items()))
    typer.echo(f"{'unlabelled':14}{sum(report.unlabelled.values()):,}")
    typer.echo(f"left out of train because they give an evaluation sentence away: {len(report.dropped)}")
    typer.echo(f"annotations that did not match and were left out: {len(report.mismatches)}")
