"""Saved predictions: a Parquet file that holds no text, so that it can be shared and compared later."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from claimstance.eval.metrics.answers import Answers, make_answers
from claimstance.model.errors import InputError
from claimstance.model.labels import FACETS, LABELS, decide

if TYPE_CHECKING:
    from os import PathLike

    from numpy.typing import NDArray

    from claimstance.eval.examples import Examples

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a system says of n sentences.

    Attributes:
        system: Name of the system, for people.
        ids: Ids of the sentences, as in the corpus.
        documents: The article of each.
        probabilities: Shape (n, 3), facet probabilities, order of ``FACETS``.
        predicted: Shape (n,), index into ``LABELS``.
        thresholds: Facet thresholds that the labels were decided with.
        truncated: Shape (n,), whether the system did not see the whole sentence.
        about: Further facts of the system, such as its revision and engine; JSON values.
    """

    system: str
    ids: list[str]
    documents: NDArray[np.str_]
    probabilities: NDArray[np.float64]
    predicted: NDArray[np.intp]
    thresholds: tuple[float, ...]
    truncated: NDArray[np.bool_]
    about: dict[str, Any]

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, examples: Examples) -> NDArray[np.intp]:
        """Return the place among the predictions of each sentence of ``examples``.

        Raises:
            InputError: If a sentence of ``examples`` has no prediction, or an id has more than one.
        """
        place = {sentence: row for row, sentence in enumerate(self.ids)}
        if len(place) < len(self.ids):
            twice = next(sentence for row, sentence in enumerate(self.ids) if place[sentence] != row)
            msg = (
                f"{self.system} has {len(self.ids)} predictions of only {len(place)} ids, such as {twice!r} more than "
                "once; keep one row an id"
            )
            raise InputError(msg)
        if missing := [i for i in examples.ids if i not in place]:
            msg = (
                f"{self.system} has no prediction for {len(missing)} of {len(examples)} sentences, such as "
                f"{missing[0]!r}; it was run on other data"
            )
            raise InputError(msg)
        return np.array([place[i] for i in examples.ids], dtype=np.intp)

    def answers(self, examples: Examples) -> Answers:
        """Put the predictions beside the annotation, in the order of ``examples``.

        Raises:
            InputError: If a sentence of ``examples`` has no prediction, or an id has more than one; further
                predictions are ignored.
        """
        rows = self.rows(examples)
        return make_answers(
            examples.facets,
            self.probabilities[rows],
            documents=examples.documents,
            thresholds=self.thresholds,
            predicted=self.predicted[rows],
            strata=examples.sampling,
        )


def make_predictions(
    system: str,
    examples: Examples,
    probabilities: NDArray[np.float64],
    *,
    thresholds: tuple[float, ...] = (0.5, 0.5, 0.5),
    truncated: NDArray[np.bool_] | None = None,
    about: dict[str, Any] | None = None,
) -> Predictions:
    """Decide labels from facet probabilities (n, 3) of the sentences in ``examples``."""
    return Predictions(
        system=system,
        ids=list(examples.ids),
        documents=examples.documents,
        probabilities=np.asarray(probabilities, dtype=np.float64),
        predicted=decide(probabilities, thresholds)[0],
        thresholds=tuple(float(t) for t in thresholds),
        truncated=np.zeros(len(examples), dtype=bool) if truncated is None else truncated,
        about=about or {},
    )


def write_predictions(predictions: Predictions, path: str | PathLike[str]) -> None:
    """Write the file: columns ``id, doc, quote, threat, forecast, label, truncated``; the rest is in its metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, Any] = {"id": predictions.ids, "doc": predictions.documents.tolist()}
    columns |= {facet: predictions.probabilities[:, f] for f, facet in enumerate(FACETS)}
    columns["label"] = [LABELS[k] for k in predictions.predicted]
    columns["truncated"] = predictions.truncated
    header = {
        "schema_version": SCHEMA_VERSION,
        "system": predictions.system,
        "thresholds": list(predictions.thresholds),
        "about": predictions.about,
    }
    table = pa.table(columns).replace_schema_metadata({"claimstance.predictions": json.dumps(header)})
    pq.write_table(table, str(path))


def read_predictions(path: str | PathLike[str]) -> Predictions:
    """Read what ``write_predictions`` wrote, or a file of others with columns ``id`` and the three facets.

    ``label`` is derived with thresholds of one half where it is missing, ``doc`` is taken from ``id``.

    Raises:
        InputError: If the file cannot be read, lacks a column, or holds facets that are no numbers.
    """
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(str(path))
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be read as Parquet: {error}"
        raise InputError(msg) from error
    if missing := [c for c in ("id", *FACETS) if c not in table.column_names]:
        msg = f"{path}: predictions need the columns id, {', '.join(FACETS)}; missing: {', '.join(missing)}"
        raise InputError(msg)
    header = json.loads((table.schema.metadata or {}).get(b"claimstance.predictions", b"{}"))
    columns = table.to_pydict()
    thresholds = tuple(header.get("thresholds", (0.5, 0.5, 0.5)))
    probabilities = _numbers([columns[f] for f in FACETS], str(path)).T
    ids = [str(i) for i in columns["id"]]
    return Predictions(
        system=str(header.get("system", path)),
        ids=ids,
        documents=np.array(columns.get("doc", ids), dtype=str),
        probabilities=probabilities,
        predicted=_labels(columns["label"], str(path)) if "label" in columns else decide(probabilities, thresholds)[0],
        thresholds=thresholds,
        truncated=np.array(columns.get("truncated", [False] * len(ids)), dtype=bool),
        about=header.get("about", {}),
    )


def _numbers(facets: list[list[Any]], where: str) -> NDArray[np.float64]:
    try:
        return np.array(facets, dtype=np.float64)
    except (TypeError, ValueError) as error:
        msg = f"{where}: {', '.join(FACETS)} must be probabilities, numbers from 0 to 1: {error}"
        raise InputError(msg) from error


def _labels(names: list[str], where: str) -> NDArray[np.intp]:
    if unknown := sorted({str(n) for n in names} - set(LABELS)):
        msg = f"{where}: labels must be among {', '.join(LABELS)}, got {', '.join(unknown)}"
        raise InputError(msg)
    return np.array([LABELS.index(n) for n in names], dtype=np.intp)
