"""Files and folders of parts: formats, bad rows, locks, and refusals."""

from __future__ import annotations

import errno
import json
import threading
from typing import TYPE_CHECKING, Any

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from claimstance.model.errors import ConfigError, InputError, OutputError
from claimstance.model.job import JobSettings, label_job
from claimstance.model.job.columns import SCHEMA
from claimstance.model.job.output.formats import TableFile
from claimstance.model.job.output.lock import FolderLock
from claimstance.model.predictor import Predictor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    RowsOf = Callable[[Path], list[str]]

pytestmark = pytest.mark.usefixtures("small_windows")
PARTS = JobSettings(part_rows=6, workers=1)


def bad_corpus(folder: Path) -> Path:
    """Write three good rows with two bad ones between them."""
    path = folder / "bad.jsonl"
    path.write_text('{"text": "One."}\n{broken\n{"text": "Two."}\n{"text": 5}\n{"text": "Three."}\n')
    return path


@pytest.mark.parametrize("name", ["o.jsonl", "o.jsonl.gz", "o.jsonl.zst", "o.parquet"])
def test_every_format_holds_the_same_rows(
    predictor: Predictor, corpus: Path, tmp_path: Path, rows_of: RowsOf, name: str
) -> None:
    label_job(str(corpus), tmp_path / "new" / name, predictor=predictor, settings=PARTS)
    label_job(str(corpus), tmp_path / "parts", predictor=predictor, settings=PARTS)
    assert rows_of(tmp_path / "new" / name) == rows_of(tmp_path / "parts")
    assert [p.name for p in (tmp_path / "new").iterdir()] == [name]


def test_csv_has_one_header_and_all_rows(predictor: Predictor, corpus: Path, tmp_path: Path) -> None:
    summary = label_job(str(corpus), tmp_path / "o.csv", predictor=predictor, settings=PARTS)
    table = pa_csv.read_csv(tmp_path / "o.csv", parse_options=pa_csv.ParseOptions(newlines_in_values=True))
    assert table.column_names == SCHEMA.names
    assert table.num_rows == summary.counts.rows


def test_torch_gets_one_worker_in_python_too(tiny_model: Path, corpus: Path, tmp_path: Path) -> None:
    seen: set[str] = set()
    exact = Predictor.from_pretrained(tiny_model, engine="torch", threads=1)
    predict = exact.predict_facets

    def noted(*arguments: Any) -> Any:
        seen.add(threading.current_thread().name)
        return predict(*arguments)

    exact.predict_facets = noted  # type: ignore[method-assign]
    label_job(str(corpus), tmp_path / "o", predictor=exact)
    assert len(seen) == 1


def test_a_folder_of_parts_reads_as_one_table(predictor: Predictor, corpus: Path, tmp_path: Path) -> None:
    summary = label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=PARTS)
    table = pq.read_table(tmp_path / "o")  # passes over the manifest and the lock
    assert len(list((tmp_path / "o").glob("part-*.parquet"))) > 2
    assert table.num_rows == summary.counts.rows > 11
    assert table.schema == SCHEMA


def test_a_slow_job_ends_its_parts_by_the_clock(
    predictor: Predictor, corpus: Path, tmp_path: Path, rows_of: RowsOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    label_job(str(corpus), tmp_path / "fast", predictor=predictor)
    monkeypatch.setattr("claimstance.model.job.output.parts.PART_SECONDS", 0.0)
    label_job(str(corpus), tmp_path / "slow", predictor=predictor)
    assert len(list((tmp_path / "fast").glob("part-*"))) == 1
    assert len(list((tmp_path / "slow").glob("part-*"))) == 6
    assert rows_of(tmp_path / "slow") == rows_of(tmp_path / "fast")


def test_counts_add_up(predictor: Predictor, corpus: Path, tmp_path: Path) -> None:
    counts = label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=PARTS).counts
    table = pq.read_table(tmp_path / "o")
    assert counts.documents == len(set(table.column("document").to_pylist())) == 11
    assert sum(counts.labels.values()) == counts.sentences == counts.rows - sum(counts.reasons.values())


@pytest.mark.parametrize("workers", [1, 3])
def test_workers_do_not_change_rows(
    predictor: Predictor, corpus: Path, tmp_path: Path, rows_of: RowsOf, workers: int
) -> None:
    label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=JobSettings(workers=workers, part_rows=6))
    label_job(str(corpus), tmp_path / "o.jsonl", predictor=predictor, settings=PARTS)
    assert rows_of(tmp_path / "o") == rows_of(tmp_path / "o.jsonl")


