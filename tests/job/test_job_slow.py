"""Real kills, real signals, and a million sentences: memory stays flat, rows stay the same."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    RowsOf = Callable[[Path], list[str]]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]
posix = pytest.mark.skipif(os.name == "nt", reason="POSIX signals and memory accounts")

MEASURE = """
import resource, sys
from claimstance.model.job import JobSettings, label_job
from claimstance.model.predictor import Predictor
predictor = Predictor.from_pretrained(sys.argv[1], threads=1, engine=sys.argv[4])
settings = JobSettings(mode="sentence", workers=2)
summary = label_job(sys.argv[2], sys.argv[3], predictor=predictor, settings=settings)
print(summary.counts.rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, summary.rows_per_second)
"""
WARM_UP = 80
"""MiB that peak memory may grow by from 10,000 sentences, which fill no row group, to 100,000."""
GROWTH = 25
"""MiB that it may grow by from there to 1,000,000: what allocators keep. The rows alone would take 200."""


ROWS = 20_000 if "CLAIMSTANCE_JOB_MODEL" in os.environ else 60_000
"""Rows of the job that is killed, enough for it to be at work for most of its time."""


ENGINE = os.environ.get("CLAIMSTANCE_JOB_ENGINE", "auto")
"""Engine whose memory is measured. OpenVINO's grows towards a bound (docs/decisions/0005-engines.md)."""


def start(job_model: Path, source: Path, out: Path) -> subprocess.Popen[bytes]:
    options = ["--model", str(job_model), "--mode", "sentence", "--part-rows", "4096", "--workers", "2"]
    command = [sys.executable, "-m", "claimstance", "label", str(source), "-o", str(out), *options]
    return subprocess.Popen(command, stderr=subprocess.PIPE)


def write_input(path: Path, sentences: list[str], n: int) -> Path:
    with path.open("w") as file:
        for i in range(n):
            file.write(json.dumps({"text": f"{i % 977} {sentences[i % len(sentences)]}"}) + "\n")
    return path


@posix
@pytest.mark.parametrize("name", ["o", "o.jsonl.gz"])
def test_twenty_kills_at_random_change_no_row(
    job_model: Path, sentences: list[str], tmp_path: Path, rows_of: RowsOf, name: str
) -> None:
    source = write_input(tmp_path / "in.jsonl", sentences, ROWS)
    began = time.monotonic()
    assert start(job_model, source, tmp_path / "whole" / name).wait() == 0
    usual = time.monotonic() - began
    chance = random.Random(7)  # noqa: S311 - no secret
    kills = 0
    out = tmp_path / "killed" / name
    while kills < 20:
        process = start(job_model, source, out)
        time.sleep(chance.uniform(0.2, 0.6) * usual)
        process.send_signal(signal.SIGKILL)
        code = process.wait()
        if code == 0:  # done before the kill: begin again
            out = out.parent / f"{kills}" / name
        kills += code != 0
    assert start(job_model, source, out).wait() == 0
    assert rows_of(out) == rows_of(tmp_path / "whole" / name)


@posix
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_process_with_its_code(
    job_model: Path, sentences: list[str], tmp_path: Path, rows_of: RowsOf, number: signal.Signals, code: int
) -> None:
    source = write_input(tmp_path / "in.jsonl", sentences, 200_000)
    process = start(job_model, source, tmp_path / "o")
    while not list((tmp_path / "o").glob("part-*")):
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(number)
    errors = process.communicate()[1].decode()
    assert process.returncode == code
    assert "same command goes on" in errors
    assert "Traceback" not in errors
    kept = [json.loads(r)["document"] for r in rows_of(tmp_path / "o")]
    assert kept == [f"{source}:{i + 1}" for i in range(len(kept))]


@posix
def test_a_million_sentences_in_flat_memory(
    job_model: Path, sentences: list[str], tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    peaks = []
    for n in (10_000, 100_000, 1_000_000):
        source = write_input(tmp_path / f"{n}.jsonl", sentences, n)
        out = tmp_path / f"out-{n}"
        command = [sys.executable, "-c", MEASURE, str(job_model), str(source), str(out), ENGINE]
        result = subprocess.run(command, capture_output=True, text=True, check=True)
        rows, peak, rate = result.stdout.split()
        record_property(f"{n} sentences", f"{peak} MiB, {float(rate):.0f} sentences a second")
        assert int(rows) == n == sum(pq.read_metadata(p).num_rows for p in out.glob("part-*"))
        peaks.append(int(peak))
    assert peaks[1] - peaks[0] < WARM_UP, peaks
    assert peaks[2] - peaks[1] < GROWTH, peaks
