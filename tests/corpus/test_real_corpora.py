"""Against the real public texts: set CLAIMSTANCE_CORPORA to a folder that ``claimstance corpus fetch`` filled."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from claimstance.eval.corpora import (
    load_corpora_config,
    read_finnumclaim,
    read_newsdiscourse_roles,
    read_plover_threaten,
)
from claimstance.eval.corpora.documents import CORPORA
from claimstance.model.artifact import sha256
from claimstance.train.corpus import build_corpus, check_leakage
from claimstance.train.corpus.build import ANNOTATIONS
from claimstance.train.corpus.join import read_annotations

SOURCE = os.environ.get("CLAIMSTANCE_CORPORA")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SOURCE, reason="CLAIMSTANCE_CORPORA does not name a folder of the public corpora"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    out = tmp_path_factory.mktemp("built")
    return out, build_corpus(Path(SOURCE), out)


def test_every_annotation_points_at_its_sentence(built, in_public_texts):
    _, report = built
    assert report.mismatches == ()
    assert report.counts["dev"] == {"fact": 415, "quote": 515, "threat": 12, "forecast": 155, "non_sentence": 46}
    assert report.counts["test"] == {"fact": 749, "quote": 974, "threat": 113, "forecast": 272, "non_sentence": 80}
    public = {annotation.id for annotation in read_annotations(ANNOTATIONS) if annotation.corpus in CORPORA}
    annotated = sum(n for key, n in report.sampling["train"].items() if not key.startswith("authored"))
    dropped = sum(leak.train in public for leak in report.dropped)
    measured = sum(sum(report.counts[split].values()) for split in ("dev", "test"))
    assert annotated + dropped + measured == in_public_texts == len(public)


def test_nothing_that_is_measured_on_enters_training(built):
    out, _ = built
    rows = {
        name: pq.read_table(out / f"{name}.parquet").to_pylist()
        for name in ("train", "unlabelled", "dev", "test", "authored_test")
    }
    for trained in ("train", "unlabelled"):
        for measured in ("dev", "test", "authored_test"):
            assert check_leakage(rows[trained], rows[measured]) == []
    outside = [
        {"corpus": "", "doc": "", "id": s.text, "text": s.text}
        for s in (*read_plover_threaten(Path(SOURCE)), *read_newsdiscourse_roles(Path(SOURCE)))
    ]
    assert check_leakage(rows["train"] + rows["unlabelled"], outside) == []


def test_enough_unlabelled_sentences_remain(built):
    assert sum(built[1].unlabelled.values()) > 15_000


def test_benchmarks_have_their_known_sizes():
    roles = read_newsdiscourse_roles(Path(SOURCE))
    assert (len(roles), sum(s.speech for s in roles)) == (4710, 1306)
    threats = read_plover_threaten(Path(SOURCE))
    assert (len(threats), sum(s.positive for s in threats)) == (1033, 58)
    assert len(read_finnumclaim(Path(SOURCE))) == 637


def test_the_files_are_those_that_the_config_pins():
    for name, corpus in load_corpora_config().corpora.items():
        for file in corpus.files:
            assert sha256(Path(SOURCE) / name / file.local) == file.sha256, file.local
