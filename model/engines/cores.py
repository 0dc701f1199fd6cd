"""What there is to compute on."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path


def available_cores() -> int:
    """Return the number of cores that this process may run on.

    A CPU set (``taskset``, ``--cpuset-cpus``) counts. A CPU quota (``docker --cpus``, a Kubernetes limit) does not show
    here: it takes time from the cores, not cores, so under one this is more than the process gets.
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def processor_flags() -> frozenset[str]:
    """Return what the processor can do, in Linux's words such as ``avx512_vnni``; nothing where there is no telling."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    return frozenset(next((line for line in lines if line.startswith("flags")), "").split())