def test_an_empty_input_makes_an_empty_table(predictor: Predictor, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("")
    label_job(str(tmp_path / "a.jsonl"), tmp_path / "o.parquet", predictor=predictor)
    assert pq.read_table(tmp_path / "o.parquet").schema == SCHEMA


def test_a_done_job_does_nothing_again(predictor: Predictor, corpus: Path, tmp_path: Path) -> None:
    first = label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=PARTS)
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "o").glob("part-*")}
    second = label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=PARTS)
    assert second.counts == first.counts
    assert second.rows_before == first.counts.rows
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "o").glob("part-*")} == before


def test_a_bad_row_stops_the_job_and_keeps_what_was_written(
    predictor: Predictor, tmp_path: Path, rows_of: RowsOf
) -> None:
    path = bad_corpus(tmp_path)
    with pytest.raises(InputError, match=r"bad\.jsonl, row 2: line is not JSON"):
        label_job(str(path), tmp_path / "o", predictor=predictor)
    assert [json.loads(r)["text"] for r in rows_of(tmp_path / "o")] == ["One."]
    label_job(str(path), tmp_path / "o", predictor=predictor, settings=JobSettings(on_error="skip"))
    assert [json.loads(r)["text"] for r in rows_of(tmp_path / "o")] == ["One.", "Two.", "Three."]


def test_bad_rows_are_skipped_and_counted(predictor: Predictor, tmp_path: Path, rows_of: RowsOf) -> None:
    settings = JobSettings(on_error="skip")
    counts = label_job(str(bad_corpus(tmp_path)), tmp_path / "o", predictor=predictor, settings=settings).counts
    assert (counts.documents, counts.rows, counts.errors) == (3, 3, 2)
    assert len(rows_of(tmp_path / "o")) == 3


def test_bad_rows_are_recorded_in_their_place(predictor: Predictor, tmp_path: Path, rows_of: RowsOf) -> None:
    settings = JobSettings(on_error="record")
    label_job(str(bad_corpus(tmp_path)), tmp_path / "o", predictor=predictor, settings=settings)
    rows = [json.loads(r) for r in rows_of(tmp_path / "o")]
    assert [r["text"] for r in rows] == ["One.", None, "Two.", None, "Three."]
    assert "not JSON" in rows[1]["error"]
    assert rows[3]["document"].endswith("bad.jsonl:4")


def test_too_many_bad_rows_end_the_job(predictor: Predictor, tmp_path: Path, rows_of: RowsOf) -> None:
    settings = JobSettings(on_error="record", max_errors=1)
    with pytest.raises(InputError, match=r"2 bad rows, more than the 1 .* row 4"):
        label_job(str(bad_corpus(tmp_path)), tmp_path / "o", predictor=predictor, settings=settings)
    assert len(rows_of(tmp_path / "o")) == 4


def test_a_megabyte_without_a_full_stop_is_one_truncated_sentence(predictor: Predictor, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("word " * 200_000 + "said.")
    counts = label_job(str(tmp_path / "a.txt"), tmp_path / "o", predictor=predictor).counts
    assert (counts.rows, counts.truncated) == (1, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": False}, "text was True and is False"),
        ({"mode": "sentence"}, "mode was 'document' and is 'sentence'"),
        ({"id_column": "text"}, "id_column was None and is 'text'"),
    ],
)
def test_other_settings_are_refused(
    predictor: Predictor, corpus: Path, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=PARTS)
    with pytest.raises(OutputError, match=message):
        label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=JobSettings(**change))


def test_other_input_is_refused_unless_restarted(predictor: Predictor, corpus: Path, tmp_path: Path) -> None:
    label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=PARTS)
    (corpus / "c.jsonl").write_text('{"text": "One more."}\n')
    with pytest.raises(OutputError, match=r"the list of its input files .* is another; input files was 2 and is 3"):
        label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=PARTS)
    summary = label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=PARTS, restart=True)
    assert pq.read_table(tmp_path / "o").num_rows == summary.counts.rows
    assert summary.rows_before == 0


def test_a_changed_part_is_refused(predictor: Predictor, corpus: Path, tmp_path: Path) -> None:
    label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=PARTS)
    (tmp_path / "o" / "part-00001.parquet").write_bytes(b"")
    with pytest.raises(OutputError, match=r"part-00001\.parquet is missing or was changed"):
        label_job(str(corpus), tmp_path / "o", predictor=predictor, settings=PARTS)


