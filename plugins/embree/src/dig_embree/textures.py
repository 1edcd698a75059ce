"""Colours of textures between their texels."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float


def texels(
    image: Float[np.ndarray, "rows columns 3"], uv: Float[np.ndarray, "points 2"]
) -> Float[np.ndarray, "points 3"]:
    """Return bilinear colours of an image that repeats; (0, 0) is the corner before its first texel."""
    rows, columns = image.shape[:2]
    x, y = uv[:, 0] * columns - 0.5, uv[:, 1] * rows - 0.5
    left, above = np.floor(x), np.floor(y)
    right_share = (x - left).astype(np.float32)[:, None]
    below_share = (y - above).astype(np.float32)[:, None]
    column, row = left.astype(np.int64) % columns, above.astype(np.int64) % rows
    next_column, next_row = (column + 1) % columns, (row + 1) % rows
    upper = image[row, column] * (1 - right_share) + image[row, next_column] * right_share
    lower = image[next_row, column] * (1 - right_share) + image[next_row, next_column] * right_share
    return upper * (1 - below_share) + lower * below_share
