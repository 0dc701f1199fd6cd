"""``claimstance probe``: what a model understands, by contrast groups and behavioural tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from claimstance.cli.guard import guarded

if TYPE_CHECKING:
    from claimstance.eval.examples import Examples


def probe(
    system: Annotated[str, typer.Argument(help="A model folder or hub id, `bundled`, or baseline:NAME.")] = "bundled",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder for probe.json.")] = None,
    data: Annotated[Path, typer.Option(help="Folder that `corpus build` wrote, for baselines.")] = Path("data"),
    engine: Annotated[
        str, typer.Option(help="Engine of a model: onnx, the same everywhere; auto, as `label`; torch.")
    ] = "onnx",
    device: Annotated[str, typer.Option(help="Device of a model.")] = "cpu",
    encoder: Annotated[Path | None, typer.Option(help="Pretrained encoder, for baseline:encoder.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings; default: the shipped eval.yaml.")] = None,
) -> None:
    """Probe a system with own sentences; needs no corpus.

    Held-out contrast groups, by phenomenon; changes that should not matter, and changes that should; names of
    countries, parties and genders substituted.
    """
    with guarded():
        from claimstance.cli.tables import echo_table
        from claimstance.eval.config import load_eval_config
        from claimstance.eval.probes.phenomena import read_tags
        from claimstance.eval.probes.run import probe as run_probes
        from claimstance.eval.report.probe_tables import probe_tables
        from claimstance.eval.report.serialise import probe_record, write_json
        from claimstance.eval.systems import SystemOptions, predictor_of

        settings = load_eval_config(config)
        options = SystemOptions(data=data, engine=engine, device=device, encoder=encoder, config=settings)
        tags = read_tags(_package_file("authored_tags.csv"))
        results = run_probes(predictor_of(system, options), held_out_groups(), tags, settings.bootstrap.build())
        typer.echo(results.system)
        for table in probe_tables(results):
            echo_table(table)
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            write_json(probe_record(results, settings), out / "probe.json")


def held_out_groups() -> Examples:
    """Return the contrast groups of the authored corpus that are never trained on."""
    from claimstance.eval.examples import make_examples
    from claimstance.model.artifact import sha256
    from claimstance.model.labels import FACETS, codes_to_facets
    from claimstance.train.corpus.authored import HELD_OUT_SPLIT, read_authored

    path = _package_file("authored.tsv")
    rows = [r for r in read_authored(path, "authored", hold_out=True) if r.split == HELD_OUT_SPLIT]
    facets = [codes_to_facets(r.codes) for r in rows]
    columns: dict[str, list[Any]] = {
        "id": [r.id for r in rows],
        "corpus": [r.corpus for r in rows],
        "doc": [r.doc for r in rows],
        "text": [r.text for r in rows],
    }
    for f, facet in enumerate(FACETS):
        columns[facet] = [held[f] for held in facets]
    return make_examples(columns, sha256(path))


def _package_file(name: str) -> Path:
    from importlib.resources import files

    return Path(str(files("claimstance.train") / "data" / name))
