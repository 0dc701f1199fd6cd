"""``claimstance label`` as a user meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from claimstance.cli import app
from claimstance.model.engines.cores import available_cores
from claimstance.model.job import run
from claimstance.model.predictor import Predictor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from click.testing import Result


def label(tiny_model: Path, *arguments: str | Path, stdin: bytes = b"") -> Result:
    command = ["label", *map(str, arguments), "--model", str(tiny_model)]
    return CliRunner().invoke(app, command, input=stdin)


def real(tiny_model: Path, arguments: Sequence[str | Path], **options: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "claimstance", "label", *map(str, arguments), "--model", str(tiny_model)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, **options)  # type: ignore[call-overload, no-any-return]


def test_a_pipe_gets_json_lines_and_stderr_the_summary(tiny_model: Path, article: str) -> None:
    result = label(tiny_model, "-", stdin=article.encode())
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert all(article[r["start"] : r["end"]] == r["text"] for r in rows)
    assert [r["sentence"] for r in rows] == list(range(len(rows)))
    assert sum(rows[-1][k] or 0 for k in rows[-1] if k.startswith("p_")) in (0, pytest.approx(1, abs=1e-5))
    assert "1 documents" in result.stderr
    assert "rows a second" in result.stderr


def test_the_torch_engine_gives_the_same_labels(tiny_model: Path, article: str) -> None:
    found = []
    for engine in ("onnx", "torch"):
        lines = label(tiny_model, "-", "--engine", engine, stdin=article.encode()).stdout.splitlines()
        found.append([json.loads(line)["label"] for line in lines])
    assert found[0] == found[1]
    assert any(found[0])


@pytest.mark.parametrize(
    ("options", "threads", "workers"),
    [
        (["--workers", "1"], 1, 1),
        (["--workers", "2"], 1, 2),
        ([], 1, available_cores()),
        (["--engine", "torch"], 0, 1),
        (["--engine", "torch", "--workers", "1"], 1, 1),
    ],
)
def test_one_worker_keeps_to_one_core(
    tiny_model: Path,
    article: str,
    options: list[str],
    threads: int,
    workers: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    load, mapped = Predictor.from_pretrained, run.map_in_order

    def loaded(*arguments: Any, **named: Any) -> Predictor:
        asked.append(named.pop("threads"))
        return load(*arguments, threads=1, **named)

    def counted(function: Any, source: Any, number: int, check: Any) -> Any:
        asked.append(number)
        return mapped(function, source, number, check)

    monkeypatch.setattr(Predictor, "from_pretrained", loaded)
    monkeypatch.setattr(run, "map_in_order", counted)
    assert label(tiny_model, "-", *options, stdin=article.encode()).exit_code == 0
    assert asked == [threads, workers]


def test_quiet_says_nothing(tiny_model: Path, article: str) -> None:
    assert label(tiny_model, "-", "-q", stdin=article.encode()).stderr == ""


def test_standard_input_may_hold_json_lines_of_sentences(tiny_model: Path, sentences: list[str]) -> None:
    stdin = "".join(json.dumps({"s": s, "n": i}) + "\n" for i, s in enumerate(sentences)).encode()
    options = ("--format", "jsonl", "--mode", "sentence", "--text-column", "s", "--id-column", "n", "--no-text")
    rows = [json.loads(line) for line in label(tiny_model, "-", *options, stdin=stdin).stdout.splitlines()]
    assert [r["document"] for r in rows] == [str(i) for i in range(len(sentences))]
    assert "text" not in rows[0]


def test_log_json_writes_progress_for_a_scheduler(tiny_model: Path, article: str, tmp_path: Path) -> None:
    result = label(tiny_model, "-", "--log-json", "-o", tmp_path / "o.csv", stdin=article.encode())
    events = [json.loads(line) for line in result.stderr.splitlines()]
    assert [e["event"] for e in events] == ["begin", "end"]
    assert all({"rows", "labels", "errors", "rows_per_second", "seconds_left"} <= set(e) for e in events)
    assert events[-1]["documents"] == 1
    assert sum(events[-1]["labels"].values()) == events[-1]["sentences"] > 0
    assert (events[-1]["status"], events[-1]["error"], events[-1]["seconds_left"]) == ("done", None, 0)


def test_quiet_silences_log_json(tiny_model: Path, article: str) -> None:
    assert label(tiny_model, "-", "--log-json", "--quiet", stdin=article.encode()).stderr == ""


@pytest.mark.parametrize(
    ("arguments", "events", "error"),
    [
        (["-", "--mode", "sentence"], ["begin", "end"], "-, row 3: text is not UTF-8"),
        (["nope.txt"], ["end"], "no such file"),
        (["-", "--on-error", "pray"], ["end"], "on_error must be one of"),
    ],
)
def test_a_failed_job_logs_its_end(tiny_model: Path, arguments: list[str], events: list[str], error: str) -> None:
    result = label(tiny_model, *arguments, "--log-json", stdin=b"They met.\nTalks failed.\n\xff\n")
    *lines, plain = result.stderr.splitlines()
    found = [json.loads(line) for line in lines]
    assert [e["event"] for e in found] == events
    assert found[-1]["status"] == "failed"
    assert error in found[-1]["error"]
    assert plain == f"error: {found[-1]['error']}"
    assert found[-1]["rows"] == (2 if "begin" in events else 0)
    assert found[-1]["seconds_left"] is None


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nope.txt"], 3, "no such file"),
        (["-", "--on-error", "pray"], 2, "on_error must be one of"),
        (["-", "--format", "doc"], 2, "input format must be one of"),
        (["-", "--parts-format", "xlsx"], 2, "parts format must be one of"),
        (["-", "--runner", "spark"], 2, "runner must be one of"),
        (["-", "-o", "o.xlsx"], 2, "output must be a folder or end in"),
        (["-", "-o", os.devnull], 2, f"{os.devnull} is a file and its name ends in none of .jsonl"),
        (["-", "--max-errors", "3"], 2, "needs --on-error skip or record"),
        (["They met. " * 50], 3, "to label a text, pipe it in"),
        (["-", "--min-confidence", "2"], 2, "--min-confidence"),
        (["-", "--engine", "abacus"], 2, "engine must be auto or one of"),
        (["-", "--device", "cuda", "--engine", "onnx"], 4, "runs on 'cpu'"),
        (["-"], 3, "-: text must hold some text"),
    ],
)
def test_errors_have_documented_exit_codes(
    tiny_model: Path, arguments: list[str], code: int, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = label(tiny_model, *arguments, stdin=b" ")
    assert result.exit_code == code
    assert message in result.stderr
    assert result.stdout == ""


def test_a_missing_model_exits_with_4(tmp_path: Path, article: str) -> None:
    assert label(tmp_path / "no-model", "-", stdin=article.encode()).exit_code == 4


def test_a_folder_of_another_job_exits_with_5(tiny_model: Path, tmp_path: Path, article: str) -> None:
    (tmp_path / "a.txt").write_text(article)
    assert label(tiny_model, tmp_path / "a.txt", "-o", tmp_path / "o").exit_code == 0
    other = label(tiny_model, tmp_path / "a.txt", "-o", tmp_path / "o", "--no-text")
    assert other.exit_code == 5
    assert "results of another job" in other.stderr
    assert label(tiny_model, tmp_path / "a.txt", "-o", tmp_path / "o", "--no-text", "--restart").exit_code == 0


def test_an_output_that_is_also_an_input_exits_with_2(tiny_model: Path, tmp_path: Path) -> None:
    same = tmp_path / "same.jsonl"
    same.write_text('{"text": "The council met."}\n')
    result = label(tiny_model, same, "-o", same)
    assert result.exit_code == 2
    assert "same.jsonl is also an input; choose another -o" in result.stderr
    assert same.read_text() == '{"text": "The council met."}\n'


def test_standard_input_cannot_be_resumed(tiny_model: Path, tmp_path: Path, article: str) -> None:
    assert label(tiny_model, "-", "-o", tmp_path / "o", stdin=article.encode()).exit_code == 0
    again = label(tiny_model, "-", "-o", tmp_path / "o", stdin=article.encode())
    assert again.exit_code == 5
    assert "standard input" in again.stderr


def test_help_names_the_exit_codes(tiny_model: Path) -> None:
    result = CliRunner().invoke(app, ["label", "--help"])
    assert "Exit codes" in result.stdout
    assert "143" in result.stdout


def test_a_reader_that_leaves_is_no_error(tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The council met.\n" * 5000)
    process = real(tiny_model, [tmp_path / "a.txt", "--mode", "sentence"], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"{")
    process.stdout.close()
    errors = process.communicate()[1]
    assert process.returncode == 0
    assert b"Traceback" not in errors
    assert b"BrokenPipe" not in errors


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_standard_output_exits_with_5(tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The council met.\n")
    with open("/dev/full", "wb") as full:
        process = real(tiny_model, [tmp_path / "a.txt"], stdout=full)
        errors = process.communicate()[1]
    assert process.returncode == 5
    assert errors.startswith(b"error: cannot write to standard output")
    assert b"Traceback" not in errors


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs pseudo-terminals")
def test_a_terminal_gets_a_table_that_text_cannot_steer(tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Written by Anna Fletcher\n\nThe council \x1b]0;owned\x07met [red]today[/red].\n")
    master, slave = os.openpty()
    process = real(tiny_model, [tmp_path / "a.txt"], stdout=slave)
    os.close(slave)
    assert process.wait(60) == 0
    shown = os.read(master, 10_000).decode()
    os.close(master)
    assert "score" in shown
    assert "byline" in shown
    assert "[red]today[/red]" in shown
    assert "\x1b]0;" not in shown
    assert "{" not in shown
