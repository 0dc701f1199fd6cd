"""The command line."""

from __future__ import annotations

from importlib.metadata import version as installed_version
from typing import Annotated

import typer

from claimstance.cli.ablate import ablate
from claimstance.cli.benchmark import benchmark
from claimstance.cli.card import card
from claimstance.cli.compare import compare
from claimstance.cli.corpus import app as corpus_app
from claimstance.cli.evaluate import evaluate
from claimstance.cli.label import EPILOG, label
from claimstance.cli.model import audit, augment, average, crossfit, doubtful, export, prune, round_weights, teach
from claimstance.cli.probe import probe
from claimstance.cli.train import train

app = typer.Typer(
    name="claimstance",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(installed_version("claimstance"))
        raise typer.Exit


@app.callback()
def claimstance(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Label each sentence of a news article as a fact, a quote, a threat or a forecast."""


app.command(epilog=EPILOG)(label)
for command in (
    train,
    augment,
    teach,
    crossfit,
    ablate,
    audit,
    doubtful,
    export,
    prune,
    average,
    round_weights,
    evaluate,
    compare,
    probe,
    benchmark,
    card,
):
    app.command()(command)
app.add_typer(corpus_app, name="corpus")
