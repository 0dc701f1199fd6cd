"""The OpenVINO engine: the safetensors weights in int8 and bfloat16 where the processor has them, else in float32."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from claimstance.model.artifact import RANGES_FILE, TORCH_FILES
from claimstance.model.engines.cores import available_cores, processor_flags
from claimstance.model.errors import MissingDependencyError, ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from claimstance.model.artifact import ModelFolder

KERNELS = 256
"""Kernels kept for shapes met before, a stream. Batches have many shapes: with OpenVINO's own limit of 5,000 a job's
memory grows by hundreds of MB; with none each call makes its kernels anew, at half the speed."""


_process: list[int] = []
"""The process that loaded OpenVINO first; empty before."""


def lost_in_fork() -> bool:
    """Return whether this process was forked from one that had loaded OpenVINO, whose threads it does not have.

    What was loaded then waits for them for ever, and what is loaded anew ends the process.
    """
    return bool(_process) and _process[0] != os.getpid()


def _refuse_fork() -> None:
    if lost_in_fork():
        msg = (
            f"OpenVINO was loaded in process {_process[0]} and does not work in its fork {os.getpid()}; "
            "load the predictor in each process and not before, start processes by spawn, or use engine='onnx'"
        )
        raise ModelError(msg)


def computes_int8(folder: ModelFolder) -> bool:
    """Return whether the engine computes this model in int8 on this processor."""
    return RANGES_FILE in folder.settings.files and bool({"avx512_vnni", "avx_vnni"} & processor_flags())


class OpenVinoEngine:
    """Runs the Hugging Face classifier's weights with OpenVINO; needs no torch.

    Most products are in int8 if the folder holds their ranges and the processor multiplies int8 in one instruction
    (VNNI); older ones would overflow.

    Args:
        folder: The model folder; its architecture must be BERT or MPNet with one segment.
        device: Only ``"cpu"``.
        threads: Threads within one call. 1 is for callers with a thread a core: as many calls then run side by side.
            0 uses all cores within a call.
    """

    name = "openvino"
    token_budget = 2048

    def __init__(self, folder: ModelFolder, device: str = "cpu", threads: int = 0) -> None:
        if device != "cpu":
            msg = f"the openvino engine runs on 'cpu', got device {device!r}; use engine='torch' for other devices"
            raise ModelError(msg)
        try:
            import openvino as ov

            from claimstance.model.engines.openvino_graph import build_graph
        except ImportError as error:
            msg = "engine='openvino' needs openvino and safetensors: pip install 'claimstance[openvino]'"
            raise MissingDependencyError(msg) from error
        _refuse_fork()
        _process[:] = [os.getpid()]
        config, weights = (folder.file(name) for name in TORCH_FILES)
        ranges = folder.file(RANGES_FILE) if computes_int8(folder) else None
        model = build_graph(config, weights, ranges)
        cores = available_cores()
        properties = {
            "NUM_STREAMS": str(cores if threads == 1 else 1),
            "INFERENCE_NUM_THREADS": str(cores if threads <= 1 else threads),
            "CPU_RUNTIME_CACHE_CAPACITY": str(KERNELS),
            "ENABLE_CPU_PINNING": "NO",  # two processes on one machine would be pinned to the same cores
        }
        try:
            self._compiled = ov.Core().compile_model(model, "CPU", properties)
        except RuntimeError as error:
            msg = f"{folder.path} cannot be compiled by OpenVINO {ov.__version__}: {error}"
            raise ModelError(msg) from error
        self._local = threading.local()

    def logits(
        self, ids: NDArray[np.int64], mask: NDArray[np.int64], type_ids: NDArray[np.int64] | None
    ) -> NDArray[np.float32]:
        """See ``Engine.logits``.

        Raises:
            ModelError: If segment ids are given (the graph is for sentences without their predecessor), or in a fork of
                the process that loaded OpenVINO.
        """
        _refuse_fork()
        if type_ids is not None and type_ids.any():
            msg = "the openvino engine reads one segment, got segment ids; use engine='torch' for this model"
            raise ModelError(msg)
        request: Any = getattr(self._local, "request", None)
        if request is None:
            request = self._local.request = self._compiled.create_infer_request()
        found = request.infer([ids, mask], share_inputs=True)
        return np.array(found[self._compiled.output(0)], dtype=np.float32)