def test_a_folder_with_other_files_is_refused(predictor: Predictor, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The council met.")
    with pytest.raises(OutputError, match=r"holds a\.jsonl and no manifest|holds b\.jsonl and no manifest"):
        label_job(tmp_path / "a.txt", corpus, predictor=predictor)


def test_a_job_does_not_replace_its_input(corpus: Path) -> None:
    before = (corpus / "a.jsonl").read_bytes()
    with pytest.raises(ConfigError, match=r"a\.jsonl is also an input; choose another -o"):  # before a model is loaded
        label_job([corpus / "b.jsonl", corpus / "a.jsonl"], corpus / "a.jsonl")
    assert (corpus / "a.jsonl").read_bytes() == before


def test_an_output_that_is_a_file_without_an_ending_is_refused(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "results").write_text("somebody's")
    with pytest.raises(ConfigError, match=r"results is a file and its name ends in none of \.jsonl, .*; give a folder"):
        label_job(corpus, tmp_path / "results")
    assert (tmp_path / "results").read_text() == "somebody's"


def test_a_damaged_manifest_is_refused(predictor: Predictor, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "_manifest.json").write_text("{")
    with pytest.raises(OutputError, match="damaged"):
        label_job(str(corpus), tmp_path / "o", predictor=predictor)


@pytest.mark.parametrize("name", ["o.xlsx", "o.txt"])
def test_an_unknown_output_is_refused(predictor: Predictor, corpus: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="must be a folder or end in"):
        label_job(str(corpus), tmp_path / name, predictor=predictor)


@pytest.mark.parametrize(
    ("formats", "message"),
    [
        ({"parts_format": "foo"}, "parts format must be one of jsonl, .*, got 'foo'"),
        ({"input_format": "xml"}, "input format must be one of txt, .*, got 'xml'"),
    ],
)
def test_an_unknown_format_is_refused_in_python_too(
    predictor: Predictor, corpus: Path, tmp_path: Path, formats: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        label_job(str(corpus), tmp_path / "o", predictor=predictor, **formats)
    assert not (tmp_path / "o").exists()


def test_a_second_job_in_a_folder_says_so(predictor: Predictor, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "o").mkdir()
    lock = FolderLock(tmp_path / "o")
    with pytest.raises(OutputError, match=r"another job is at work .*process \d+"):
        label_job(str(corpus), tmp_path / "o", predictor=predictor)
    lock.release()
    label_job(str(corpus), tmp_path / "o", predictor=predictor)
    FolderLock(tmp_path / "o").release()  # a job that is done holds nothing


def test_a_file_system_without_locks_is_not_taken_for_another_job(
    predictor: Predictor, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("claimstance.model.job.output.lock._lock", fail)
    with pytest.raises(OutputError, match=r"cannot lock .*\.lock: .*No locks available; choose an -o on a file system"):
        label_job(corpus, tmp_path / "o", predictor=predictor)


@pytest.mark.parametrize("out", ["o", "o.jsonl"])
def test_a_full_disk_leaves_finished_parts_whole(
    predictor: Predictor, corpus: Path, tmp_path: Path, rows_of: RowsOf, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    label_job(str(corpus), tmp_path / "whole", predictor=predictor, settings=PARTS, parts_format="jsonl")
    writes = 0
    write = TableFile.write

    def fail_at_third(self: TableFile, table: Any) -> None:
        nonlocal writes
        writes += 1
        if writes == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(self, table)

    monkeypatch.setattr(TableFile, "write", fail_at_third)
    with pytest.raises(OutputError, match=r"No space left on device.*same command goes on"):
        label_job(str(corpus), tmp_path / out, predictor=predictor, settings=PARTS, parts_format="jsonl")
    folder = tmp_path / out if out == "o" else tmp_path / ".o.jsonl.parts"
    kept = rows_of(folder)
    expected = rows_of(tmp_path / "whole")
    assert 0 < len(kept) < len(expected)
    assert kept == expected[: len(kept)]
    assert not list(folder.glob("*.tmp"))
    label_job(str(corpus), tmp_path / out, predictor=predictor, settings=PARTS, parts_format="jsonl")
    assert rows_of(tmp_path / out) == expected


def test_settings_are_checked() -> None:
    for change in ({"mode": "page"}, {"on_error": "pray"}, {"max_errors": -1}, {"part_rows": 0}):
        with pytest.raises(ConfigError, match=next(iter(change))):
            JobSettings(**change)  # type: ignore[arg-type]


def test_a_limit_of_errors_needs_a_job_that_goes_on_past_them() -> None:
    with pytest.raises(ConfigError, match="max_errors 3 needs --on-error skip or record"):
        JobSettings(max_errors=3)
