"""How fast this machine multiplies matrices, measured: the yardstick for a network that does little else."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SIZE = 512
"""Rows and columns: large enough for the peak, short enough to run between two interruptions on a busy machine."""
_SECONDS = 0.5


def matmul_peaks() -> dict[str, float]:
    """Return operations a second (a multiply-add counts two) of large square products, all cores, a precision a key.

    Empty without torch; a precision that this torch cannot multiply on the CPU is left out.
    """
    try:
        import torch
    except ImportError:
        return {}
    float_ = torch.randn(SIZE, SIZE)
    int_ = torch.randint(-100, 100, (SIZE, SIZE), dtype=torch.int8)
    half = float_.bfloat16()
    products: dict[str, Callable[[], Any]] = {
        "float32": lambda: float_ @ float_,
        "bfloat16": lambda: half @ half,
        "int8": lambda: torch._int_mm(int_, int_),
    }
    found = {}
    for name, product in products.items():
        try:
            found[name] = _rate(product)
        except (RuntimeError, AttributeError, NotImplementedError):
            continue
    return found


def _rate(product: Callable[[], Any]) -> float:
    product()
    best, until = float("inf"), time.perf_counter() + _SECONDS
    while time.perf_counter() < until:
        began = time.perf_counter()
        product()
        best = min(best, time.perf_counter() - began)
    return 2 * SIZE**3 / best


def operations(config: Path, tokens: float) -> float:
    """Return the matrix operations of a plain BERT for one sentence of ``tokens`` tokens, two a multiply-add.

    Counted for the whole network: what an engine saves in the last layer counts as done.
    """
    settings = json.loads(config.read_text(encoding="utf-8"))
    hidden, layers = int(settings["hidden_size"]), int(settings["num_hidden_layers"])
    inner = int(settings["intermediate_size"])
    per_token = 4 * hidden * hidden + 2 * hidden * inner + 2 * tokens * hidden
    return 2.0 * layers * tokens * per_token
