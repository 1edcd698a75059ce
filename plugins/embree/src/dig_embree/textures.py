"""Colours of textures between their texels."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from dig_embree.hit_kernels import tinted


def tint(
    colors: Float[np.ndarray, "points 3"],
    chosen: Int[np.ndarray, "chosen"],
    image: Float[np.ndarray, "rows columns 3"],
    uv: Float[np.ndarray, "chosen 2"],
) -> None:
    """Multiply chosen rows of colours by an image that repeats, bilinear; (0, 0) is the corner before its first texel.

    Args:
        colors: Of all points; changed.
        chosen: Rows that change.
        image: Linear RGB.
        uv: Where in the image, for each chosen row.
    """
    tinted(image, uv, chosen, colors)
