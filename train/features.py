"""From corpus rows to what the Trainer eats: token ids and facet targets."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from claimstance.model.errors import ConfigError, CorpusError
from claimstance.model.labels import FACETS
from claimstance.train.corpus.rows import text_hash
from claimstance.train.states import HASH_COLUMN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    from datasets import Dataset
    from numpy.typing import NDArray

    from claimstance.model.encoding import Encoder
    from claimstance.train.config import DataConfig, DistillationConfig
    from claimstance.train.states import TokenStates

CHUNK = 4096
AUTHORED_FILE = Path(__file__).parent / "data" / "authored.tsv"


def read_rows(folder: Path, split: str) -> pd.DataFrame:
    """Read the sentences of one split, non-sentences left out.

    Raises:
        CorpusError: If the folder holds no such split.
    """
    file = folder / f"{split}.parquet"
    if not file.is_file():
        msg = f"no {split} split at {file}; build it with: claimstance corpus build --out {folder}"
        raise CorpusError(msg)
    return read_file(file)


def read_file(file: Path) -> pd.DataFrame:
    """Read the sentences of one Parquet file, non-sentences left out, and give rows without an id one.

    Raises:
        CorpusError: If it is missing or no Parquet.
    """
    rows = read_parquet(file, "claimstance corpus build or augment")
    if "is_sentence" in rows:
        rows = rows[rows["is_sentence"]]
    if "id" not in rows:
        rows = rows.assign(id=rows["corpus"] + "/" + rows["doc"] + "@" + rows["start"].astype(str))
    return rows.reset_index(drop=True)


def read_parquet(file: Path, command: str, columns: Sequence[str] = ()) -> pd.DataFrame:
    """Read a table that ``command`` writes, and that has at least these columns.

    Raises:
        CorpusError: If it is missing, no Parquet, or lacks a column.
    """
    import pandas as pd
    from pyarrow import ArrowInvalid

    try:
        table = pd.read_parquet(file)
    except (OSError, ArrowInvalid) as error:
        msg = f"cannot read {file}, which `{command}` writes: {error}"
        raise CorpusError(msg) from error
    if missing := [name for name in columns if name not in table]:
        msg = f"{file} has no column {', '.join(missing)}, only {', '.join(map(str, table))}; `{command}` writes them"
        raise CorpusError(msg)
    return table


def without_corpora(rows: pd.DataFrame, excluded: Iterable[str]) -> pd.DataFrame:
    """Return the rows of other corpora than these.

    Raises:
        ConfigError: If there is no row of one of them: a name that is misspelt would leave nothing out.
    """
    excluded = list(excluded)
    there = sorted(rows["corpus"].unique())
    if unknown := sorted(set(excluded) - set(there)):
        msg = f"cannot leave out {', '.join(unknown)}: there is no such corpus; there are {', '.join(there)}"
        raise ConfigError(msg)
    return rows[~rows["corpus"].isin(excluded)]


def is_authored(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell for each annotated row whether it is own text, of a contrast group or of an own article."""
    return (rows["sampling"] == "authored").to_numpy(dtype=np.bool_)


