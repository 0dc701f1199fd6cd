"""``claimstance train``: fine-tune a model from a configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def train(
    config: Annotated[Path, typer.Argument(help="A training YAML, or a shipped one's name: minilm-l6.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The run's folder; runs/NAME by default.")] = None,
    base: Annotated[str | None, typer.Option(help="Base encoder: folder or hub id.")] = None,
    data: Annotated[str | None, typer.Option(help="Folder that `corpus build` wrote.")] = None,
    targets: Annotated[Path | None, typer.Option(help="Parquet that `teach` wrote.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="Override, as in optimisation.epochs=1.")] = None,
) -> None:
    """Fine-tune a model. The same command after an interruption goes on from the last checkpoint."""
    from claimstance.cli.guard import guarded

    with guarded():
        from claimstance.train.config import load_train_config, override, parse_changes
        from claimstance.train.memory import keep_freed_memory
        from claimstance.train.run import train as run

        keep_freed_memory()
        changes = parse_changes(set_ or [])
        changes |= {k: str(v) for k, v in {"base": base, "data": data, "seed": seed}.items() if v is not None}
        if targets is not None:
            changes["distillation.targets"] = str(targets)
        settings = override(load_train_config(config), changes)
        result = run(settings, out or Path("runs") / settings.name)
        scores = "  ".join(f"{name} {value:.3f}" for name, value in result.dev.items())
        typer.echo(f"dev: {scores}")
        typer.echo(f"model: {result.model.path}")
