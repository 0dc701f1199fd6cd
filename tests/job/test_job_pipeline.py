"""Results come in order, reading runs at most a little ahead, and errors come after what was read before them."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from claimstance.model.job.pipeline import map_in_order

if TYPE_CHECKING:
    from collections.abc import Iterator


def nothing() -> None:
    """Check nothing."""


def test_results_come_in_order_whoever_is_first() -> None:
    def slow_for_even(n: int) -> int:
        time.sleep(0.002 * (n % 2 == 0))
        return n * n

    assert list(map_in_order(slow_for_even, range(30), 4, nothing)) == [(n, n * n) for n in range(30)]


def test_reading_does_not_run_away() -> None:
    read = 0

    def source() -> Iterator[int]:
        nonlocal read
        for n in range(1000):
            read += 1
            yield n

    results = map_in_order(lambda n: n, source(), 2, nothing)
    next(results)
    time.sleep(0.1)
    assert read < 20
    results.close()


def test_a_source_that_fails_gives_first_what_came_before() -> None:
    def source() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("broken")

    results = map_in_order(lambda n: n, source(), 2, nothing)
    assert [next(results), next(results)] == [(1, 1), (2, 2)]
    with pytest.raises(ValueError, match="broken"):
        next(results)


def test_a_worker_that_fails_ends_the_iteration() -> None:
    with pytest.raises(ZeroDivisionError):
        list(map_in_order(lambda n: 1 / n, [1, 0, 2], 2, nothing))


def test_a_check_ends_the_iteration_while_the_source_hangs() -> None:
    release = threading.Event()

    def source() -> Iterator[int]:
        yield 1
        release.wait(10)

    looks = 0

    def check() -> None:
        nonlocal looks
        looks += 1
        if looks > 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(map_in_order(lambda n: n, source(), 1, check))
    release.set()
