"""A process a contestant: thread pools do not meet, memory is its own, and runs can be interleaved."""

from __future__ import annotations

import multiprocessing
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimstance.eval.speed.contestants import LOADERS, Contestant
from claimstance.model.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection

    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Timing:
    """One run.

    Attributes:
        seconds: On the clock.
        cpu_seconds: Of all threads; less sensitive to other load on the machine.
        peak_bytes: Peak resident memory of the process so far.
        labels: Shape (n,).
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    labels: NDArray[np.intp]


class Child:
    """A contestant, loaded in a process of its own.

    Args:
        contestant: What to load.
        model: Model folder.

    Raises:
        ModelError: If it cannot be loaded.
    """

    def __init__(self, contestant: Contestant, model: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._name = contestant.name
        self._process = context.Process(target=_serve, args=(theirs, contestant, model), daemon=True)
        self._process.start()
        theirs.close()
        self._receive()

    def run(self, sentences: Sequence[str]) -> Timing:
        """Label the sentences once."""
        self._pipe.send(list(sentences))
        return Timing(*self._receive())

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.join(10)
        if self._process.is_alive():
            self._process.terminate()

    def _receive(self) -> Any:
        try:
            good, value = self._pipe.recv()
        except EOFError as error:
            self._process.join(5)
            msg = f"{self._name}: its process ended with code {self._process.exitcode}"
            raise ModelError(msg) from error
        if not good:
            msg = f"{self._name}: {value}"
            raise ModelError(msg)
        return value


def _serve(pipe: Connection, contestant: Contestant, model: str) -> None:
    try:
        run = LOADERS[contestant.kind](model, contestant.options)
        pipe.send((True, None))
        while True:
            sentences = pipe.recv()
            wall, cpu = time.perf_counter(), time.process_time()
            labels = run(sentences)
            found = (time.perf_counter() - wall, time.process_time() - cpu, peak_memory(), labels)
            pipe.send((True, found))
    except EOFError:
        return
    except Exception as error:  # whatever it is, the parent reports it
        pipe.send((False, f"{type(error).__name__}: {error}"))


def peak_memory() -> int:
    """Return the peak resident memory of this process in bytes; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count what the parent held when it started this process
        line = next((x for x in status.read_text(encoding="ascii").splitlines() if x.startswith("VmHWM")), "VmHWM: 0")
        return int(line.split()[1]) * 1024
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
