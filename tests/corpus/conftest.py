"""A tiny source tree in the form of each public corpus, with sentences of our own, and annotations of it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from claimstance.eval.corpora.documents import CORPORA
from claimstance.train.corpus.build import ANNOTATIONS as ANNOTATIONS_FILE

if TYPE_CHECKING:
    from pathlib import Path

WIKINEWS = [
    "The bridge reopened on Monday. Engineers said the repairs had held.\n\nTraffic could double by the autumn.",
    "A quiet second article. It has no annotation at all, and nobody ever read it closely.",
    "The lake froze overnight in the northern valley. The mayor said skating would be banned.",
]
NEWS_TRAIN = "H Ferry line closes\n\nS1 The ferry line closed on Friday.\nS2  “We are out of money,” its owner said."
NEWS_DEV = "S1 A dev article about apples.\nS2 Its second sentence is left without annotation here.\n"
NEWS_TEST = (
    "H TEST HEADLINE HERE\n\nS1 The strike began at dawn.\nS2 “It will end badly,\n"
    "S3 and everyone knows it,” she said.\nS4 A line without any label.\n"
)
NEWS_TEST_ANN = (
    "T1\tMain 20 22\tS1\nE1\tMain:T1 \nT2\tDistant_Expectations_Consequences 50 52\tS2\nT3\tSpeech 50 52\tS2\n"
    "T4\tDistant_Evaluation 80 82\tS3\nT5\tSpeech 80 82\tS3\n"
)
BASIL = {
    "title": "Council Votes On The Old Mill",
    "body-paragraphs": [["The council voted on Tuesday. ", "  "], ["“We will sue,” the owner warned the council."]],
}
PLOVER = {
    "PLV_train": [("The envoy asked both armies to hold their fire.", "REQUEST")],
    "PLV_test": [
        ("The general threatened to shell the harbour unless the fleet surrendered by noon.", "THREATEN"),
        ("The two ministers met in the capital.", "CONSULT"),
    ],
    "AW_train": [("Workers at the plant walked out over their pay.", "")],
    "AW_test": [("Troops crossed the river in small boats that night.", "")],
}
CAMEO = {
    "train": ["Rebels shelled the old town again.\t3", "The king met the premier.\t1"],
    "test": ["A truce held.\t0"],
}
UN = ["The Panel visited four ports during its mandate.", 'The Committee "noted" the report of its experts.']


@pytest.fixture(scope="session")
def in_public_texts() -> int:
    """How many of the shipped annotations point into public texts; the others point into our own articles."""
    with ANNOTATIONS_FILE.open(encoding="utf-8", newline="") as file:
        return sum(row["corpus"] in CORPORA for row in csv.DictReader(file))


@dataclass
class Source:
    """The tree's folder and the annotations file that points into it."""

    folder: Path
    annotations: Path

    def rewrite(self, **changes: dict[str, str]) -> None:
        """Change fields of the annotations with the given ids."""
        with self.annotations.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            row.update(changes.get(row["id"], {}))
        _write_annotations(rows, self.annotations)


