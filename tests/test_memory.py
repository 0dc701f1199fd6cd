from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import resource, sys
import numpy as np
if sys.argv[1] == "kept":
    from claimstance.train.memory import keep_freed_memory
    assert keep_freed_memory()
np.ones(24 << 20)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    np.ones(20 << 20)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mallopt is glibc's")
def test_large_blocks_are_not_faulted_in_anew():
    faults = {}
    for case in ("default", "kept"):
        done = subprocess.run([sys.executable, "-c", SCRIPT, case], capture_output=True, text=True, check=True)
        faults[case] = int(done.stdout)
    assert faults["default"] > 5 * 100
    assert faults["kept"] < faults["default"] / 10
