"""A predictor on the tiny model, shared by the tests of the job."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from claimstance.model.job.render import to_jsonl
from claimstance.model.predictor import Predictor

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="session")
def job_model(tiny_model: Path) -> Path:
    """Return the tiny model, or the folder that ``CLAIMSTANCE_JOB_MODEL`` names.

    What only a real model shows, its memory and its speed, is tried by
    ``CLAIMSTANCE_JOB_MODEL=model/weights pytest -m slow tests/job``: about half an hour.
    """
    named = os.environ.get("CLAIMSTANCE_JOB_MODEL")
    return Path(named).resolve() if named else tiny_model


@pytest.fixture(scope="session")
def predictor(job_model: Path) -> Predictor:
    return Predictor.from_pretrained(job_model, threads=1)


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a window end after two documents, so that a small input has several."""
    monkeypatch.setattr("claimstance.model.job.windows.WINDOW_DOCUMENTS", 2)


@pytest.fixture
def corpus(tmp_path: Path, sentences: list[str], article: str) -> Path:
    """Return a folder of two JSON lines files with eleven short documents."""
    folder = tmp_path / "in"
    folder.mkdir()
    texts = [article, *sentences, f"{sentences[0]} {sentences[1]}", article]
    for name, part in (("a.jsonl", texts[:6]), ("b.jsonl", texts[6:])):
        (folder / name).write_text("".join(json.dumps({"text": t}) + "\n" for t in part))
    return folder


@pytest.fixture
def rows_of() -> Callable[[Path], list[str]]:
    """Return a function that reads all rows of a file or a folder of parts as lines of text."""
    return _read_rows


def _read_rows(path: Path) -> list[str]:
    files = sorted(path.glob("part-*")) if path.is_dir() else [path]
    lines: list[str] = []
    for file in files:
        if file.suffix == ".parquet":
            lines += to_jsonl(pq.read_table(file)).decode().splitlines()
        else:
            data = file.read_bytes()
            if file.suffix == ".gz":
                data = gzip.decompress(data)
            elif file.suffix == ".zst":
                zstandard = pytest.importorskip("zstandard")
                data = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read()
            lines += data.decode().splitlines()
    return lines
