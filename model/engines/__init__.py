"""Interchangeable back ends that turn token batches into logits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from claimstance.model.errors import ModelError

if TYPE_CHECKING:
    from claimstance.model.artifact import ModelFolder
    from claimstance.model.engines.base import Engine

EngineName = Literal["onnx", "openvino", "torch"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)


def load_engine(folder: ModelFolder, engine: str = "onnx", device: str = "cpu", threads: int = 0) -> Engine:
    """Load the network of a model folder on a back end; only the chosen back end's library is imported.

    Raises:
        ModelError: If the engine is unknown or cannot load the folder.
        MissingDependencyError: If the engine's library is not installed.
    """
    if engine == "onnx":
        from claimstance.model.engines.onnx import OnnxEngine

        return OnnxEngine(folder, device, threads)
    if engine == "openvino":
        from claimstance.model.engines.openvino import OpenVinoEngine

        return OpenVinoEngine(folder, device, threads)
    if engine == "torch":
        from claimstance.model.engines.torch import TorchEngine

        return TorchEngine(folder, device, threads)
    msg = f"engine must be one of {', '.join(ENGINES)}, got {engine!r}"
    raise ModelError(msg)
