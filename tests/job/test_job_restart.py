"""A job that dies anywhere goes on and ends with the rows of one that was left alone."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from claimstance.model.errors import InputError
from claimstance.model.job import JobSettings, label_job
from claimstance.model.job.interrupt import JobInterruptedError
from claimstance.model.job.output.formats import TableFile
from claimstance.model.job.progress import JsonProgress

if TYPE_CHECKING:
    from collections.abc import Callable

    from claimstance.model.predictor import Predictor

    RowsOf = Callable[[Path], list[str]]

pytestmark = pytest.mark.usefixtures("small_windows")
SETTINGS = JobSettings(part_rows=6, workers=1)


class Killed(BaseException):
    """The process is gone: nothing after it may touch the disk."""


class Killer:
    """Stops the job at its n-th touch of the disk, and from then on every other touch, as a kill would."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
        self.at = at
        self.touches = 0
        touches = ((os, "replace"), (os, "fsync"), (Path, "unlink"), (Path, "rmdir"), (TableFile, "write"))
        for owner, name in (*touches, (TableFile, "__init__")):
            monkeypatch.setattr(owner, name, self._wrap(getattr(owner, name)))
        monkeypatch.setattr(TableFile, "abandon", lambda _: None)

    def _wrap(self, touch: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self._count()  # before it happens
            result = touch(*args, **kwargs)
            self._count()  # after it has happened
            return result

        return wrapped

    def _count(self) -> None:
        self.touches += 1
        if self.touches >= self.at:
            raise Killed


@pytest.mark.parametrize("out", ["parts", "o.jsonl", "o.parquet"])
def test_a_kill_at_any_point_costs_no_row_and_doubles_none(
    predictor: Predictor, corpus: Path, tmp_path: Path, rows_of: RowsOf, out: str
) -> None:
    label_job(str(corpus), tmp_path / "whole" / out, predictor=predictor, settings=SETTINGS)
    expected = rows_of(tmp_path / "whole" / out)
    at, done = 0, False
    while not done:
        at += 1
        target = tmp_path / f"kill{at}" / out
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setattr("claimstance.model.job.windows.WINDOW_DOCUMENTS", 2)
            killer = Killer(monkeypatch, at)
            try:
                label_job(str(corpus), target, predictor=predictor, settings=SETTINGS)
            except Killed:
                pass
            else:
                done = killer.touches < at
        label_job(str(corpus), target, predictor=predictor, settings=SETTINGS)
        assert rows_of(target) == expected, f"killed at touch {at}"
        assert [p.name for p in target.parent.iterdir()] == [out], f"killed at touch {at}"
    assert at > 40


def test_a_kill_while_old_results_are_discarded_leaves_a_folder_that_can_be_restarted(
    predictor: Predictor, corpus: Path, tmp_path: Path, rows_of: RowsOf
) -> None:
    label_job(str(corpus), tmp_path / "whole", predictor=predictor, settings=SETTINGS)
    expected = rows_of(tmp_path / "whole")
    old = JobSettings(part_rows=6, workers=1, text=False)
    for at in range(1, 20, 2):
        target = tmp_path / f"kill{at}"
        label_job(str(corpus), target, predictor=predictor, settings=old, parts_format="csv")
        with pytest.MonkeyPatch.context() as monkeypatch:
            Killer(monkeypatch, at)
            with pytest.raises(Killed):
                label_job(str(corpus), target, predictor=predictor, settings=SETTINGS, restart=True)
        label_job(str(corpus), target, predictor=predictor, settings=SETTINGS, restart=True)
        assert rows_of(target) == expected, f"killed at touch {at}"


def test_only_the_part_in_work_is_lost(
    predictor: Predictor, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = TableFile.write
    written = 0

    def killed_late(self: TableFile, table: Any) -> None:
        nonlocal written
        if written == 4:
            raise Killed
        written += 1
        write(self, table)

    with monkeypatch.context() as patch:
        patch.setattr(TableFile, "write", killed_late)
        with pytest.raises(Killed):
            label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=SETTINGS)
    summary = label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=SETTINGS)
    assert 0 < summary.rows_before < summary.counts.rows


