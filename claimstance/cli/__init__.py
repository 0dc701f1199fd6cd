"""The command line."""

from __future__ import annotations

import typer

from claimstance.cli.benchmark import benchmark
from claimstance.cli.card import card
from claimstance.cli.compare import compare
from claimstance.cli.corpus import app as corpus_app
from claimstance.cli.evaluate import evaluate
from claimstance.cli.label import EPILOG, label
from claimstance.cli.model import audit, augment, crossfit, export, round_weights, teach
from claimstance.cli.probe import probe
from claimstance.cli.train import train

app = typer.Typer(
    name="claimstance",
    help="Label each sentence of a news article as a fact, a quote, a threat or a forecast.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)

app.command(epilog=EPILOG)(label)
for command in (
    train,
    augment,
    teach,
    crossfit,
    audit,
    export,
    round_weights,
    evaluate,
    compare,
    probe,
    benchmark,
    card,
):
    app.command()(command)
app.add_typer(corpus_app, name="corpus")
