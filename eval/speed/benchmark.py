"""The benchmark: contestants take turns on the same sentences, several rounds in one run."""

from __future__ import annotations

import platform
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from statistics import mean, median
from typing import TYPE_CHECKING, Any

import numpy as np

from claimstance.eval.speed.child import Child, Timing
from claimstance.eval.speed.contestants import BASELINE, CONTESTANTS, Contestant
from claimstance.eval.speed.peaks import matmul_peaks, operations
from claimstance.model.artifact import TOKENIZER_FILE, load_folder
from claimstance.model.encoding import Encoder
from claimstance.model.engines import choose_engine
from claimstance.model.errors import ConfigError, ModelError
from claimstance.model.job.settings import default_workers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from claimstance.eval.speed.sentences import Sentences

GROWTH = (1_000, 10_000, 100_000)


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured of a contestant.

    Attributes:
        system: Its name.
        sentences_per_second: Median of the rounds, text in, labels out.
        fastest: Of the rounds.
        slowest: Of the rounds.
        tokens_per_second: As the model's tokenizer counts.
        cpu_ms_per_sentence: Processor time of all cores, of the round that took least.
        times_baseline: Processor time against ``BASELINE``'s; None where either is missing.
        peak_mb: Peak resident memory of its process.
        agreement: Share of labels equal to those of float32 under the same decision rule; None for another model.
        accuracy: Share of labels equal to the annotation; None without one.
    """

    system: str
    sentences_per_second: float
    fastest: float
    slowest: float
    tokens_per_second: float
    cpu_ms_per_sentence: float
    times_baseline: float | None
    peak_mb: float
    agreement: float | None
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class Benchmark:
    """All of a run, as it is written to JSON.

    Attributes:
        results: One a contestant.
        growth: Sentences, seconds and peak memory of the package, for growing input (the sentences repeated).
        peaks: Matrix operations a second of this machine, by precision.
        peak_share: Of the package's fastest engine: its operations a second over each peak.
        facts: What it was measured with.
        left_out: Contestants that could not take part, and why.
    """

    results: list[Result]
    growth: list[dict[str, float]]
    peaks: dict[str, float]
    peak_share: dict[str, float]
    facts: dict[str, Any]
    left_out: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        return asdict(self)


def run_benchmark(
    model: str,
    sentences: Sentences,
    rounds: int = 5,
    only: Sequence[str] = (),
    growth: Sequence[int] = GROWTH,
    say: Callable[[str], None] = lambda _: None,
) -> Benchmark:
    """Measure.

    Args:
        model: A model folder with every engine's files.
        sentences: What to label.
        rounds: Each contestant labels all sentences so often, in turn, after one unmeasured round.
        only: Parts of names; contestants whose names hold none of them stay away.
        growth: Sizes of input for the growth of cost, with the engine of ``"auto"`` if it takes part, else
            the package's first; empty to leave it out.
        say: Is told what is going on.

    Raises:
        ConfigError: If nobody takes part.
        ModelError: If the model cannot be loaded.
    """
    folder = load_folder(model)
    encoder = Encoder.from_file(folder.file(TOKENIZER_FILE), folder.settings.input)
    tokens = mean(len(ids) for ids in encoder.encode(sentences.texts).ids)
    peaks = matmul_peaks()
    with ExitStack() as stack:
        children, left_out = _load(str(folder.path), only, stack, say)
        if not children:
            msg = f"no contestant is left of {', '.join(c.name for c in CONTESTANTS)}; --only was {list(only)}"
            raise ConfigError(msg)
        timings = _take_turns(children, sentences.texts, rounds, say)
        default = choose_engine(folder)
        ours = [c for c in children if c.kind == "own"]
        own = next((c for c in ours if c.options["engine"] == default), ours[0] if ours else None)
        grown = [] if own is None else _grow(children[own], sentences.texts, growth, say)
    results = _results(timings, sentences, tokens)
    rates = [r.sentences_per_second for r in results if r.system.startswith("claimstance")]
    done = max(rates, default=0.0) * operations(folder.path / "config.json", tokens)
    facts = {
        "model": folder.settings.name,
        "revision": folder.revision,
        "sentences": len(sentences.texts),
        "source": sentences.source,
        "tokens_per_sentence": round(tokens, 2),
        "rounds": rounds,
        "default_engine": default,
        "growth_of": "" if own is None else own.name,
        "cores": default_workers(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "versions": _versions(),
    }
    shares = {name: done / peak for name, peak in peaks.items()} if rates else {}
    return Benchmark(results, grown, peaks, shares, facts, left_out)


def _load(
    model: str, only: Sequence[str], stack: ExitStack, say: Callable[[str], None]
) -> tuple[dict[Contestant, Child], dict[str, str]]:
    children: dict[Contestant, Child] = {}
    left_out: dict[str, str] = {}
    for contestant in CONTESTANTS:
        if only and not any(part in contestant.name for part in only):
            continue
        if not contestant.available:
            left_out[contestant.name] = f"needs {', '.join(contestant.needs)}"
            continue
        say(f"loading {contestant.name}")
        try:
            children[contestant] = stack.enter_context(closing(Child(contestant, model)))
        except ModelError as error:
            left_out[contestant.name] = str(error)
    return children, left_out


def _take_turns(
    children: dict[Contestant, Child], texts: list[str], rounds: int, say: Callable[[str], None]
) -> dict[Contestant, list[Timing]]:
    timings: dict[Contestant, list[Timing]] = {contestant: [] for contestant in children}
    for number in range(rounds + 1):
        for contestant, child in children.items():
            say(f"round {number} of {rounds}: {contestant.name}")
            timing = child.run(texts)
            if number:
                timings[contestant].append(timing)
    return timings


def _grow(child: Child, texts: list[str], sizes: Sequence[int], say: Callable[[str], None]) -> list[dict[str, float]]:
    found = []
    for size in sizes:
        say(f"{size:,} sentences")
        timing = child.run((texts * (size // len(texts) + 1))[:size])
        found.append(
            {
                "sentences": size,
                "seconds": round(timing.seconds, 3),
                "cpu_ms_per_sentence": round(1000 * timing.cpu_seconds / size, 4),
                "peak_mb": round(timing.peak_bytes / 2**20, 1),
            }
        )
    return found


def _results(timings: dict[Contestant, list[Timing]], sentences: Sentences, tokens: float) -> list[Result]:
    n = len(sentences.texts)
    labels = {c.name: runs[0].labels for c, runs in timings.items()}
    least = {c.name: min(t.cpu_seconds for t in runs) for c, runs in timings.items()}
    found = []
    for contestant, runs in timings.items():
        rates = [n / t.seconds for t in runs]
        mine, reference = labels[contestant.name], labels.get(contestant.reference)
        baseline = least.get(BASELINE)
        found.append(
            Result(
                system=contestant.name,
                sentences_per_second=median(rates),
                fastest=max(rates),
                slowest=min(rates),
                tokens_per_second=median(rates) * tokens,
                cpu_ms_per_sentence=1000 * least[contestant.name] / n,
                times_baseline=None if baseline is None else baseline / least[contestant.name],
                peak_mb=runs[-1].peak_bytes / 2**20,
                agreement=None if reference is None else float(np.mean(mine == reference)),
                accuracy=None if sentences.labels is None else float(np.mean(mine == sentences.labels)),
            )
        )
    return found


def _versions() -> dict[str, str]:
    found = {}
    for name in ("claimstance", "onnxruntime", "openvino", "torch", "transformers", "tokenizers", "spacy"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
