"""Writing a report folder: ``metrics.json``, ``predictions.parquet``, ``plots/*.png`` and ``report.html``."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from claimstance.eval.evaluation import confident_errors
from claimstance.eval.metrics.scores import TOGETHER
from claimstance.eval.predictions import write_predictions
from claimstance.eval.report import html, plots, tables
from claimstance.eval.report.notes import ABOUT, CAPTIONS
from claimstance.eval.report.serialise import METRICS_FILE, evaluation_record, write_json
from claimstance.eval.systems import PREDICTIONS_FILE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from claimstance.eval.config import EvalConfig
    from claimstance.eval.evaluation import ConfidentError, Evaluation
    from claimstance.eval.examples import Examples
    from claimstance.eval.predictions import Predictions
    from claimstance.eval.report.beside import Beside

REPORT_FILE = "report.html"
PLOT_FOLDER = "plots"


@dataclass(frozen=True, slots=True)
class Extras:
    """What may stand in a report beside the evaluation itself.

    Attributes:
        beside: Other systems' results on the same data.
        learning: Learning curves: by score, training sentences and the score.
        speed: Rows of a speed benchmark, headers first; empty for none.
    """

    beside: Sequence[Beside] = ()
    learning: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    speed: tables.TextTable | None = None


def write_report(
    folder: Path,
    evaluation: Evaluation,
    examples: Examples,
    predictions: Predictions,
    config: EvalConfig,
    extras: Extras | None = None,
) -> Path:
    """Write the report folder and return the path of the HTML page.

    The page quotes sentences of the data; mind their licence before you pass it on. The other files hold no text.
    """
    extras = extras or Extras()
    (folder / PLOT_FOLDER).mkdir(parents=True, exist_ok=True)
    record = evaluation_record(evaluation, config)
    write_json(record, folder / METRICS_FILE)
    write_predictions(predictions, folder / PREDICTIONS_FILE)
    drawn = draw(evaluation, extras)
    for name, png in drawn.items():
        (folder / PLOT_FOLDER / f"{name}.png").write_bytes(png)
    errors = confident_errors(examples.sentences(), evaluation.answers, config.errors_shown)
    page = folder / REPORT_FILE
    page.write_text(render_page(evaluation, record, drawn, errors, extras), encoding="utf-8")
    return page


def draw(evaluation: Evaluation, extras: Extras) -> dict[str, bytes]:
    """Return the plots by name, as PNG bytes."""
    drawn = {
        "confusion": plots.confusion_plot({name: s.confusion for name, s in evaluation.scores.items()}),
        "precision-recall": plots.precision_recall_plot(evaluation.answers),
        "reliability": plots.reliability_plot(evaluation.answers),
        "risk-coverage": plots.risk_coverage_plot(evaluation.abstention),
    }
    if extras.learning:
        drawn["learning-curve"] = plots.learning_curve_plot(extras.learning)
    return drawn


def render_page(
    evaluation: Evaluation,
    record: dict[str, Any],
    drawn: dict[str, bytes],
    errors: Sequence[ConfidentError],
    extras: Extras,
) -> str:
    """Return the HTML page."""
    data = evaluation.data
    groups = [name for name in evaluation.scores if name != TOGETHER]
    left_out = sum(data.left_out.values())
    lead = (
        f"{data.sentences:,} sentences of {data.documents:,} articles, data “{data.name}”; "
        f"{left_out} rows that are no sentences left out; {data.truncated} sentences cut to the longest input."
    )
    figures = {
        name: html.figure(png, alt=f"{name.replace('-', ' ')} plot", caption=CAPTIONS[name])
        for name, png in drawn.items()
    }
    return html.page(
        f"{evaluation.system}: evaluation",
        f"<h1>{html.render(evaluation.system)}</h1><p class='lead'>{html.render(lead)}</p>",
        _tiles(evaluation),
        html.section("Overall", _table(tables.overview_table(evaluation.scores, "")), html.paragraph(ABOUT["overall"])),
        html.section("Beside other systems", *_beside(evaluation, extras)),
        html.section(
            "By label",
            *(_table(tables.label_table(evaluation.scores[n], n)) for n in evaluation.scores),
            figures["confusion"],
            html.paragraph(ABOUT["labels"]),
        ),
        html.section(
            "By facet",
            *(_table(tables.facet_table(evaluation.scores[n], n)) for n in evaluation.scores),
            figures["precision-recall"],
        ),
        html.section("Calibration", figures["reliability"], html.paragraph(ABOUT["calibration"])),
        html.section("Abstaining", _table(tables.abstention_table(evaluation.abstention)), figures["risk-coverage"]),
        html.section("By corpus", _table(tables.overview_table(evaluation.corpora, ""))),
        html.section(
            "Non-sentences", _table(tables.detection_table(evaluation.detection)) if evaluation.detection else ""
        ),
        html.section("Outside benchmarks", *_outside(evaluation)),
        html.section("Learning curve", figures.get("learning-curve", "")),
        html.section("Speed", _table(extras.speed) if extras.speed else ""),
        html.section("Most confident errors", *_errors(errors)),
        html.section("How this was made", *_origin(record, groups)),
    )


def _tiles(evaluation: Evaluation) -> str:
    shown = [("macro-F1, four labels", evaluation.together.macro_f1)]
    shown += [(f"{label} F1", evaluation.together.labels[label].f1) for label in ("threat", "forecast")]
    natural = evaluation.scores.get("natural", evaluation.together)
    shown.append(("calibration error" + (", natural" if "natural" in evaluation.scores else ""), natural.ece))
    tiles = []
    for name, estimate in shown:
        low, high = tables.number(estimate.low), tables.number(estimate.high)
        tiles.append(
            f'<div class="tile"><b>{tables.number(estimate.value)}</b>{html.render(name)}<br>'
            f"<span>{low} to {high}</span></div>"
        )
    return f'<div class="tiles">{"".join(tiles)}</div>'


def _table(table: tables.TextTable) -> str:
    return html.table([*table.headers], [[_cell(c) for c in row] for row in table.rows], table.title)


def _cell(text: str) -> html.Cell:
    value, bracket, interval = text.partition(" [")
    if not bracket:
        return text
    return html.Markup(f"{html.render(value)} <small>[{html.render(interval)}</small>")


def _beside(evaluation: Evaluation, extras: Extras) -> list[str]:
    if not extras.beside:
        return []
    from claimstance.eval.report.beside import beside_table

    return [_table(beside_table(evaluation, extras.beside))]


def _outside(evaluation: Evaluation) -> list[str]:
    if not evaluation.outside:
        return []
    parts = [html.paragraph(ABOUT["outside"]), _table(tables.outside_table(evaluation.outside))]
    for result in evaluation.outside:
        parts += [f"<h3>{html.render(result.name)}</h3>", html.paragraph(result.gap), html.paragraph(result.published)]
    return parts


def _errors(errors: Sequence[ConfidentError]) -> list[str]:
    parts = []
    for error in errors:
        state = ", inside an open quotation" if error.quotation_open else ""
        before = f'<p class="before">… {html.render(error.previous)}</p>' if error.previous else ""
        parts.append(
            f'<div class="error">{before}<p>{html.render(error.text)}</p><p class="meta">'
            f"annotated {html.badge(error.annotated).html} ({error.annotated_probability:.1%}), "
            f"predicted {html.badge(error.predicted).html} ({error.confidence:.1%}){state} · "
            f"{html.render(error.document)} · {html.render(error.sampling)} · {html.render(error.id)}</p></div>"
        )
    return parts


def _origin(record: dict[str, Any], groups: Sequence[str]) -> list[str]:
    facts = {
        "command": record["command"],
        "created": record["created"],
        "git commit": record["git_commit"],
        "data": f"{record['data']['name']}, SHA-256 {record['data']['sha256']}",
        "samplings": ", ".join(groups),
        "system": json.dumps({k: v for k, v in record["about"].items() if k != "training"}),
        "settings": json.dumps(record["config"]),
        "versions": json.dumps(record["versions"]),
    }
    text = "\n".join(f"{name:11} {value}" for name, value in facts.items())
    return [f"<pre>{html.render(text)}</pre>", *(html.paragraph(ABOUT[k]) for k in ("intervals", "annotators"))]
