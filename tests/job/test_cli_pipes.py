"""``claimstance label`` between pipes whose other end leaves, or never does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def start(model: Path, *arguments: str | Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "claimstance", "label", *map(str, arguments), "--model", str(model)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_an_output_is_whole_when_nobody_reads_the_progress(tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The council met.\n" * 50)
    out = tmp_path / "o.jsonl"
    process = start(tiny_model, tmp_path / "a.txt", "--mode", "sentence", "--log-json", "-o", out)
    assert process.stderr is not None
    process.stderr.close()
    assert process.wait() == 0
    assert len(out.read_text().splitlines()) == 50


def test_an_error_keeps_its_exit_code_when_nobody_reads_it(tiny_model: Path, tmp_path: Path) -> None:
    process = start(tiny_model, tmp_path / "nope.txt", "-o", tmp_path / "o.jsonl")
    assert process.stderr is not None
    process.stderr.close()
    assert process.wait() == 3


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs /proc")
@pytest.mark.parametrize("name", ["-", "/dev/stdin"])
def test_a_job_that_waits_for_a_pipe_stops_and_does_not_promise_to_go_on(
    tiny_model: Path, tmp_path: Path, name: str
) -> None:
    process = start(tiny_model, name, "--format", "jsonl", "-o", tmp_path / "o.jsonl")
    assert process.stdin is not None
    process.stdin.write(json.dumps({"text": "The council met."}).encode() + b"\n")
    process.stdin.flush()
    while process.poll() is None and not _catches(process.pid, signal.SIGTERM):
        time.sleep(0.1)
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    code = process.wait()
    assert process.stderr is not None
    errors = process.stderr.read().decode()
    process.stdin.close()
    assert code == 143, errors
    assert errors == "interrupted by SIGTERM; what was labelled is written.\n"


def _catches(pid: int, number: signal.Signals) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)
