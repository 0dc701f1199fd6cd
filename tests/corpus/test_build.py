from __future__ import annotations

import csv
import json

import pyarrow.parquet as pq
import pytest

from claimstance.model.errors import CorpusError
from claimstance.model.labels import LABELS
from claimstance.train.corpus import build_corpus
from claimstance.train.corpus.authored import is_held_out, read_authored


@pytest.fixture
def build(source, authored, tmp_path):
    def run(**options):
        out = tmp_path / "out"
        report = build_corpus(source.folder, out, annotations=source.annotations, authored=authored, **options)
        return out, report

    return run


def rows_of(out, name):
    return pq.read_table(out / f"{name}.parquet").to_pylist()


def by_id(out, *names):
    return {row["id"]: row for name in names for row in rows_of(out, name)}


def test_every_annotation_is_joined_with_its_sentence(build):
    out, report = build()
    rows = by_id(out, "train", "dev", "test")
    assert report.mismatches == ()
    assert rows["w2"]["text"] == "Engineers said the repairs had held."
    assert rows["b1"]["text"] == "“We will sue,” the owner warned the council."
    assert rows["u1"]["text"] == 'The Committee "noted" the report of its experts.'
    assert {row["split"] for row in rows.values()} == {"train", "dev", "test"}
    assert set(by_id(out, "test")) == {"w4", "t1", "p1"}


def test_codes_become_facets_and_a_label(build):
    out, _ = build()
    rows = by_id(out, "train", "test")
    threat = rows["b1"]
    assert (threat["quote"], threat["threat"], threat["forecast"], LABELS[threat["label"]]) == (1, 1, 0, "threat")
    assert LABELS[rows["t1"]["label"]] == "forecast"
    assert (rows["n1"]["is_sentence"], LABELS[rows["n1"]["label"]]) == (False, "fact")
    assert rows["n2"]["is_sentence"]


def test_context_comes_from_the_document_without_its_line_numbers(build):
    out, _ = build()
    rows = by_id(out, "train", "test")
    assert rows["n3"]["previous"] == "The ferry line closed on Friday."
    assert rows["n2"]["previous"] == "Ferry line closes"
    assert rows["n1"]["previous"] == ""
    assert rows["b1"]["previous"] == "The council voted on Tuesday."
    assert rows["w2"]["previous"] == "The bridge reopened on Monday."
    assert rows["t1"]["quotation_open"]
    assert not rows["n3"]["quotation_open"]


def test_a_quarter_of_the_contrast_groups_is_held_out_whole(build):
    out, _ = build()
    held = {row["doc"] for row in rows_of(out, "authored_test")}
    trained = {row["doc"] for row in rows_of(out, "train") if row["corpus"] == "authored"}
    assert held == {f"g{n:02}" for n in range(40) if is_held_out(f"g{n:02}")}
    assert held
    assert not held & trained


def test_extra_own_sentences_go_to_train_under_their_file_name(build, tmp_path):
    extra = tmp_path / "harbour.tsv"
    extra.write_text("group\tcodes\ttopic\ttext\nh1\tT\tports\tPay by dusk or we sink the barge.\n", encoding="utf-8")
    out, _ = build(extra_authored=[extra])
    (row,) = [row for row in rows_of(out, "train") if row["corpus"] == "harbour"]
    assert (row["threat"], row["doc"], row["sampling"], row["topic"]) == (1, "h1", "authored", "ports")


def test_a_changed_text_is_reported_by_row_and_stops_the_build(build, source, tmp_path):
    source.rewrite(w2={"sha256": "0" * 16}, d1={"doc": "validation/pears"}, c1={"end": "9999"})
    with pytest.raises(CorpusError, match="3 annotations do not match"):
        build()
    with (tmp_path / "out/mismatches.csv").open(encoding="utf-8", newline="") as file:
        reasons = {row["id"]: row["reason"] for row in csv.DictReader(file)}
    assert set(reasons) == {"w2", "d1", "c1"}
    assert "expected 0000" in reasons["w2"]
    assert "no document 'validation/pears'" in reasons["d1"]
    assert "outside the document" in reasons["c1"]
    assert not (tmp_path / "out/train.parquet").exists()


