"""A matrix product in int8 with constant scales, as OpenVINO's low-precision passes recognise it.

Its input is smoothed first (``claimstance.model.engines.smoothing``). The scales are constants, so what a sentence gets
does not depend on its batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from claimstance.model.engines.smoothing import smoothing_factors

if TYPE_CHECKING:
    from numpy.typing import NDArray


def affine_int8(
    hidden: ov.Node,
    weight: NDArray[np.float32],
    bias: NDArray[np.float32],
    low: NDArray[np.float32],
    high: NDArray[np.float32],
) -> ov.Node:
    """Return ``hidden @ weight.T + bias`` with both factors in int8.

    Args:
        hidden: Shape (n, length, k).
        weight: Shape (m, k); rounded with a scale a row.
        bias: Shape (m,).
        low: Shape (k,), least value of each channel of ``hidden``; what is below is cut off.
        high: Shape (k,), greatest value of each channel.
    """
    middle, factors = (low + high) / 2, smoothing_factors(weight, low, high)
    step = float(((high - low) / 2 / factors).max()) / 127
    smooth = ops.add(ops.multiply(hidden, _constant(1 / factors)), _constant(-middle / factors))
    ends = [_constant(-128 * step), _constant(127 * step)]
    coarse = ops.fake_quantize(smooth, *ends, *ends, 256)
    scaled = weight * factors
    scales = np.maximum(np.abs(scaled).max(1, keepdims=True), 1e-12) / 127
    rounded = np.round(scaled / scales).astype(np.int8)
    matrix = ops.multiply(ops.convert(ops.constant(rounded), np.float32), _constant(scales))
    return ops.add(ops.matmul(coarse, matrix, False, True), _constant(bias + weight @ middle))


def _constant(value: NDArray[Any] | float) -> ov.Node:
    return ops.constant(np.asarray(value, dtype=np.float32))
