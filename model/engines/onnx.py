"""The ONNX engine: the int8 file on ONNX Runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from claimstance.model.artifact import ONNX_FILE
from claimstance.model.batching import TOKEN_BUDGET
from claimstance.model.engines.cores import available_cores
from claimstance.model.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from claimstance.model.artifact import ModelFolder


class OnnxEngine:
    """Runs ``model.int8.onnx`` on the CPU.

    Args:
        folder: The model folder.
        device: Only ``"cpu"``.
        threads: Threads within one call; 0 for one a core.
    """

    name = "onnx"
    token_budget = TOKEN_BUDGET

    def __init__(self, folder: ModelFolder, device: str = "cpu", threads: int = 0) -> None:
        if device != "cpu":
            msg = f"the onnx engine runs on 'cpu', got device {device!r}; use engine='torch' for other devices"
            raise ModelError(msg)
        import onnxruntime as ort

        options = ort.SessionOptions()
        # ONNX Runtime's own choice counts all cores of the machine, also those that this process may not use.
        options.intra_op_num_threads = threads or available_cores()
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle threads leave the cores alone
        options.log_severity_level = 3
        try:
            self._session = ort.InferenceSession(
                str(folder.file(ONNX_FILE)), options, providers=["CPUExecutionProvider"]
            )
        except ModelError:
            raise
        except Exception as error:  # ONNX Runtime has its own exception tree per build
            msg = f"{folder.path / ONNX_FILE} cannot be loaded by ONNX Runtime {ort.__version__}: {error}"
            raise ModelError(msg) from error
        self._inputs = {i.name for i in self._session.get_inputs()}

    def logits(
        self, ids: NDArray[np.int64], mask: NDArray[np.int64], type_ids: NDArray[np.int64] | None
    ) -> NDArray[np.float32]:
        """See ``Engine.logits``."""
        feed = {"input_ids": ids, "attention_mask": mask}
        if "token_type_ids" in self._inputs:
            feed["token_type_ids"] = np.zeros_like(ids) if type_ids is None else type_ids
        return np.asarray(self._session.run(["logits"], feed)[0], dtype=np.float32)
