"""The model card: Markdown written from measured files; no number is typed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from claimstance.eval.report.beside import Beside, as_estimate, comparison_rows
from claimstance.eval.report.tables import TextTable, number, percent, with_interval
from claimstance.model.labels import FACETS, LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from claimstance.model.settings import ModelSettings

CONFUSION_FILE = "card-confusion.png"
RELIABILITY_FILE = "card-reliability.png"
"""Plots that stand beside the card."""


@dataclass(frozen=True, slots=True)
class CardInputs:
    """What a card is written from.

    Attributes:
        settings: The model's ``claimstance.json``.
        evaluation: ``metrics.json`` of the model on the test split.
        beside: The same of other systems on the same data.
        probe: ``probe.json`` of the model.
        parameters: Number of weights, or None if it is not known.
        sizes: Bytes of each file.
    """

    settings: ModelSettings
    evaluation: Mapping[str, Any]
    beside: Sequence[Beside]
    probe: Mapping[str, Any] | None
    parameters: int | None
    sizes: Mapping[str, int]


def render_card(inputs: CardInputs) -> str:
    """Return the card as Markdown with a header that model hubs read."""
    parts = [
        _header(inputs),
        f"# {inputs.settings.name}",
        _INTRODUCTION,
        _use(inputs),
        "## Scores",
        _scores(inputs),
        _probes(inputs.probe) if inputs.probe is not None else "",
        "## Training",
        training_section(inputs.settings),
        "## Limits",
        _LIMITS + _threat_limit(inputs.evaluation),
        "## How these numbers were made",
        _origin(inputs),
    ]
    return "\n\n".join(p.strip("\n") for p in parts if p) + "\n"


_INTRODUCTION = (
    "Labels each sentence of an English news article as a **fact**, a **quote**, a **threat** or a **forecast**. The "
    "network answers three independent questions a sentence (is it attributed to somebody, does an actor threaten "
    "harm, does it judge the future); the label is the first that holds of threat, forecast, quote, otherwise fact. "
    "“Fact” means that none of the three holds: it does not mean that the sentence is true."
)

_LIMITS = """\
- Annotations were made by language models under a written guideline; no person labelled the sentences. Scores say how
  far this model agrees with them, not with people.
- English news prose, mostly of agencies and large papers. Other languages, social media, fiction and legal text were
  not measured.
