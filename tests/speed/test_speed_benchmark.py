"""The benchmark measures what it says, on a tiny model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from typer.testing import CliRunner

from claimstance.cli import app
from claimstance.eval.speed.benchmark import run_benchmark
from claimstance.eval.speed.child import Child
from claimstance.eval.speed.contestants import CONTESTANTS, OWN_REFERENCE, Contestant, load_tfidf
from claimstance.eval.speed.peaks import matmul_peaks, operations
from claimstance.eval.speed.sentences import Sentences, authored, from_file
from claimstance.model.errors import ConfigError, InputError, ModelError
from claimstance.model.labels import LABELS

if TYPE_CHECKING:
    from pathlib import Path


def test_authored_sentences_have_labels_of_every_kind() -> None:
    known = authored()
    assert known.labels is not None
    assert len(known.texts) == len(known.labels) > 1000
    assert set(known.labels.tolist()) == set(range(len(LABELS)))


def test_file_of_sentences_skips_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "s.txt"
    path.write_text("One.\n\n  Two.  \n")
    assert from_file(path).texts == ["One.", "Two."]


def test_file_without_a_sentence_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text("\n")
    with pytest.raises(InputError, match="holds no sentence"):
        from_file(tmp_path / "s.txt")


def test_operations_count_projections_feed_forward_and_attention(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"hidden_size": 10, "num_hidden_layers": 3, "intermediate_size": 40}))
    # 3 layers x 7 tokens x (4 x 10 x 10 + 2 x 10 x 40 + 2 x 7 x 10) multiply-adds
    assert operations(path, 7) == 2 * 3 * 7 * (400 + 800 + 140)


def test_peaks_are_rates_of_this_machine() -> None:
    peaks = matmul_peaks()
    assert peaks["float32"] > 1e8
    assert set(peaks) <= {"float32", "bfloat16", "int8"}


def test_contestants_names_are_unique_and_references_exist() -> None:
    names = [c.name for c in CONTESTANTS]
    assert len(set(names)) == len(names)
    assert {c.reference for c in CONTESTANTS} <= {*names, ""}


def test_tfidf_learns_the_authored_sentences() -> None:
    known = authored()
    found = load_tfidf("", {})(known.texts[:200])
    assert known.labels is not None
    assert np.mean(found == known.labels[:200]) > 0.6


def test_results_are_of_the_sentences_given(tiny_model: Path, sentences: list[str]) -> None:
    own = Sentences("own", sentences * 3, np.zeros(24, dtype=np.intp))
    found = run_benchmark(str(tiny_model), own, rounds=2, only=["claimstance onnx", OWN_REFERENCE], growth=[24, 48])
    assert [r.system for r in found.results] == ["claimstance onnx", OWN_REFERENCE]
    onnx, reference = found.results
    assert onnx.slowest <= onnx.sentences_per_second <= onnx.fastest
    assert onnx.tokens_per_second == pytest.approx(
        onnx.sentences_per_second * found.facts["tokens_per_sentence"], rel=0.01
    )
    assert reference.agreement == 1.0
    assert onnx.agreement is not None
    assert onnx.peak_mb > 10
    assert onnx.times_baseline is None  # the pipeline took no part
    assert [g["sentences"] for g in found.growth] == [24, 48]
    assert found.facts["sentences"] == 24


def test_nobody_taking_part_is_an_error(tiny_model: Path) -> None:
    with pytest.raises(ConfigError, match="--only was"):
        run_benchmark(str(tiny_model), Sentences("own", ["One."], None), only=["no such system"])


def test_a_contestant_that_cannot_load_says_why(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="mine: ModelError"):
        Child(Contestant("mine", "own", {"engine": "onnx"}), str(tmp_path))


def test_command_prints_tables_and_writes_files(tiny_model: Path, tmp_path: Path) -> None:
    arguments = ["benchmark", "--model", str(tiny_model), "--limit", "16", "--rounds", "1", "--growth", "8,16"]
    done = CliRunner().invoke(app, [*arguments, "--only", "claimstance onnx", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "sentences/s" in done.output
    record = json.loads((tmp_path / "speed.json").read_text())
    assert [r["system"] for r in record["results"]] == ["claimstance onnx"]
    assert record["facts"]["default_engine"] in {"onnx", "openvino"}
    for name in ("speed.png", "growth.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")


def test_command_refuses_sizes_that_are_none(tiny_model: Path) -> None:
    done = CliRunner().invoke(app, ["benchmark", "--model", str(tiny_model), "--growth", "many"])
    assert done.exit_code == 2
    assert "--growth takes numbers" in done.output
