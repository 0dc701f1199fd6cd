"""``claimstance card``: the model card, written from measured files."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated

import typer

from claimstance.cli.guard import guarded

if TYPE_CHECKING:
    from claimstance.model.artifact import ModelFolder

PLOTS = {"confusion.png": "card-confusion.png", "reliability.png": "card-reliability.png"}
"""Plots of a report and their names beside the card; the same as in ``claimstance.eval.card``."""


def card(
    report: Annotated[Path, typer.Option(help="Report folder of `claimstance evaluate` on this model.")],
    model: Annotated[str, typer.Option(help="The model: a folder or `bundled`.")] = "bundled",
    probe: Annotated[Path | None, typer.Option(help="probe.json of `claimstance probe` on this model.")] = None,
    beside: Annotated[list[Path] | None, typer.Option(help="Report of another system, to show beside.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Default: README.md in the model folder.")] = None,
) -> None:
    """Write a model card: scores, confusion matrix, calibration, probes, training, limits."""
    with guarded():
        import shutil

        from claimstance.eval.card import CardInputs, render_card
        from claimstance.eval.report.beside import read_beside
        from claimstance.eval.report.serialise import read_metrics
        from claimstance.model.artifact import load_folder
        from claimstance.model.errors import InputError

        folder = load_folder(None if model == "bundled" else model)
        evaluation = read_metrics(report, "evaluation")
        probed = None if probe is None else read_metrics(probe, "probe")
        for path, record in ((report, evaluation), (probe, probed)):
            if record is not None and (found := record["about"].get("revision")) != folder.revision:
                msg = f"{path} is about revision {found}, {folder.path} is {folder.revision}; measure this model first"
                raise InputError(msg)
        inputs = CardInputs(
            settings=folder.settings,
            evaluation=evaluation,
            beside=read_beside(beside or [], evaluation["data"]["sha256"]),
            probe=probed,
            parameters=_parameters(folder),
            sizes={name: (folder.path / name).stat().st_size for name in folder.settings.files},
        )
        target = out or folder.path / "README.md"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(render_card(inputs), encoding="utf-8")
        for source, name in PLOTS.items():
            shutil.copyfile(report / "plots" / source, target.parent / name)
        typer.echo(f"card: {target}", err=True)


def _parameters(folder: ModelFolder) -> int | None:
    weights = folder.path / "model.safetensors"
    if not weights.is_file():
        return None
    import json
    import math

    # The header of a safetensors file: eight bytes of length, then JSON with the shape of each tensor.
    with weights.open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return sum(math.prod(entry["shape"]) for name, entry in header.items() if name != "__metadata__")
