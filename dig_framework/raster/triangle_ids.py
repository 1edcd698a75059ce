"""The coding of triangle numbers as floating-point numbers.

Triangle k has the id k + 1; 0 is empty. Up to 2^24 a float32 is the id itself. From there on id 2^24 + k is the k-th
float32 after 2^24, because the numbers that float32 can hold are no longer adjacent. A float64 is always the id itself.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from dig_framework.kernel import kernel

_EXACT = 1 << 24
_STEPS = 1 << 23  # Numbers of type float32 from one power of two to the next.
_OFFSET = 0x4B800000 - _EXACT  # The bits of 2^24 as float32, less 2^24.


@kernel
def encode_id(number, wide):
    """Return the code of an id; `wide` says that it is stored as float64."""
    if wide or number <= _EXACT:
        return np.float64(number)
    steps = number - _EXACT
    return (1.0 + (steps % _STEPS) / _STEPS) * 2.0 ** (24 + steps // _STEPS)


@kernel
def decode_id(code, wide):
    """Return the id of a code; 0 for whatever is none."""
    value = np.float64(code)
    if not value >= 1:
        return np.int64(0)
    if wide or value <= _EXACT:
        return np.int64(min(value, 9e15))
    value /= _EXACT
    doublings = 0
    while value >= 2:
        value /= 2
        doublings += 1
    return np.int64(_EXACT + (doublings + (value - 1)) * _STEPS)


def triangle_ids(rast: Tensor) -> Tensor:
    """Return the triangle ids of what `rasterize` returns [..., height, width], int64; 0 is empty.

    Args:
        rast: First output of `rasterize` [..., height, width, 4].
    """
    codes = rast.detach()[..., 3].contiguous()
    if codes.dtype == torch.float64:
        return codes.long()
    return torch.where(codes <= _EXACT, codes.long(), codes.view(torch.int32).long() - _OFFSET)
