"""Exact depth of surfaces at pixel centres."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float64

from dig_framework.metrics.sight_lines import highest_below
from dig_framework.metrics.surface import Surface

_NEAR = 0.001
_BESIDE = 1e9


def depth_image(
    surface: Surface, intrinsics: Float[np.ndarray, "3 3"], width: int, height: int
) -> Float64[np.ndarray, "height width"]:
    """Return the depth along the optical axis [m] of a surface in the camera's frame; zero where there is none.

    Pixels are not averaged: each has what the ray through its centre meets first. Faces that reach nearer than 1 mm to
    the camera's plane are left out.
    """
    result = np.zeros((height, width))
    corners = surface.vertices[surface.faces]
    corners = corners[(corners[..., 2] > _NEAR).all(1)]
    if not len(corners):
        return result
    pixels = corners @ np.asarray(intrinsics, np.float64).T
    # What is far beside the image is as if it were a little beside: no whole number holds where it really is.
    flat = np.clip(pixels[..., :2] / pixels[..., 2:], -_BESIDE, _BESIDE)
    low = np.maximum(np.floor(flat.min((0, 1))), 0).astype(int)
    high = np.minimum(np.ceil(flat.max((0, 1))), [width - 1, height - 1]).astype(int)
    if (low > high).any():
        return result
    rows, columns = np.mgrid[low[1] : high[1] + 1, low[0] : high[0] + 1]
    points = np.stack([columns.ravel(), rows.ravel()], 1).astype(np.float64)
    nearest = highest_below(flat, 1 / corners[..., 2], points, np.full(len(points), np.inf))
    result[rows, columns] = np.where(nearest > 0, 1 / np.maximum(nearest, 1e-12), 0).reshape(rows.shape)
    return result