def test_an_interrupted_job_logs_its_end_and_a_finished_one_too(
    predictor: Predictor,
    corpus: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def run() -> list[Any]:
        label_job(
            str(corpus),
            tmp_path / "o",
            predictor=predictor,
            settings=SETTINGS,
            reporter=JsonProgress(),
            catch_signals=True,
        )
        return logged()

    def logged() -> list[Any]:
        events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
        return [(e["event"], e.get("status"), e["rows"]) for e in events]

    write = TableFile.write

    def signal_after(self: TableFile, table: Any) -> None:
        write(self, table)
        if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
            signal.raise_signal(signal.SIGTERM)

    with monkeypatch.context() as patch:
        patch.setattr(TableFile, "write", signal_after)
        with pytest.raises(JobInterruptedError):
            run()
    begin, end = logged()
    assert begin == ("begin", None, 0)
    assert end[:2] == ("end", "interrupted")
    rows = end[2]
    assert run()[0] == ("begin", None, rows)
    begin, end = run()
    assert begin[2] == end[2] > rows > 0
    assert end[:2] == ("end", "done")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_the_job_after_the_rows_in_hand(
    predictor: Predictor,
    corpus: Path,
    tmp_path: Path,
    rows_of: RowsOf,
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
    code: int,
) -> None:
    label_job(str(corpus), tmp_path / "whole", predictor=predictor, settings=SETTINGS)
    before = signal.getsignal(number)
    write = TableFile.write

    def signal_after(self: TableFile, table: Any) -> None:
        write(self, table)
        if signal.getsignal(number) not in (before, signal.SIG_DFL):
            signal.raise_signal(number)

    with monkeypatch.context() as patch:
        patch.setattr(TableFile, "write", signal_after)
        with pytest.raises(JobInterruptedError) as caught:
            label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=SETTINGS, catch_signals=True)
    assert caught.value.exit_code == code
    assert signal.getsignal(number) is before
    expected = rows_of(tmp_path / "whole")
    kept = rows_of(tmp_path / "o")
    assert kept
    assert kept == expected[: len(kept)]
    label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=SETTINGS)
    assert rows_of(tmp_path / "o") == expected


@pytest.mark.parametrize("out", ["o", "o.jsonl"])
def test_too_many_bad_rows_end_the_next_run_too(predictor: Predictor, tmp_path: Path, out: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"text": "One."}\n{broken\n{"text": 5}\n')
    few, more = (JobSettings(on_error="skip", max_errors=n) for n in (1, 2))
    for again in (r"; the last is .*bad\.jsonl, row 3", "in earlier runs; a higher --max-errors goes on"):
        with pytest.raises(InputError, match=rf"2 bad rows, more than the 1 that --max-errors allows.*{again}"):
            label_job(path, tmp_path / out, predictor=predictor, settings=few)
    assert label_job(path, tmp_path / out, predictor=predictor, settings=more).counts.errors == 2


def test_too_many_bad_rows_end_a_run_on_a_job_that_is_done(predictor: Predictor, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"text": "One."}\n{broken\n')
    label_job(path, tmp_path / "o", predictor=predictor, settings=JobSettings(on_error="skip"))
    with pytest.raises(InputError, match="1 bad rows, more than the 0"):
        label_job(path, tmp_path / "o", predictor=predictor, settings=JobSettings(on_error="skip", max_errors=0))


@pytest.mark.parametrize("out", ["in/out", "in/out.jsonl"])
def test_an_output_inside_the_input_does_not_break_going_on(
    predictor: Predictor, corpus: Path, rows_of: RowsOf, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    def run(target: Path) -> None:
        label_job(corpus, target, predictor=predictor, settings=SETTINGS, parts_format="jsonl")

    run(corpus.parent / "whole")
    target = corpus.parent / out
    write, written = TableFile.write, 0

    def killed_late(self: TableFile, table: Any) -> None:
        nonlocal written
        written += 1
        if written == 5:
            raise Killed
        write(self, table)

    with monkeypatch.context() as patch:
        patch.setattr(TableFile, "write", killed_late)
        with pytest.raises(Killed):
            run(target)
    run(target)
    run(target)
    assert rows_of(target) == rows_of(corpus.parent / "whole")
