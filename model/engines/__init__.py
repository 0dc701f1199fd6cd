"""Interchangeable back ends that turn token batches into logits."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal, get_args

from claimstance.model.errors import ConfigError

if TYPE_CHECKING:
    from claimstance.model.artifact import ModelFolder
    from claimstance.model.engines.base import Engine

EngineName = Literal["onnx", "openvino", "torch"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)
AUTO = "auto"
"""The engine that ``choose_engine`` picks."""


def choose_engine(folder: ModelFolder, device: str = "cpu") -> EngineName:
    """Return what ``"auto"`` stands for here.

    On the CPU that is openvino, where it is installed, computes this model in int8 and was not loaded before a fork,
    else onnx; on other devices torch. What openvino would compute in bfloat16 alone is not preferred: onnx's int8 may
    be faster.
    """
    if device != "cpu":
        return "torch"
    if not all(find_spec(name) for name in ("openvino", "safetensors")):
        return "onnx"
    from claimstance.model.engines.openvino import computes_int8, lost_in_fork

    return "openvino" if computes_int8(folder) and not lost_in_fork() else "onnx"


def load_engine(folder: ModelFolder, engine: str = AUTO, device: str = "cpu", threads: int = 0) -> Engine:
    """Load the network of a model folder on a back end; only the chosen back end's library is imported.

    Args:
        folder: The model folder.
        engine: One of ``ENGINES``, or ``AUTO``.
        device: What to compute on.
        threads: Threads within one call; 0 for the engine's own choice.

    Raises:
        ConfigError: If the engine is unknown.
        ModelError: If the engine cannot load the folder.
        MissingDependencyError: If the engine's library is not installed.
    """
    if engine == AUTO:
        engine = choose_engine(folder, device)
    if engine == "onnx":
        from claimstance.model.engines.onnx import OnnxEngine

        return OnnxEngine(folder, device, threads)
    if engine == "openvino":
        from claimstance.model.engines.openvino import OpenVinoEngine

        return OpenVinoEngine(folder, device, threads)
    if engine == "torch":
        from claimstance.model.engines.torch import TorchEngine

        return TorchEngine(folder, device, threads)
    msg = f"engine must be {AUTO} or one of {', '.join(ENGINES)}, got {engine!r}"
    raise ConfigError(msg)