- It does not check facts. It must not be the only ground for a decision about a person.
- Intended for research, newsroom tools and media monitoring with a person who reads the results."""


def _threat_limit(record: Mapping[str, Any]) -> str:
    natural = record["scores"].get("natural")
    if natural is None:
        return ""
    threat = natural["labels"]["threat"]
    precision = with_interval(as_estimate(threat["precision"]))
    share = percent(as_estimate(threat["annotated_share"]).value)
    return (
        f"\n- Threats are rare: {share} of the sentences of whole articles. There, the precision of the label is "
        f"{precision};\n  read what is flagged before you count it."
    )


def _header(inputs: CardInputs) -> str:
    together = inputs.evaluation["scores"]["together"]
    return "\n".join(
        [
            "---",
            "language: en",
            "license: apache-2.0",
            "library_name: claimstance",
            "pipeline_tag: text-classification",
            "tags: [news, quotation, threat, forecast]",
            "model-index:",
            f"  - name: {inputs.settings.name}",
            "    results:",
            "      - task: {type: text-classification, name: news sentence stance}",
            f"        dataset: {{type: claimstance, name: claimstance {inputs.evaluation['data']['name']}}}",
            "        metrics:",
            f"          - {{type: f1, name: macro-F1, value: {number(together['macro_f1']['value'], 4)}}}",
            f"          - {{type: accuracy, value: {number(together['accuracy']['value'], 4)}}}",
            "---",
        ]
    )


def _use(inputs: CardInputs) -> str:
    settings = inputs.settings
    size = f"{inputs.parameters / 1e6:.1f} million parameters; " if inputs.parameters else ""
    files = ", ".join(f"`{name}` {bytes_ / 1e6:.1f} MB" for name, bytes_ in inputs.sizes.items())
    context = {
        "none": "the sentence alone",
        "quotation": "the sentence, and whether it begins inside an open quotation",
        "previous": "the sentence and the one before it",
        "both": "the sentence, the one before it, and whether it begins inside an open quotation",
    }[settings.input.context]
    return (
        "```python\nfrom claimstance import Predictor\n\npredictor = Predictor.from_pretrained()\n"
        "for sentence in predictor.label_article(text):\n"
        "    print(sentence.label, sentence.score, sentence.text)\n```\n\n"
        f"{size}{files}. Input: {context}, at most {settings.input.max_tokens} tokens. The folder is a plain Hugging "
        'Face sequence classifier too, and shows the four labels in `pipeline("text-classification")`, uncalibrated '
        "and without context."
    )


def _scores(inputs: CardInputs) -> str:
    record = inputs.evaluation
    data = record["data"]
    intro = (
        f"{data['sentences']:,} sentences of {data['documents']:,} articles (split “{data['name']}”). In brackets: "
        "95% intervals by resampling articles. “natural” are whole articles, “enriched” were picked to find more "
        "threats, forecasts and hard cases. The test split is never trained or tuned on."
    )
    parts = [intro, markdown_table(_overview(record))]
    parts += [f"**{group}**\n\n{markdown_table(_labels(scores))}" for group, scores in record["scores"].items()]
    parts += ["**Facets, together**", markdown_table(_facets(record["scores"]["together"]))]
    parts += [f"![Confusion matrix]({CONFUSION_FILE})", f"![Calibration]({RELIABILITY_FILE})"]
    if inputs.beside:
        own = Beside(inputs.settings.name, dict(record))
        parts += ["**Beside other systems, same sentences**", markdown_table(comparison_rows([own, *inputs.beside]))]
    if record.get("outside"):
        parts += ["**Outside benchmarks**: human labels under other definitions, never trained on.", _outside(record)]
    return "\n\n".join(parts)


def _overview(record: Mapping[str, Any]) -> TextTable:
    names = {"macro_f1": "macro-F1", "accuracy": "accuracy", "mcc": "MCC", "log_loss": "log-loss", "ece": "ECE"}
    rows = [
        [group, f"{scores['sentences']:,}", *(with_interval(as_estimate(scores[n])) for n in names)]
        for group, scores in record["scores"].items()
    ]
    return TextTable("", ["sentences", "n", *names.values()], rows)


def _labels(scores: Mapping[str, Any]) -> TextTable:
    rows = []
    for label in LABELS:
        s = scores["labels"][label]
        cells = [with_interval(as_estimate(s[n])) for n in ("precision", "recall", "f1")]
        shares = [percent(as_estimate(s[n]).value) for n in ("annotated_share", "predicted_share")]
        rows.append([label, *cells, str(s["annotated"]), *shares])
    return TextTable("", ["label", "precision", "recall", "F1", "n", "annotated share", "predicted share"], rows)


def _facets(scores: Mapping[str, Any]) -> TextTable:
    names = ("precision", "recall", "f1", "average_precision", "ece")
    rows = [[f, *(with_interval(as_estimate(scores["facets"][f][n])) for n in names)] for f in FACETS]
    return TextTable("", ["facet", "precision", "recall", "F1", "average precision", "ECE"], rows)


def _outside(record: Mapping[str, Any]) -> str:
    rows = [
        [r["name"], r["facet"], f"{r['sentences']:,}", f"{r['positive']:,}"]
        + [with_interval(as_estimate(r[n])) for n in ("average_precision", "f1")]
        for r in record["outside"]
    ]
    return markdown_table(TextTable("", ["benchmark", "facet", "n", "positive", "average precision", "F1"], rows))


def _probes(record: Mapping[str, Any]) -> str:
    contrast = record["contrast"]
    hardest = [
        [p["name"].replace("_", " "), f"{p['right']} of {p['sentences']}", f"{p['low']:.2f} to {p['high']:.2f}"]
        for p in contrast["phenomena"]
        if p["sentences"] >= 4
    ][:10]
    bias = [
        [r["attribute"], str(r["sentences"]), str(len(r["fillers"])), percent(r["same_label"])]
        + [number(r["spread"][f]) for f in FACETS]
        for r in record["bias"]
    ]
    changes = [
        [r["change"], str(r["pairs"]), str(r["same_input"]), _stayed(r["pairs"], r["same_input"], r["same_label"])]
        for r in record["invariance"]
    ]
    moves = record["directional"]
    moved = sum(r["moved"] * r["pairs"] for r in moves)
    return "\n\n".join(
        [
            "## Probes",
            f"Contrast groups, held out ({contrast['sentences']} sentences in {contrast['groups']} groups that share "
            f"words and differ in label): {with_interval(as_estimate(contrast['accuracy']))} of the sentences right, "
            f"{with_interval(as_estimate(contrast['groups_right']))} of the groups wholly right. Hardest phenomena:",
            markdown_table(TextTable("", ["phenomenon", "right", "95% interval"], hardest)),
            "Changes that should not matter, and how often the label stayed where the model's input differs:",
            markdown_table(
                TextTable("", ["change", "pairs", "same input by construction", "same label of the others"], changes)
            ),
            f"Changes that should matter: the facet moved the right way in {moved:.0f} of "
            f"{sum(r['pairs'] for r in moves)} pairs.",
            "Names substituted in the same sentences; the spread is the largest difference of a facet's mean "
            "probability between two fillers:",
            markdown_table(
                TextTable("", ["attribute", "sentences", "fillers", "same label for all", *FACETS], bias),
            ),
        ]
    )


def _stayed(pairs: int, same_input: int, same_label: float | None) -> str:
    return "no pair differs" if same_input == pairs else percent(same_label)


def training_section(settings: ModelSettings) -> str:
    """Return what a model's settings say of its making, as Markdown."""
    training = settings.training
    config = training.get("config", {})
    # A run that goes on from another one names that run's folder; an absolute path says nothing to others.
    base = str(config.get("base", "unknown")).rstrip("/")
    started = training.get("started_from")
    known = f", which was `{started['name']}` ({started['revision']})" if started else ""
    lines = [f"- Starts from: `{base.rsplit('/', 1)[-1] if base.startswith('/') else base}`{known}"]
    if pruned := [_pruned(step) for step in training.get("pruning", [])]:
        lines.append(f"- Pruned: {'; '.join(pruned)}")
    if parts := training.get("average_of"):
        named = " and ".join(f"`{part['name']}` ({part['revision']})" for part in parts)
        lines.append(f"- Weights: the mean of {named}; what follows describes the last of them")
    if training.get("data_sha256"):
        hashes = ", ".join(f"`{name}` {digest[:12]}" for name, digest in training["data_sha256"].items())
        lines.append(f"- Data (SHA-256): {hashes}; annotated by language models, see the data card")
    if counts := training.get("annotated_rows"):
        named = ", ".join(f"{corpus} {count:,}" for corpus, count in counts.items())
        lines.append(f"- Annotated sentences: {sum(counts.values()):,} ({named})")
    if config.get("distillation"):
        imitated = " and token states" if config["distillation"].get("states") else ""
        lines.append(f"- Distilled from a larger teacher's facet probabilities{imitated}")
    if config.get("optimisation"):
        shown = ", ".join(f"{k} {v}" for k, v in config["optimisation"].items())
        lines.append(f"- Optimisation: {shown}; seed {config.get('seed')}")
    scaling = ", ".join(
        f"{f}: scale {c.scale:.3f}, bias {c.bias:.3f}, threshold {c.threshold:.3f}"
        for f, c in settings.calibration.items()
    )
    lines.append(f"- Calibration and thresholds: {scaling}")
    return "\n".join(lines)


