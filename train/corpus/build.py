"""Building the corpus: join, check, leave out what leaks, write Parquet and a report."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimstance.eval.corpora.documents import CORPORA, Documents
from claimstance.eval.corpora.fetch import fetch_corpora
from claimstance.model.artifact import sha256
from claimstance.model.errors import CorpusError
from claimstance.model.labels import LABELS
from claimstance.train.corpus.authored import HELD_OUT_SPLIT, read_authored
from claimstance.train.corpus.features import ROW_COLUMNS, UNLABELLED_COLUMNS, write_parquet
from claimstance.train.corpus.join import Mismatch, join, read_annotations
from claimstance.train.corpus.leakage import Leak, check_leakage
from claimstance.train.corpus.own_texts import read_own_texts, refuse_taken_name
from claimstance.train.corpus.rows import NON_SENTENCE, Row
from claimstance.train.corpus.unlabelled import benchmark_texts, unlabelled_sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from claimstance.eval.corpora.config import CorporaConfig
    from claimstance.eval.corpora.fetch import FetchedFile

DATA = Path(__file__).resolve().parent.parent / "data"
ANNOTATIONS = DATA / "annotations.csv"
AUTHORED = DATA / "authored.tsv"
OWN_TEXTS = tuple(
    DATA / name
    for name in ("authored_articles.txt", "authored_boundaries.txt", "authored_news.txt", "authored_wire.tsv")
)
"""Own texts: annotations point into the articles, so none is ever changed; ``unlabelled`` gets the other sentences."""

SPLITS = ("train", "dev", "test", HELD_OUT_SPLIT)
"""Splits with labels; each becomes ``SPLIT.parquet``."""

REPORT_FILE = "report.json"
MISMATCH_FILE = "mismatches.csv"


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        counts: Sentences by split and label; ``non_sentence`` counts the rows with code N.
        sampling: Rows by split and ``CORPUS/SAMPLING``.
        unlabelled: Sentences without annotation by corpus.
        mismatches: Annotations left out because their sentence was not where they point.
        dropped: Training rows left out because they give an evaluation row away.
        files: SHA-256 of each Parquet file by its name.
    """

    counts: dict[str, dict[str, int]]
    sampling: dict[str, dict[str, int]]
    unlabelled: dict[str, int]
    mismatches: tuple[Mismatch, ...]
    dropped: tuple[Leak, ...]
    files: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values, as it stands in ``report.json``."""
        return asdict(self)


def _counts(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    counts = {split: dict.fromkeys((*LABELS, "non_sentence"), 0) for split in SPLITS}
    for row in rows:
        name = "non_sentence" if row.codes == NON_SENTENCE else LABELS[row.to_dict()["label"]]
        counts[row.split][name] += 1
    return counts


def _sampling(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {split: Counter() for split in SPLITS}
    for row in rows:
        counts[row.split][f"{row.corpus}/{row.sampling}"] += 1
    return {split: dict(sorted(counter.items())) for split, counter in counts.items()}


def _write_mismatches(mismatches: Sequence[Mismatch], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Mismatch)])
        writer.writeheader()
        writer.writerows(asdict(mismatch) for mismatch in mismatches)


def _read_own(authored: Path, extra_authored: Sequence[Path]) -> list[Row]:
    rows = read_authored(authored, "authored", hold_out=True)
    for path in extra_authored:
        refuse_taken_name(path)
        rows += read_authored(path, path.stem, hold_out=False)
    return rows


def _drop_leaks(rows: Sequence[Row], outside: Sequence[str]) -> tuple[list[Row], list[Leak]]:
    """Leave training rows out that equal, or nearly, a row of another split or a sentence of an outside benchmark."""
    train = [row.to_dict() for row in rows if row.split == "train"]
    others = [row.to_dict() for row in rows if row.split != "train"]
    others += [{"corpus": "", "doc": "", "id": f"benchmark-{n}", "text": text} for n, text in enumerate(outside)]
    leaks = check_leakage(train, others)
    leaking = {leak.train for leak in leaks}
    return [row for row in rows if row.id not in leaking], leaks


def build_corpus(
    source: Path | None,
    out: Path,
    *,
    annotations: Path = ANNOTATIONS,
    authored: Path = AUTHORED,
    extra_authored: Sequence[Path] = (),
    own_texts: Sequence[Path] = OWN_TEXTS,
    allow_mismatches: bool = False,
    cache: Path | None = None,
    config: CorporaConfig | None = None,
    base_url: str | None = None,
    on_file: Callable[[FetchedFile], None] | None = None,
) -> BuildReport:
    """Build the Parquet files that training and evaluation read.

    Args:
        source: Folder of the corpora, one sub-folder each; None to fetch them at their pinned commits.
        out: Folder for ``train``, ``dev``, ``test``, ``authored_test`` and ``unlabelled`` (``.parquet``), the report
            and the list of mismatches. Files of an earlier build are replaced.
        annotations: Stand-off annotations.
        authored: The project's own sentences; a quarter of their groups goes to ``authored_test``.
        extra_authored: Further files of that form; all their rows go to train, under the file's name as corpus.
        own_texts: Files that ``read_own_texts`` reads. Annotations may point into their articles (corpus: the file's
            name without ending; document: the article's running number); their other sentences go to ``unlabelled``.
        allow_mismatches: Leave annotations out whose sentence is not where they point, instead of failing.
        cache: Where fetched corpora are kept; default ``out/sources``.
        config: Where the corpora are fetched from; None for the shipped ``configs/corpora.yaml``.
        base_url: A mirror to fetch from.
        on_file: Called with each corpus file that was fetched or was there.

    Raises:
        CorpusError: If annotations do not match and that is not allowed (they are all listed in ``mismatches.csv``
            then, and nothing else is written), if a document stands in two splits, or a file cannot be read or
            fetched.
    """
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    if source is None:
        source = _fetch(cache or out / "sources", config, base_url, on_file)
    elif not Path(source).is_dir():
        msg = f"the corpora's folder {source} does not exist; leave --source out to have them fetched"
        raise CorpusError(msg)
    articles, sentences = read_own_texts(own_texts)
    documents = Documents(Path(source), articles)
    rows, mismatches = join(read_annotations(annotations), documents)
    _check_own(rows, articles)
    _write_mismatches(mismatches, out / MISMATCH_FILE)
    if mismatches and not allow_mismatches:
        raise CorpusError(_mismatch_message(mismatches, out / MISMATCH_FILE))
    rows += _read_own(authored, extra_authored)
    _check_documents(rows)
    outside = benchmark_texts(documents)
    kept, dropped = _drop_leaks(rows, outside)
    measured = [row.text for row in kept if row.split != "train"]
    loose = unlabelled_sentences(documents, rows, [*measured, *outside], sentences)
    files = {}
    for split in SPLITS:
        path = out / f"{split}.parquet"
        write_parquet((row.to_dict() for row in kept if row.split == split), ROW_COLUMNS, path)
        files[path.name] = sha256(path)
    path = out / "unlabelled.parquet"
    write_parquet((asdict(sentence) for sentence in loose), UNLABELLED_COLUMNS, path)
    files[path.name] = sha256(path)
    report = BuildReport(
        counts=_counts(kept),
        sampling=_sampling(kept),
        unlabelled=dict(Counter(sentence.corpus for sentence in loose)),
        mismatches=tuple(mismatches),
        dropped=tuple(dropped),
        files=files,
    )
    (out / REPORT_FILE).write_text(json.dumps(report.to_dict(), indent=2) + "\n", encoding="utf-8")
    return report


def _fetch(
    folder: Path,
    config: CorporaConfig | None,
    base_url: str | None,
    on_file: Callable[[FetchedFile], None] | None,
) -> Path:
    from claimstance.eval.corpora.config import load_corpora_config

    config = config or load_corpora_config()
    names = [name for name in CORPORA if name in config.corpora]
    fetch_corpora(config, folder, names=names, base_url=base_url, on_file=on_file)
    return folder


def _mismatch_message(mismatches: Sequence[Mismatch], path: Path) -> str:
    corpora = ", ".join(f"{n} of {name}" for name, n in sorted(Counter(m.corpus for m in mismatches).items()))
    first = mismatches[0]
    return (
        f"{len(mismatches)} annotations do not match their texts ({corpora}); the first: {first.doc} at "
        f"{first.start}: {first.reason}. All are listed in {path}; --allow-mismatches leaves them out"
    )


def _check_own(rows: Sequence[Row], articles: Mapping[str, object]) -> None:
    for row in rows:
        if (row.sampling == "authored") != (row.corpus in articles):
            msg = f"annotation {row.id} of {row.corpus}: sampling is authored for own articles and only for them"
            raise CorpusError(msg)


def _check_documents(rows: Sequence[Row]) -> None:
    split_of: dict[tuple[str, str], str] = {}
    for row in rows:
        split = split_of.setdefault((row.corpus, row.doc), row.split)
        if split != row.split:
            msg = f"document {row.doc!r} of {row.corpus} stands in the splits {split} and {row.split}"
            raise CorpusError(msg)
