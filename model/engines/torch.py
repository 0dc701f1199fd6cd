"""The torch engine: the safetensors weights in float32, on any torch device."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from claimstance.model.artifact import TORCH_FILES
from claimstance.model.errors import MissingDependencyError, ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from claimstance.model.artifact import ModelFolder


class TorchEngine:
    """Runs the Hugging Face classifier with torch.

    Args:
        folder: The model folder.
        device: A torch device name, such as ``"cpu"`` or ``"cuda"``.
        threads: Threads within one call; 0 leaves torch's own setting. This is a setting of the whole process.
    """

    name = "torch"
    token_budget = 2048

    def __init__(self, folder: ModelFolder, device: str = "cpu", threads: int = 0) -> None:
        try:
            import torch
            from transformers import AutoModelForSequenceClassification
        except ImportError as error:
            msg = "engine='torch' needs torch and transformers: pip install 'claimstance[torch]'"
            raise MissingDependencyError(msg) from error
        for name in TORCH_FILES:
            folder.file(name)
        if threads:
            torch.set_num_threads(threads)
        try:
            model = AutoModelForSequenceClassification.from_pretrained(
                folder.path, dtype=torch.float32, local_files_only=True, use_safetensors=True
            )
            self._device = torch.device(device)
            self._model = model.eval().to(self._device)
        except (RuntimeError, OSError, ValueError, AssertionError) as error:  # torch without CUDA asserts
            msg = f"{folder.path} cannot be loaded on {device!r}: {error}"
            raise ModelError(msg) from error

    def logits(
        self, ids: NDArray[np.int64], mask: NDArray[np.int64], type_ids: NDArray[np.int64] | None
    ) -> NDArray[np.float32]:
        """See ``Engine.logits``."""
        import torch

        feed = {"input_ids": ids, "attention_mask": mask}
        if type_ids is not None:
            feed["token_type_ids"] = type_ids
        with torch.inference_mode():
            out = self._model(**{k: torch.from_numpy(v).to(self._device) for k, v in feed.items()})
        return np.asarray(out.logits.float().cpu().numpy(), dtype=np.float32)
