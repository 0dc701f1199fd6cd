"""Keeping freed memory in the process, so that each training step does not fault its pages in anew."""

from __future__ import annotations

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4
_NEVER = 2**31 - 1
_TOP_PAD = 64 << 20


def keep_freed_memory() -> bool:
    """Have the C library reuse large blocks instead of mapping each anew; return whether it did.

    By default glibc asks the kernel for every block above 32 MB and hands it back when it is freed. A training step
    frees and asks for gigabytes, and each page comes back zeroed by a page fault: on two cores that was about half of
    the time of a step. The process keeps its peak memory in return. Other C libraries are left as they are. See
    ``mallopt(3)``.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    done = [mallopt(_M_MMAP_MAX, 0), mallopt(_M_TRIM_THRESHOLD, _NEVER), mallopt(_M_TOP_PAD, _TOP_PAD)]
    return all(done)
