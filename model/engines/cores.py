"""How many cores there are to compute on."""

from __future__ import annotations

import os


def available_cores() -> int:
    """Return the number of cores that this process may use, which in a container is not the machine's."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