def test_mismatches_can_be_left_out(build, source):
    source.rewrite(w2={"sha256": "0" * 16})
    out, report = build(allow_mismatches=True)
    assert [m.id for m in report.mismatches] == ["w2"]
    assert "w2" not in by_id(out, "train")
    assert "w1" in by_id(out, "train")


def test_a_missing_corpus_counts_as_mismatches_of_its_rows(build, source):
    (source.folder / "un/en_annotations_quad_multiclass.tsv").unlink()
    out, report = build(allow_mismatches=True)
    assert [m.id for m in report.mismatches] == ["u1"]
    assert "is missing" in report.mismatches[0].reason
    assert "w1" in by_id(out, "train")


def test_a_training_row_that_rewords_an_evaluation_sentence_is_dropped(build, tmp_path):
    extra = tmp_path / "copy.tsv"
    text = "The admiral threatened to shell the harbour unless the fleet surrendered by noon."
    extra.write_text(f"group\tcodes\ttopic\ttext\nx1\tQT\twar\t{text}\n", encoding="utf-8")
    out, report = build(extra_authored=[extra])
    assert [(leak.train, leak.other, leak.kind) for leak in report.dropped] == [("copy-x1-1", "p1", "near")]
    assert "copy-x1-1" not in by_id(out, "train")


def test_a_document_in_two_splits_is_refused(build, source):
    source.rewrite(w1={"split": "test"})
    with pytest.raises(CorpusError, match=r"document '0' of wikinews stands in the splits"):
        build()


def test_unlabelled_sentences_come_from_no_evaluation_document_and_no_benchmark(build):
    out, report = build()
    rows = rows_of(out, "unlabelled")
    texts = {row["text"] for row in rows}
    assert "A quiet second article." in texts
    assert "The envoy asked both armies to hold their fire." in texts
    assert "The council voted on Tuesday." in texts
    assert sum(report.unlabelled.values()) == len(rows)
    documents = {(row["corpus"], row["doc"]) for row in rows}
    assert not documents & {("wikinews", "2"), ("newsdiscourse", "validation/apples")}
    assert not any(doc.startswith(("test/", "PLV_test", "AW_test")) for _, doc in documents)
    annotated = {row["text"] for name in ("train", "dev", "test") for row in rows_of(out, name)}
    assert not texts & annotated


def test_the_report_file_says_what_was_written(build):
    out, report = build()
    written = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert written["counts"]["test"] == {"fact": 1, "quote": 0, "threat": 1, "forecast": 1, "non_sentence": 0}
    assert written["files"] == report.files
    assert set(report.files) == {f"{n}.parquet" for n in ("train", "dev", "test", "authored_test", "unlabelled")}


def test_the_build_is_reproducible(build):
    assert build()[1].files == build()[1].files


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"codes": "X"}, "codes must be one of"),
        ({"split": "validation"}, "split must be one of dev, test, train"),
        ({"start": "one"}, "whole numbers"),
        ({"id": "w2"}, "an id comes twice"),
    ],
)
def test_a_wrong_annotation_file_is_refused(build, source, change, message):
    source.rewrite(w1=change)
    with pytest.raises(CorpusError, match=message):
        build()


@pytest.mark.parametrize("line", ["g1\tF\tferries", "g1\tN\tferries\tNo.", "g1\tF\tferries\t "])
def test_a_wrong_authored_line_is_refused_with_its_number(tmp_path, line):
    path = tmp_path / "own.tsv"
    path.write_text(f"group\tcodes\ttopic\ttext\n{line}\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="line 2"):
        read_authored(path, "own", hold_out=False)


def test_a_missing_source_folder_is_named(tmp_path):
    with pytest.raises(CorpusError, match="does not exist"):
        build_corpus(tmp_path / "nowhere", tmp_path / "out")


def test_the_command_ends_with_code_3_when_annotations_do_not_match(source, in_public_texts, tmp_path):
    from typer.testing import CliRunner

    from claimstance.cli import app

    # The shipped annotations point into the real texts, which this tree does not hold.
    result = CliRunner().invoke(
        app, ["corpus", "build", "--source", str(source.folder), "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 3
    assert f"{in_public_texts} annotations do not match their texts" in result.output
    assert "--allow-mismatches" in result.output
