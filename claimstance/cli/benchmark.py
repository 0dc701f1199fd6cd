"""``claimstance benchmark``: how fast it labels here, beside what a user would do instead."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it at run time
from typing import TYPE_CHECKING, Annotated

import typer

from claimstance.cli.guard import guarded

if TYPE_CHECKING:
    from claimstance.eval.speed.sentences import Sentences


def benchmark(
    model: Annotated[str | None, typer.Option(help="Model folder; default: the bundled model.")] = None,
    data: Annotated[Path | None, typer.Option(help="Measure on the test split of this built corpus.")] = None,
    file: Annotated[Path | None, typer.Option(help="Measure on this text file, one sentence a line.")] = None,
    limit: Annotated[int | None, typer.Option(help="Take only so many sentences.", min=1)] = None,
    rounds: Annotated[int, typer.Option(help="Rounds; every contestant runs in each.", min=1)] = 5,
    only: Annotated[list[str] | None, typer.Option(help="Only contestants whose name holds this.")] = None,
    growth: Annotated[str, typer.Option(help="Sizes of input for the growth of cost, or none.")] = "1000,10000,100000",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for speed.json, speed.png and growth.png.")
    ] = None,
) -> None:
    """Measure speed, memory and agreement with float32, on the same sentences and weights in one run.

    Without --data or --file it takes the authored sentences that ship with the package.
    """
    with guarded():
        from claimstance.cli.tables import echo_table
        from claimstance.eval.speed.benchmark import run_benchmark
        from claimstance.eval.speed.show import growth_plot, growth_table, peak_table, speed_plot, speed_table
        from claimstance.model.artifact import resolve

        found = run_benchmark(
            str(resolve(model)),
            _sentences(data, file, limit),
            rounds,
            only or (),
            _sizes(growth),
            lambda line: typer.echo(line, err=True),
        )
        echo_table(speed_table(found))
        if found.peaks:
            echo_table(peak_table(found))
        if found.growth:
            echo_table(growth_table(found))
        for name, why in found.left_out.items():
            typer.echo(f"left out: {name}: {why}", err=True)
        if out is not None:
            import json

            out.mkdir(parents=True, exist_ok=True)
            (out / "speed.json").write_text(json.dumps(found.to_dict(), indent=2) + "\n", encoding="utf-8")
            (out / "speed.png").write_bytes(speed_plot(found))
            if found.growth:
                (out / "growth.png").write_bytes(growth_plot(found))


def _sentences(data: Path | None, file: Path | None, limit: int | None) -> Sentences:
    from dataclasses import replace

    from claimstance.eval.speed import sentences
    from claimstance.model.errors import ConfigError

    if data is not None and file is not None:
        msg = "give --data or --file, not both"
        raise ConfigError(msg)
    found = sentences.from_file(file) if file else sentences.from_corpus(data) if data else sentences.authored()
    labels = None if found.labels is None else found.labels[:limit]
    return replace(found, texts=found.texts[:limit], labels=labels)


def _sizes(text: str) -> list[int]:
    from claimstance.model.errors import ConfigError

    if text in ("", "none"):
        return []
    try:
        sizes = [int(part.replace("_", "")) for part in text.split(",")]
    except ValueError as error:
        msg = f"--growth takes numbers with commas between, such as 1000,10000, or none; got {text!r}"
        raise ConfigError(msg) from error
    if min(sizes) < 1:
        msg = f"--growth sizes must be at least 1, got {text!r}"
        raise ConfigError(msg)
    return sizes
