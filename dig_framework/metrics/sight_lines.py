"""Where parallel or central lines first meet a surface, as a rasteriser of given points finds it."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float64

from dig_framework.kernel import kernel

_POINTS_A_CELL = 2


def highest_below(
    corners: Float64[np.ndarray, "faces 3 2"],
    heights: Float64[np.ndarray, "faces 3"],
    points: Float64[np.ndarray, "points 2"],
    ceilings: Float64[np.ndarray, "points"],
) -> Float64[np.ndarray, "points"]:
    """Return the greatest height, at most the ceiling, that a triangle over each point has there; -inf for none.

    Args:
        corners: Of the triangles, in the plane of the points.
        heights: Of the corners; linear over each triangle.
        points: Where to look.
        ceilings: Heights above these do not count.
    """
    low = points.min(0)
    side = max(1, int(math.sqrt(len(points) / _POINTS_A_CELL)))
    scale = side / np.maximum(points.max(0) - low, 1e-12) * (1 - 1e-9)
    cell = ((points - low) * scale).astype(np.int64)
    number = cell[:, 0] * side + cell[:, 1]
    order = np.argsort(number, kind="stable")
    starts = np.searchsorted(number[order], np.arange(side * side + 1))
    found = _highest(np.ascontiguousarray(corners), np.ascontiguousarray(heights), points[order], ceilings[order],
                     starts, low, scale, side)  # fmt: skip
    result = np.empty_like(found)
    result[order] = found
    return result


@kernel
def _highest(corners, heights, points, ceilings, starts, low, scale, side):
    found = np.full(len(points), -np.inf)
    for face in range(len(corners)):
        ax, ay = corners[face, 0, 0], corners[face, 0, 1]
        bx, by = corners[face, 1, 0] - ax, corners[face, 1, 1] - ay
        cx, cy = corners[face, 2, 0] - ax, corners[face, 2, 1] - ay
        area = bx * cy - by * cx
        if area == 0.0:
            continue
        u0 = math.floor((ax + min(0.0, bx, cx) - low[0]) * scale[0])
        u1 = math.floor((ax + max(0.0, bx, cx) - low[0]) * scale[0])
        v0 = math.floor((ay + min(0.0, by, cy) - low[1]) * scale[1])
        v1 = math.floor((ay + max(0.0, by, cy) - low[1]) * scale[1])
        v0, v1 = max(v0, 0), min(v1, side - 1)
        if v0 > v1:
            continue
        for u in range(max(u0, 0), min(u1, side - 1) + 1):
            for index in range(starts[u * side + v0], starts[u * side + v1 + 1]):
                x, y = points[index, 0] - ax, points[index, 1] - ay
                second = (x * cy - y * cx) / area
                third = (bx * y - by * x) / area
                first = 1.0 - second - third
                if first < -1e-12 or second < -1e-12 or third < -1e-12:
                    continue
                height = first * heights[face, 0] + second * heights[face, 1] + third * heights[face, 2]
                if height <= ceilings[index] and height > found[index]:
                    found[index] = height
    return found
