"""The tables of the probes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimstance.eval.probes.phenomena import PHENOMENA
from claimstance.eval.report.tables import DASH, TextTable, number, percent, with_interval
from claimstance.model.labels import FACETS

if TYPE_CHECKING:
    from claimstance.eval.probes.behaviour import InvarianceResult
    from claimstance.eval.probes.run import ProbeResults


def probe_tables(results: ProbeResults) -> list[TextTable]:
    """Return all tables of a probe."""
    contrast = results.contrast
    summary = [
        ["sentences with the right label", with_interval(contrast.accuracy)],
        ["groups with every label right", with_interval(contrast.groups_right)],
        ["sentences with all three facets right", with_interval(contrast.facets_right)],
        *([f"{label} sentences with the right label", number(v)] for label, v in contrast.by_label.items()),
        ["plain sentences of the behavioural tests", number(results.own_sentences)],
    ]
    title = f"Held-out contrast groups: {contrast.sentences} sentences in {contrast.groups} groups"
    return [
        TextTable(title, ["", "share"], summary),
        TextTable(
            "By phenomenon, the hardest first",
            ["phenomenon", "right", "of", "accuracy", "95% interval", "what it is"],
            [
                [
                    p.name,
                    str(p.right),
                    str(p.sentences),
                    number(p.accuracy),
                    f"{p.low:.2f} to {p.high:.2f}",
                    PHENOMENA.get(p.name, ""),
                ]
                for p in contrast.phenomena
            ],
        ),
        TextTable(
            "Invariance: what should not matter",
            ["change", "pairs", "same input by construction", "same label of the others", "mean shift"],
            [_invariance_row(r) for r in results.invariance],
        ),
        TextTable(
            "Direction: what should matter",
            ["change", "pairs", "moved", "crossed the threshold"],
            [[r.kind, str(r.pairs), percent(r.moved), percent(r.crossed)] for r in results.directional],
        ),
        TextTable(
            "Bias: names substituted in the same sentences",
            ["attribute", "sentences", "fillers", "same label for all", *(f"spread of {f}" for f in FACETS)],
            [
                [
                    r.attribute,
                    str(r.sentences),
                    str(len(r.fillers)),
                    percent(r.same_label),
                    *(number(r.spread[f]) for f in FACETS),
                ]
                for r in results.bias
            ],
        ),
    ]


def _invariance_row(result: InvarianceResult) -> list[str]:
    same_input = DASH if result.same_input is None else str(result.same_input)
    stayed = "no pair differs" if result.same_input == result.pairs else percent(result.same_label)
    return [result.change, str(result.pairs), same_input, stayed, number(result.mean_shift)]
