"""What makes a sentence of the authored corpus hard: phenomenon tags, stand-off by contrast group and row."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from claimstance.model.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

PHENOMENA = {
    "announced_measure": "threat: a hostile measure is planned, prepared or considered",
    "conditional_threat": "threat: what the speaker will do if, or unless",
    "threat_and_forecast": "threat and forecast in one sentence",
    "threat_named": 'threat: called one ("threatened to", "threatening")',
    "threat_received": "threat: reported by the one who got it, no threatener named",
    "ultimatum": "threat: a deadline with a penalty",
    "veiled_threat": "threat: no harm is named, it is understood",
    "expected": "forecast: expected, projected, poised, set to",
    "forecast_in_quote": "forecast that is somebody else's words or view",
    "likely": "forecast: likely, probably, odds, look",
    "modal_forecast": "forecast: could, may, might",
    "past_forecast": "forecast: made in the past, open when made",
    "unlikely": "forecast that something will not happen: unlikely, doubtful, little chance",
    "will_forecast": "forecast: will or would, an outcome nobody decides",
    "direct_quote": "quote: in quotation marks",
    "indirect_quote": "quote: said that, told, asked",
    "late_attribution": "quote: the source comes last or in the middle",
    "open_quotation": "quote: quotation marks and no speaker in the sentence",
    "speech_act": "quote: blamed, praised, described as, apologised, called on",
    "cue_word_lookalike": "a cue word in another sense: the threat was made, threatened little, forecast office",
    "harm_done": "harm that is done already, so no threat",
    "hazard_lookalike": "danger or fear without a threatening actor",
    "if_lookalike": "if without threat or forecast: rules, arrangements, the past",
    "mention_without_content": "a meeting or a talk, nothing of what was said",
    "modal_lookalike": "will, may, could in another sense: ability, names, habits",
    "outcome_known": "the outcome is known, so no forecast",
    "past_uncertainty": "may have: not about the future",
    "plan_or_hope": "a plan, hope or aim, so no forecast",
    "quoted_title": "quotation marks around a title or a scare quote, so no quote of its own",
    "schedule_lookalike": "an arrangement or date, so neither forecast nor threat",
    "headline": "headline style",
    "long_sentence": "over forty words",
    "negation": "a negation that changes nothing, or everything",
    "question": "a question",
}
"""Tags and what they mean."""


def read_tags(path: Path) -> dict[str, tuple[str, ...]]:
    """Read tags by sentence id.

    Args:
        path: CSV with the columns ``group``, ``row`` (from 1, within the group) and ``phenomena`` (several of them).

    Returns:
        Tags by the id that the corpus build gives: ``authored-GROUP-ROW``.

    Raises:
        InputError: If the file cannot be read or a tag is unknown.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        tags = {f"authored-{row['group']}-{row['row']}": tuple(row["phenomena"].split()) for row in rows}
    except (OSError, KeyError, UnicodeDecodeError) as error:
        msg = f"phenomenon tags cannot be read from {path}: {error!r}"
        raise InputError(msg) from error
    if unknown := sorted({tag for found in tags.values() for tag in found} - set(PHENOMENA)):
        msg = f"{path}: unknown phenomena {', '.join(unknown)}; known are {', '.join(PHENOMENA)}"
        raise InputError(msg)
    return tags
