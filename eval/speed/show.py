"""A benchmark as tables and as a plot."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from claimstance.eval.report.tables import DASH, TextTable

if TYPE_CHECKING:
    from claimstance.eval.speed.benchmark import Benchmark


def speed_table(benchmark: Benchmark) -> TextTable:
    """Return one row a contestant, fastest first."""
    rows = [
        [
            r.system,
            f"{r.sentences_per_second:,.0f}",
            f"{r.slowest:,.0f} to {r.fastest:,.0f}",
            f"{r.tokens_per_second:,.0f}",
            f"{r.cpu_ms_per_sentence:.2f}",
            DASH if r.times_baseline is None else f"{r.times_baseline:.1f}",
            f"{r.peak_mb:,.0f}",
            DASH if r.agreement is None else f"{r.agreement:.2%}",
            DASH if r.accuracy is None else f"{r.accuracy:.2%}",
        ]
        for r in sorted(benchmark.results, key=lambda r: -r.sentences_per_second)
    ]
    facts = benchmark.facts
    title = (
        f"{facts['sentences']:,} {facts['source']}, {facts['tokens_per_sentence']} tokens each, "
        f"{facts['rounds']} rounds in turn, {facts['cores']} cores, default engine here: {facts['default_engine']}"
    )
    headers = ["system", "sentences/s", "range", "tokens/s", "CPU ms", "x pipeline", "peak MB", "= float32", "accuracy"]
    return TextTable(title, headers, rows)


def peak_table(benchmark: Benchmark) -> TextTable:
    """Return the machine's measured matrix-product rates and how much of each the package's fastest engine reaches."""
    rows = [[name, f"{rate / 1e9:,.0f}", f"{benchmark.peak_share[name]:.1%}"] for name, rate in benchmark.peaks.items()]
    return TextTable("Matrix products", ["precision", "peak GOP/s", "share reached"], rows)


def growth_table(benchmark: Benchmark) -> TextTable:
    """Return cost against size of input."""
    rows = [
        [
            f"{g['sentences']:,.0f}",
            f"{g['seconds']:,.1f}",
            f"{1e6 * g['seconds'] / g['sentences']:,.0f}",
            f"{1000 * g['cpu_ms_per_sentence']:,.0f}",
            f"{g['peak_mb']:,.0f}",
        ]
        for g in benchmark.growth
    ]
    return TextTable("Growth of cost", ["sentences", "seconds", "us a sentence", "CPU us a sentence", "peak MB"], rows)


def growth_plot(benchmark: Benchmark) -> bytes:
    """Return a PNG: time on the clock and peak memory against size of input, both scales logarithmic."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    sizes = [g["sentences"] for g in benchmark.growth]
    figure = Figure(figsize=(8, 4), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, key, name in zip(figure.subplots(1, 2), ("seconds", "peak_mb"), ("seconds", "peak MB"), strict=True):
        axes.loglog(sizes, [g[key] for g in benchmark.growth], "o-", color="#0072B2")
        axes.set_xlabel("sentences")
        axes.set_ylabel(name)
        axes.grid(color="#E5E5E5")
    figure.suptitle(f"{benchmark.facts['growth_of']}, {benchmark.facts['source']}, repeated", fontsize=10)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150)
    return buffer.getvalue()


def speed_plot(benchmark: Benchmark) -> bytes:
    """Return a PNG: accuracy, or agreement with float32 where nothing is annotated, against sentences a second."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    annotated = all(r.accuracy is not None for r in benchmark.results)
    points = [(r, r.accuracy if annotated else r.agreement) for r in benchmark.results]
    figure = Figure(figsize=(8, 5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    shown = [(r, height) for r, height in points if height is not None]
    for i, (result, height) in enumerate(shown):
        own = result.system.startswith("claimstance")
        axes.plot(result.sentences_per_second, height, "o" if own else "s", color="#0072B2" if own else "#888888")
        offset = (6, 6 if i % 2 else -12)
        axes.annotate(
            result.system, (result.sentences_per_second, height), xytext=offset, textcoords="offset points", fontsize=8
        )
    axes.set_xscale("log")
    axes.margins(0.2)
    axes.set_xlabel("sentences a second")
    axes.set_ylabel("accuracy" if annotated else "labels equal to float32")
    axes.set_title(benchmark.facts["source"], fontsize=10)
    axes.grid(color="#E5E5E5")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150)
    return buffer.getvalue()
