"""``claimstance ablate``: what single changes to a training recipe bring."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import Annotated

import typer

from claimstance.cli.guard import guarded


def ablate(
    config: Annotated[Path, typer.Argument(help="An ablation YAML, such as configs/ablation.yaml.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the runs and ablation.json.")],
    base: Annotated[str | None, typer.Option(help="Base encoder of all variants: folder or hub id.")] = None,
    data: Annotated[str | None, typer.Option(help="Folder that `corpus build` wrote.")] = None,
) -> None:
    """Train variants of a recipe and judge each on training documents that it never saw.

    What is there already is not trained again, so the same command goes on after an interruption.
    """
    with guarded():
        from dataclasses import asdict

        from claimstance.cli.tables import echo_table
        from claimstance.eval.report.serialise import write_json
        from claimstance.eval.report.tables import TextTable, number
        from claimstance.train.ablation import MEASURES, AblationRow, load_ablation
        from claimstance.train.ablation import ablate as run
        from claimstance.train.memory import keep_freed_memory

        keep_freed_memory()
        settings = load_ablation(config)
        changes = {key: value for key, value in {"base": base, "data": data}.items() if value is not None}

        def report(row: AblationRow) -> None:
            typer.echo(f"{row.variant}: macro-F1 {row.scores['macro_f1']:.3f}, {row.seconds:.0f} s", err=True)

        rows = run(settings, out, changes, report)
        headers = ["variant", *(name.removeprefix("label.").removesuffix(".f1") for name in MEASURES), "gain [95%]"]
        headers.append("quote wrong in open quotation")
        cells = [
            [
                row.variant,
                *(number(row.scores[name]) for name in MEASURES),
                f"{row.gain:+.3f} [{row.low:+.3f}, {row.high:+.3f}]",
                f"{row.opened_wrong} of {row.opened}",
            ]
            for row in rows
        ]
        echo_table(TextTable(f"{rows[0].rows:,} held-out sentences", headers, cells))
        write_json(
            {"config": settings.model_dump(mode="json"), "rows": [asdict(row) for row in rows]}, out / "ablation.json"
        )
