"""Token states of a teacher, for a student to imitate.

Hidden-state distillation after Jiao et al. (2020), "TinyBERT": the logits of a sentence say little of how the teacher
reads it; the state of each of its tokens says much. Teacher and student must cut sentences into the same tokens, as
encoders with the BERT vocabulary do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from claimstance.model.batching import length_batches, pad
from claimstance.model.encoding import Encoder
from claimstance.model.errors import CorpusError
from claimstance.model.labels import FACETS, facet_logits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pandas as pd
    import torch
    from numpy.typing import NDArray

HASH_COLUMN = "sha256"
"""Of each sentence's text, in what a teacher wrote: an id alone may name another sentence in other data."""

LAYER = -2
"""The layer whose states are taken, of teacher and student alike: what the last layer's first token attends to."""

STATES_FILE, INDEX_FILE = "states.npy", "index.parquet"
TOKEN_BUDGET = 2048
SAMPLE = 50_000
"""Tokens from which the mean and the spread of each dimension are estimated."""


class TokenStates:
    """What ``write_states`` wrote, each dimension brought to mean 0 and standard deviation 1.

    Args:
        folder: The folder.

    Raises:
        CorpusError: If it holds no states.
    """

    def __init__(self, folder: Path) -> None:
        import pandas as pd

        if not (folder / INDEX_FILE).is_file():
            msg = f"no token states at {folder}; write them with: claimstance teach MODEL --states {folder}"
            raise CorpusError(msg)
        index = pd.read_parquet(folder / INDEX_FILE)
        self._index = index[~index["id"].duplicated()].set_index("id")
        self._states = np.load(folder / STATES_FILE, mmap_mode="r")
        sample = self._states[:: max(1, len(self._states) // SAMPLE)].astype(np.float32)
        self._mean, self._spread = sample.mean(axis=0), sample.std(axis=0) + 1e-6

    @property
    def width(self) -> int:
        """Size of the teacher's states."""
        return int(self._states.shape[1])

    @property
    def standardisation(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What each dimension of the raw states is multiplied by, and what is then added, shape (width,) each."""
        return (1 / self._spread).astype(np.float32), (-self._mean / self._spread).astype(np.float32)

    def locate(self, ids: Sequence[str], hashes: Sequence[str], lengths: Sequence[int]) -> list[int]:
        """Return where each row's states begin, -1 for rows without states.

        Args:
            ids: Ids of the rows.
            hashes: Their ``text_hashes``.
            lengths: Their numbers of tokens.

        Raises:
            CorpusError: If a row is another sentence than its states are of, or has another number of tokens.
        """
        known = self._index.reindex(ids)
        other = known["tokens"].notna().to_numpy() & (known[HASH_COLUMN].to_numpy() != np.asarray(hashes))
        if other.any():
            msg = f"{ids[int(np.flatnonzero(other)[0])]} is another sentence than its states are of; teach anew"
            raise CorpusError(msg)
        differs = known["tokens"].notna().to_numpy() & (known["tokens"].to_numpy() != np.asarray(lengths))
        if differs.any():
            row = int(np.flatnonzero(differs)[0])
            msg = (
                f"{ids[row]} has {lengths[row]} tokens, its states {int(known['tokens'].iloc[row])}: teacher and "
                "student must have the same vocabulary and input settings"
            )
            raise CorpusError(msg)
        return [int(first) for first in known["first"].fillna(-1)]

    def read(self, first: int, tokens: int) -> NDArray[np.float32]:
        """Return the states of one row, shape (tokens, width)."""
        raw = self._states[first : first + tokens].astype(np.float32)
        return np.asarray((raw - self._mean) / self._spread, dtype=np.float32)

    def collate(self, rows: Sequence[tuple[int, int]]) -> dict[str, torch.Tensor]:
        """Return ``states`` (n, longest, width) and ``state_mask`` (n, longest) of rows given as (first, tokens)."""
        import torch

        longest = max(tokens for _, tokens in rows)
        states = np.zeros((len(rows), longest, self.width), dtype=np.float32)
        mask = np.zeros((len(rows), longest), dtype=bool)
        for i, (first, tokens) in enumerate(rows):
            if first >= 0:
                states[i, :tokens] = self.read(first, tokens)
                mask[i, :tokens] = True
        return {"states": torch.from_numpy(states), "state_mask": torch.from_numpy(mask)}


def attach_projection(model: Any, states: TokenStates) -> None:
    """Give the student a linear map from its states to the teacher's, to be trained with it and removed after.

    A student as wide as its teacher may have been pruned from it, so its map starts as the one that would be right for
    the teacher itself: each dimension brought to mean 0 and standard deviation 1.
    """
    import torch

    model.state_projection = torch.nn.Linear(model.config.hidden_size, states.width)
    if model.config.hidden_size == states.width:
        scale, shift = states.standardisation
        model.state_projection.weight.data = torch.diag(torch.from_numpy(scale))
        model.state_projection.bias.data = torch.from_numpy(shift)


def detach_projection(model: Any) -> None:
    """Remove what ``attach_projection`` added, if anything."""
    if hasattr(model, "state_projection"):
        del model.state_projection


def write_states(
    model: Path, rows: pd.DataFrame, folder: Path, progress: Callable[[int], None] | None = None
) -> NDArray[np.float64]:
    """Write the state of each token of each row to ``folder``, in half precision, in bfloat16 arithmetic where fast.

    Args:
        model: Folder of the teacher.
        rows: Sentences with columns ``id``, ``text``, ``quotation_open`` and ``previous``.
        folder: Gets ``states.npy`` of shape (tokens, width) and ``index.parquet`` with ``id``, ``sha256`` of the text,
            ``first``, ``tokens``.
        progress: Called with the number of rows done after each batch.

    Returns:
        The facet logits from the same pass, shape (n, 3), uncalibrated.
    """
    import pandas as pd
    import torch
    from transformers import AutoModelForSequenceClassification

    from claimstance.model.artifact import TOKENIZER_FILE, load_folder
    from claimstance.train.features import encode_rows, text_hashes
    from claimstance.train.network import bfloat16_pays

    teacher = load_folder(model)
    encoder = Encoder.from_file(teacher.file(TOKENIZER_FILE), teacher.settings.input)
    encoded = encode_rows(rows, encoder)
    network = AutoModelForSequenceClassification.from_pretrained(model, dtype=torch.float32).eval()
    lengths = np.asarray(encoded["length"], dtype=np.int64)
    first = np.cumsum(lengths) - lengths
    folder.mkdir(parents=True, exist_ok=True)
    (folder / INDEX_FILE).unlink(missing_ok=True)  # an index of an earlier call would vouch for states half written
    shape = (int(lengths.sum()), int(network.config.hidden_size))
    states = np.lib.format.open_memmap(folder / STATES_FILE, mode="w+", dtype=np.float16, shape=shape)
    logits = np.zeros((len(rows), len(FACETS)))
    done = 0
    for batch in length_batches(encoded["length"], TOKEN_BUDGET):
        names = [name for name in ("input_ids", "token_type_ids") if name in encoded]
        feed = {name: torch.from_numpy(pad([encoded[name][i] for i in batch])) for name in names}
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bfloat16_pays()):
            out = network(**feed, output_hidden_states=True)
        logits[batch] = facet_logits(out.logits.float().numpy())
        for i, row in zip(batch, out.hidden_states[LAYER].half().numpy(), strict=True):
            states[first[i] : first[i] + lengths[i]] = row
        done += len(batch)
        if progress is not None:
            progress(done)
    states.flush()
    index = {"id": rows["id"].to_numpy(), HASH_COLUMN: text_hashes(rows), "first": first, "tokens": lengths}
    pd.DataFrame(index).to_parquet(folder / INDEX_FILE, index=False)
    return logits
