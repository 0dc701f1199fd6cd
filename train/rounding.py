"""What weight-only quantisation would give and cost: a model whose matrices are rounded to a few bits.

The rounded folder has float32 files, so that everything that reads a model reads it. A format for such weights is worth
building only if the scores of a rounded model say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from claimstance.model.artifact import (
    TOKENIZER_CONFIG,
    TOKENIZER_FILE,
    TORCH_FILES,
    ModelFolder,
    check_target,
    copy_files,
    load_folder,
    seal_folder,
)
from claimstance.model.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

GROUP = 64
"""Weights of a row that share a scale."""
SCALE_BITS = 16


def round_matrix(weights: NDArray[np.float32], bits: int, group: int = GROUP) -> NDArray[np.float32]:
    """Return a matrix (rows, columns) rounded to ``2 ** bits - 1`` levels, symmetric around 0, a scale a group.

    Raises:
        ConfigError: If ``bits`` is not from 2 to 8.
    """
    if not 2 <= bits <= 8:
        msg = f"bits must be from 2 to 8, got {bits}"
        raise ConfigError(msg)
    rows, columns = weights.shape
    padded = np.pad(weights, ((0, 0), (0, -columns % group))).reshape(rows, -1, group)
    scale = np.abs(padded).max(axis=2, keepdims=True) / (2 ** (bits - 1) - 1)
    scale[scale == 0] = 1
    rounded = (np.rint(padded / scale) * scale).reshape(rows, -1)[:, :columns]
    return np.ascontiguousarray(rounded, dtype=np.float32)


def rounded_bytes(shape: tuple[int, ...], bits: int, group: int = GROUP) -> int:
    """Return the bytes a rounded matrix would take: its weights and a 16-bit scale a group; 2 a number for the rest."""
    if len(shape) != 2:
        return 2 * int(np.prod(shape))
    rows, columns = shape
    return rows * (columns * bits + -(-columns // group) * SCALE_BITS) // 8


def round_model(source: Path, out: Path, bits: int) -> tuple[ModelFolder, int]:
    """Write a copy of a model folder whose matrices, embeddings among them, are rounded; return it and its bytes.

    Args:
        source: Model folder with safetensors weights.
        out: Folder to write.
        bits: From 2 to 8.

    Returns:
        The folder, and the size in bytes that its weights would have in a format of such weights.
    """
    from safetensors.numpy import load_file, save_file

    folder = load_folder(source)
    check_target(out, folder.path)
    tensors = load_file(folder.file(TORCH_FILES[1]))
    size = sum(rounded_bytes(tensor.shape, bits) for tensor in tensors.values())
    rounded = {n: round_matrix(t.astype(np.float32), bits) if t.ndim == 2 else t for n, t in tensors.items()}
    out.mkdir(parents=True, exist_ok=True)
    save_file(rounded, out / TORCH_FILES[1], metadata={"format": "pt"})
    copy_files(folder.path, out, TORCH_FILES[0], TOKENIZER_FILE, TOKENIZER_CONFIG)
    return seal_folder(out, folder.settings), size
