"""A job deletes what is its own, and nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from claimstance.model.errors import OutputError
from claimstance.model.job import JobSettings, label_job
from claimstance.model.job.output import lock
from claimstance.model.job.output.lock import FolderLock

if TYPE_CHECKING:
    from pathlib import Path

    from claimstance.model.predictor import Predictor

pytestmark = pytest.mark.usefixtures("small_windows")
PARTS = JobSettings(part_rows=6, workers=1)


@pytest.mark.parametrize("name", ["part-00000-a1b2.snappy.parquet", "part-00000.parquet", "part-time-staff.csv"])
def test_a_restart_does_not_delete_parts_that_no_job_wrote(
    predictor: Predictor, corpus: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / name).write_text("somebody's")
    with pytest.raises(OutputError, match=f"holds {name} and no manifest"):
        label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=PARTS, restart=True)
    assert (tmp_path / "o" / name).read_text() == "somebody's"


def test_a_restart_deletes_the_parts_of_the_earlier_job_only(
    predictor: Predictor, corpus: Path, tmp_path: Path
) -> None:
    label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=PARTS, parts_format="jsonl")
    theirs = ["part-00000-a1b2.snappy.parquet", "part-time-staff.csv", ".part-of-speech.tmp", "part-123.csv"]
    for name in theirs:
        (tmp_path / "o" / name).write_text("somebody's")
    (tmp_path / "o" / ".part-00009.jsonl.tmp").write_text("torn")
    label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=PARTS, restart=True)
    label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=PARTS)
    assert all((tmp_path / "o" / name).read_text() == "somebody's" for name in theirs)
    assert not list((tmp_path / "o").glob("*.jsonl*"))
    assert not list((tmp_path / "o").glob(".*.jsonl*"))


def test_a_damaged_manifest_can_be_restarted(predictor: Predictor, corpus: Path, tmp_path: Path) -> None:
    label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=PARTS)
    (tmp_path / "o" / "_manifest.json").write_text("{")
    summary = label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=PARTS, restart=True)
    assert summary.rows_before == 0


def test_a_file_beside_the_parts_of_a_single_output_stays(predictor: Predictor, corpus: Path, tmp_path: Path) -> None:
    label_job(str(corpus), tmp_path / "o.jsonl", predictor=predictor, settings=PARTS)
    assert [p.name for p in tmp_path.iterdir() if "o.jsonl" in p.name] == ["o.jsonl"]
    folder = tmp_path / ".o.jsonl.parts"
    folder.mkdir()
    (folder / ".theirs").write_text("somebody's")
    label_job(str(corpus), tmp_path / "o.jsonl", predictor=predictor, settings=PARTS)
    assert [p.name for p in folder.iterdir()] == [".theirs"]


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be deleted there")
def test_a_lock_that_is_deleted_while_another_job_takes_it_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = FolderLock(tmp_path)
    take = lock._lock

    def late(descriptor: int) -> None:
        first.remove()
        take(descriptor)

    monkeypatch.setattr(lock, "_lock", late)
    with pytest.raises(OutputError, match="another job is at work"):
        FolderLock(tmp_path)
    monkeypatch.undo()
    FolderLock(tmp_path).release()