def _write_annotations(rows: list[dict[str, str]], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def _zip(path: Path, members: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
            folder, _, base = name.rpartition("/")
            archive.writestr(f"__MACOSX/{folder}/._{base}", "a Mac's shadow file")


def _write_sources(folder: Path) -> None:
    for name in ("wikinews", "newsdiscourse", "plover", "cameo", "un", "basil/articles/2015"):
        (folder / name).mkdir(parents=True)
    articles = [{"original_text": text, "extracted": []} for text in WIKINEWS]
    (folder / "wikinews/goldEN.json").write_text(json.dumps(articles), encoding="utf-8")
    _zip(folder / "newsdiscourse/train.zip", {"train 2/Crime/ferry.txt": NEWS_TRAIN, "train 2/Crime/ferry.ann": ""})
    _zip(folder / "newsdiscourse/validation.zip", {"validation/apples.txt": NEWS_DEV, "validation/apples.ann": ""})
    _zip(
        folder / "newsdiscourse/test.zip",
        {"test/Crime/strike.txt": NEWS_TEST, "test/Crime/strike.ann": NEWS_TEST_ANN},
    )
    (folder / "basil/articles/2015/mill_1.json").write_text(json.dumps(BASIL), encoding="utf-8")
    for name, rows in PLOVER.items():
        buffer = io.StringIO()
        writer = csv.writer(buffer, delimiter="\t", lineterminator="\n")
        writer.writerow(["uid", "gold_root", "sentence"])
        writer.writerows([number, root, f" {text} "] for number, (text, root) in enumerate(rows))
        (folder / f"plover/{name}.tsv").write_text(buffer.getvalue(), encoding="utf-8")
    for name, lines in CAMEO.items():
        (folder / f"cameo/{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    table = "en\tQuadClass\n" + "".join(f"{text}\t0\n" for text in UN)
    (folder / "un/en_annotations_quad_multiclass.tsv").write_text(table, encoding="utf-8")


BASIL_TEXT = (
    "Council Votes On The Old Mill\nThe council voted on Tuesday.\n“We will sue,” the owner warned the council."
)

FERRY, STRIKE, MILL = "train 2/Crime/ferry", "test/Crime/strike", "2015/mill_1"

# id, corpus, doc, document text, sentence, codes, split, sampling
ANNOTATED = [
    ("w1", "wikinews", "0", WIKINEWS[0], "The bridge reopened on Monday.", "-", "train", "natural"),
    ("w2", "wikinews", "0", WIKINEWS[0], "Engineers said the repairs had held.", "Q", "train", "natural"),
    ("w3", "wikinews", "0", WIKINEWS[0], "Traffic could double by the autumn.", "F", "train", "natural"),
    ("w4", "wikinews", "2", WIKINEWS[2], "The lake froze overnight in the northern valley.", "-", "test", "natural"),
    ("n1", "newsdiscourse", FERRY, NEWS_TRAIN, "Ferry line closes", "N", "train", "natural"),
    ("n2", "newsdiscourse", FERRY, NEWS_TRAIN, "The ferry line closed on Friday.", "-", "train", "natural"),
    ("n3", "newsdiscourse", FERRY, NEWS_TRAIN, "“We are out of money,” its owner said.", "Q", "train", "natural"),
    ("d1", "newsdiscourse", "validation/apples", NEWS_DEV, "A dev article about apples.", "-", "dev", "natural"),
    ("t1", "newsdiscourse", STRIKE, NEWS_TEST, "and everyone knows it,” she said.", "QF", "test", "enriched"),
    ("b1", "basil", MILL, BASIL_TEXT, "“We will sue,” the owner warned the council.", "QT", "train", "enriched"),
    ("p1", "plover", "PLV_test:0", PLOVER["PLV_test"][0][0], PLOVER["PLV_test"][0][0], "QT", "test", "enriched"),
    ("c1", "cameo", "train:0", CAMEO["train"][0][:-2], "Rebels shelled the old town again.", "-", "train", "enriched"),
    ("u1", "un", "2", UN[1], UN[1], "Q", "train", "enriched"),
]  # fmt: skip


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "corpora"
    _write_sources(folder)
    rows = []
    for id_, corpus, doc, text, sentence, codes, split, sampling in ANNOTATED:
        start = text.index(sentence)
        rows.append(
            {
                "id": id_,
                "corpus": corpus,
                "doc": doc,
                "start": str(start),
                "end": str(start + len(sentence)),
                "sha256": hashlib.sha256(sentence.encode()).hexdigest()[:16],
                "codes": codes,
                "split": split,
                "sampling": sampling,
                "decided": "single",
            }
        )
    annotations = tmp_path / "annotations.csv"
    _write_annotations(rows, annotations)
    return Source(folder, annotations)


@pytest.fixture
def authored(tmp_path):
    lines = ["group\tcodes\ttopic\ttext"]
    for number in range(40):
        name = " ".join(f"{word}{number}" for word in ("Marigold", "Heron", "Otter", "Plover", "Teal", "Wren"))
        lines.append(f"g{number:02}\tF\tferries\tThe {name} is likely to sink before long.")
        lines.append(f"g{number:02}\t-\tferries\tThe {name} has sunk in deep water.")
    path = tmp_path / "authored.tsv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
