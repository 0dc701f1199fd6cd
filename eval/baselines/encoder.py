"""Baseline: a pretrained encoder as it comes, its token vectors averaged, with logistic regression on top."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from claimstance.eval.baselines.logistic import FacetRegressions
from claimstance.model.artifact import TOKENIZER_FILE
from claimstance.model.batching import length_batches, pad
from claimstance.model.encoding import Encoder
from claimstance.model.errors import MissingDependencyError, ModelError
from claimstance.model.settings import InputSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from claimstance.eval.config import EncoderConfig
    from claimstance.eval.examples import Examples


class UntunedEncoder:
    """Mean-pooled embeddings, standardised, and three logistic regressions.

    Args:
        folder: Hugging Face folder with ``tokenizer.json`` and safetensors weights.
        config: Input length and regularisation.

    Raises:
        MissingDependencyError: If torch or transformers is not installed.
        ModelError: If the folder cannot be loaded.
    """

    def __init__(self, folder: str | Path, config: EncoderConfig) -> None:
        try:
            from transformers import AutoModel
        except ImportError as error:
            msg = "baseline:encoder needs torch and transformers: pip install 'claimstance[torch]'"
            raise MissingDependencyError(msg) from error
        from sklearn.preprocessing import StandardScaler

        path = Path(folder)
        if not path.is_dir():
            msg = f"no folder of a pretrained encoder at {path}"
            raise ModelError(msg)
        try:
            self._model: Any = AutoModel.from_pretrained(path, local_files_only=True, use_safetensors=True).eval()
        except (OSError, ValueError) as error:
            msg = f"{path} cannot be loaded as a pretrained encoder: {error}"
            raise ModelError(msg) from error
        self._encoder = Encoder.from_file(path / TOKENIZER_FILE, InputSettings(config.max_tokens, "quotation"))
        self._budget = config.batch_size * config.max_tokens // 2
        self._scaler = StandardScaler()
        self._regressions = FacetRegressions(config.inverse_regularisation)

    def fit(self, train: Examples) -> None:
        """Embed the sentences and learn the weights."""
        self._regressions.fit(self._scaler.fit_transform(self.embed(train)), train.facets)

    def probabilities(self, examples: Examples) -> NDArray[np.float64]:
        """Return facet probabilities, shape (n, 3)."""
        return self._regressions.probabilities(self._scaler.transform(self.embed(examples)))

    def embed(self, examples: Examples) -> NDArray[np.float32]:
        """Return the mean of each sentence's last hidden states, shape (n, hidden)."""
        import torch

        encoded = self._encoder.encode(examples.texts, examples.quotation_open.tolist())
        out = np.empty((len(encoded), self._model.config.hidden_size), dtype=np.float32)
        for rows in length_batches([len(ids) for ids in encoded.ids], self._budget):
            ids = torch.from_numpy(pad([encoded.ids[i] for i in rows]))
            mask = torch.from_numpy(pad([[1] * len(encoded.ids[i]) for i in rows]))
            with torch.inference_mode():
                states = self._model(input_ids=ids, attention_mask=mask).last_hidden_state
                weights = mask.unsqueeze(-1).to(states.dtype)
                out[rows] = ((states * weights).sum(1) / weights.sum(1)).numpy()
        return out