_KEPT = {"vocabulary": "{} tokens", "layers": "the layers {}", "feed_forward": "{} feed-forward channels a layer"}


def _pruned(step: Mapping[str, Any]) -> str:
    said = []
    for what, text in _KEPT.items():
        if what in step:
            kept = step[what]
            said.append(text.format(", ".join(map(str, kept)) if isinstance(kept, list) else f"{kept:,}"))
    if "tokens_of" in step:
        said.append(f"the tokens of `{step['tokens_of']['name']}`")
    return f"of `{step['pruned_from']['name']}` {' and '.join(said)} were kept"


def _origin(inputs: CardInputs) -> str:
    sources = [inputs.evaluation, *([inputs.probe] if inputs.probe is not None else [])]
    lines = [
        f"- `{_command(s)}`, claimstance {s['versions'].get('claimstance')}, commit {str(s['git_commit'])[:12]}"
        for s in sources
    ]
    digest = inputs.evaluation["data"]["sha256"][:12]
    lines.append(f"- Data SHA-256 {digest}; `claimstance card` wrote this card from the files of these runs.")
    return "\n".join(lines)


def _command(record: Mapping[str, Any]) -> str:
    # Folders of somebody's machine say nothing to a reader; their last part does.
    return " ".join(word.rstrip("/").rsplit("/", 1)[-1] if "/" in word else word for word in record["command"].split())


def markdown_table(table: TextTable) -> str:
    """Return a table as Markdown, the first column left-aligned."""
    lines = ["| " + " | ".join(table.headers) + " |", "|" + "---|" + "---:|" * (len(table.headers) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in table.rows]
    return "\n".join(lines)
