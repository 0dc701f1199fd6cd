"""``claimstance compare``: is one system better than another?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from claimstance.cli.evaluate import SYSTEM
from claimstance.cli.guard import guarded


def compare(
    first: Annotated[str, typer.Argument(help=SYSTEM)],
    second: Annotated[str, typer.Argument(help="As the first.")],
    data: Annotated[Path, typer.Option(help="Folder that `corpus build` wrote.")] = Path("data"),
    split: Annotated[str, typer.Option(help="Split to compare on.")] = "test",
    sampling: Annotated[str, typer.Option(help="Only rows of this sampling, such as natural; default: all.")] = "",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="JSON file for the result.")] = None,
    engine: Annotated[str, typer.Option(help="Engine of models: onnx, the same everywhere; auto; torch.")] = "onnx",
    device: Annotated[str, typer.Option(help="Device of models.")] = "cpu",
    encoder: Annotated[Path | None, typer.Option(help="Pretrained encoder, for baseline:encoder.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings; default: the shipped eval.yaml.")] = None,
) -> None:
    """Compare two systems on the same sentences: paired bootstrap over articles, and exact McNemar.

    The difference is the second minus the first. Systems may be models, saved predictions or baselines.
    """
    with guarded():
        from claimstance.cli.tables import echo_table
        from claimstance.eval.config import load_eval_config
        from claimstance.eval.examples import read_examples
        from claimstance.eval.metrics.comparison import compare as measure
        from claimstance.eval.report.serialise import comparison_record, write_json
        from claimstance.eval.report.tables import comparison_table
        from claimstance.eval.systems import SystemOptions, predict_with
        from claimstance.model.errors import InputError

        settings = load_eval_config(config)
        options = SystemOptions(data=data, engine=engine, device=device, encoder=encoder, config=settings)
        examples = read_examples(data, split).sentences()
        if sampling:
            kinds = sorted(set(examples.sampling.tolist()))
            if sampling not in kinds:
                msg = f"no sentence of sampling {sampling!r} in {split}; there are {', '.join(kinds)}"
                raise InputError(msg)
            examples = examples.take(examples.sampling == sampling)
        systems = [predict_with(name, examples, options) for name in (first, second)]
        answers = [predictions.answers(examples) for predictions in systems]
        result = measure(answers[0], answers[1], settings.bootstrap.build())
        names = [predictions.system for predictions in systems]
        names = names if names[0] != names[1] else [f"{names[0]} (1)", f"{names[1]} (2)"]
        test = result.mcnemar
        same = f"{result.same_label:.1%} with the same label"
        typer.echo(f"{result.sentences:,} sentences of {result.documents:,} articles; {same}")
        echo_table(comparison_table(result, names[0], names[1]))
        typer.echo(
            f"\nExact McNemar on label accuracy: only first right {test.only_first}, only second right "
            f"{test.only_second}, p = {test.p_value:.4g} (takes sentences as independent)"
        )
        if out is not None:
            write_json(comparison_record(result, names[0], names[1], examples.sha256, settings), out)