def labelled_by_writer(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell for each annotated row whether it was written for its label."""
    return (rows["decided"] == "authored").to_numpy(dtype=np.bool_)


def read_authored_rows(dev_share: int = 6) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return train and dev rows of the authored corpus; the groups held out for testing are in neither.

    Args:
        dev_share: One in this many of the remaining groups goes to dev.
    """
    import pandas as pd

    from claimstance.train.corpus.authored import read_authored

    rows = pd.DataFrame([r.to_dict() for r in read_authored(AUTHORED_FILE, "authored", hold_out=True)])
    rows = rows[rows["split"] == "train"]
    held = document_folds(rows, dev_share) == 0
    return rows[~held].reset_index(drop=True), rows[held].reset_index(drop=True)


def document_folds(rows: pd.DataFrame, folds: int) -> NDArray[np.int64]:
    """Return the fold of each row, the same for all sentences of a document (and of a contrast group)."""
    keys = rows["corpus"].astype(str) + "/" + rows["doc"].astype(str)
    digests = {k: int(hashlib.sha256(k.encode()).hexdigest()[:12], 16) % folds for k in keys.unique()}
    return keys.map(digests).to_numpy(dtype=np.int64)


def without_fold(rows: pd.DataFrame, config: DataConfig) -> pd.DataFrame:
    """Return the rows of the documents that are not in the fold held out."""
    return rows[document_folds(rows, config.folds) != config.fold].reset_index(drop=True)


def text_hashes(rows: pd.DataFrame) -> list[str]:
    """Return the ``text_hash`` of each sentence, as the annotations have it."""
    return [text_hash(text) for text in rows["text"]]


def select_training_rows(rows: pd.DataFrame, config: DataConfig, seed: int) -> pd.DataFrame:
    """Apply the configuration's exclusions, fold, cap and oversampling to the train split.

    Raises:
        ConfigError: If a corpus is left out that there is not.
    """
    import pandas as pd

    kept = without_corpora(rows, config.exclude_corpora)
    if config.folds:
        kept = without_fold(kept, config)
    if config.max_rows and len(kept) > config.max_rows:
        kept = kept.sample(config.max_rows, random_state=seed)
    if config.oversample_threat > 1:
        kept = pd.concat([kept] + [kept[kept["threat"] == 1]] * (config.oversample_threat - 1))
    return kept.reset_index(drop=True)


def distillation_rows(
    rows: pd.DataFrame, more: Sequence[pd.DataFrame], config: DistillationConfig
) -> tuple[pd.DataFrame, NDArray[np.float32]]:
    """Join teacher probabilities to rows by id.

    Args:
        rows: Annotated rows; they come first in what is returned.
        more: Tables of sentences without annotation.
        config: Where the probabilities are and how they are mixed with annotations.

    Returns:
        The rows to train on, and their facet targets of shape (n, 3).

    Raises:
        CorpusError: If the targets lack a row, or are those of another sentence: they were made on other data.
    """
    import pandas as pd

    teacher = read_parquet(config.targets, "claimstance teach", ("id", HASH_COLUMN, *FACETS)).set_index("id")
    teacher = teacher[~teacher.index.duplicated()]
    joined = pd.concat([rows, *more], ignore_index=True)
    if missing := sorted(set(joined["id"]) - set(teacher.index)):
        msg = f"{config.targets} lacks {len(missing)} rows, such as {missing[0]!r}; run `claimstance teach` anew"
        raise CorpusError(msg)
    teacher = teacher.loc[joined["id"]]
    if differs := int((teacher[HASH_COLUMN].to_numpy() != np.asarray(text_hashes(joined))).sum()):
        msg = f"{config.targets} has {differs} rows for other sentences of the same id; run `claimstance teach` anew"
        raise CorpusError(msg)
    soft = teacher[list(FACETS)].to_numpy(dtype=np.float32, copy=True)
    n = len(rows)
    hard = rows[list(FACETS)].to_numpy(dtype=np.float32)
    trusted = labelled_by_writer(rows) & config.trust_authored
    share = np.where(trusted, 0.0, config.teacher_share)[:, None]
    soft[:n] = share * soft[:n] + (1.0 - share) * hard
    return joined, soft.astype(np.float32)


def encode_rows(rows: pd.DataFrame, encoder: Encoder) -> dict[str, list[Any]]:
    """Return ``input_ids``, ``length`` and, for pairs, ``token_type_ids`` as prediction makes them."""
    out: dict[str, list[Any]] = {"input_ids": [], "length": []}
    for start in range(0, len(rows), CHUNK):
        part = rows.iloc[start : start + CHUNK]
        encoded = encoder.encode(
            part["text"].tolist(), part["quotation_open"].tolist(), part["previous"].fillna("").tolist()
        )
        out["input_ids"] += encoded.ids
        out["length"] += [len(ids) for ids in encoded.ids]
        if encoded.type_ids is not None:
            out.setdefault("token_type_ids", []).extend(encoded.type_ids)
    return out


def to_dataset(
    rows: pd.DataFrame,
    encoder: Encoder,
    targets: NDArray[np.float32] | None = None,
    states: TokenStates | None = None,
) -> Dataset:
    """Build the ``datasets.Dataset`` of a split.

    Args:
        rows: Sentences with their context.
        encoder: Shared with prediction.
        targets: Facet targets (n, 3); by default the annotated facets as 0 and 1.
        states: A teacher's token states; rows get a column ``first_state``.
    """
    from datasets import Dataset

    labels = rows[list(FACETS)].to_numpy(dtype=np.float32) if targets is None else targets
    columns = {**encode_rows(rows, encoder), "labels": labels.tolist()}
    if states is not None:
        columns["first_state"] = states.locate(rows["id"].tolist(), text_hashes(rows), columns["length"])
    return Dataset.from_dict(columns)


class PadCollator:
    """Pads a batch to its own longest row.

    Args:
        pad_id: Token id to pad with; masked, so any will do that the embedding has.
        states: A teacher's token states, for rows with a ``first_state``.
    """

    def __init__(self, pad_id: int, states: TokenStates | None = None) -> None:
        self.pad_id = pad_id
        self.states = states

    def __call__(self, rows: list[Mapping[str, Any]]) -> dict[str, Any]:
        """Return tensors ``input_ids``, ``attention_mask``, ``labels``.

        For pairs ``token_type_ids`` comes with them, for a student that imitates states ``states`` and ``state_mask``.
        """
        import torch

        from claimstance.model.batching import pad

        batch = {
            "input_ids": torch.from_numpy(pad([r["input_ids"] for r in rows], self.pad_id)),
            "attention_mask": torch.from_numpy(pad([[1] * len(r["input_ids"]) for r in rows])),
            "labels": torch.tensor([r["labels"] for r in rows], dtype=torch.float32),
        }
        if "token_type_ids" in rows[0]:
            batch["token_type_ids"] = torch.from_numpy(pad([r["token_type_ids"] for r in rows]))
        if self.states is not None and "first_state" in rows[0]:
            batch |= self.states.collate([(r["first_state"], len(r["input_ids"])) for r in rows])
        return batch
