"""Clipping of triangles in homogeneous space, and snapping of vertices to the sub-pixel grid.

Clip space is OpenGL's: what is drawn has -w <= x, y, z <= w. Triangles are cut by the near and the far plane and, far
outside the image, by a guard that keeps snapped coordinates small; the image itself cuts off the rest.
"""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel

SUBPIXELS = 16
"""Steps of the grid to which vertices are snapped, per pixel."""
CORNERS = 10
"""A triangle cut by six planes has at most nine corners."""

_GUARD = 4194304.0  # 2^22 pixels: products of differences of snapped coordinates stay below 2^55.
_PLANES = 6


@kernel
def _distance(x, y, z, w, plane, guard_x, guard_y):
    """Return how far inside a plane a point is, in units of w."""
    if plane == 0:
        return z + w
    if plane == 1:
        return w - z
    if plane == 2:
        return guard_x * w + x
    if plane == 3:
        return guard_x * w - x
    if plane == 4:
        return guard_y * w + y
    return guard_y * w - y


@kernel
def outside_of(corners, width, height):
    """Return 0 if a triangle needs no clipping, 1 if it may, 2 if nothing of it is inside.

    Args:
        corners: Clip-space positions [3, 4].
        width: Of the image [px].
        height: Of the image [px].
    """
    guard_x, guard_y = 2 * _GUARD / width, 2 * _GUARD / height
    result = 0
    for plane in range(_PLANES):
        inside = 0
        for k in range(3):
            c = corners[k]
            if _distance(c[0], c[1], c[2], c[3], plane, guard_x, guard_y) >= 0:
                inside += 1
        if inside == 0:
            return 2
        if inside < 3:
            result = 1
    return result


@kernel
def clip(corners, width, height, polygon, spare):
    """Cut a triangle by all planes; return the number of corners that are left, in `polygon` [CORNERS, 4].

    An edge is always cut from its inner to its outer end, so that the two triangles that share it agree on where.
    """
    guard_x, guard_y = 2 * _GUARD / width, 2 * _GUARD / height
    copy_corners(corners, 3, polygon)
    count = 3
    for plane in range(_PLANES):
        kept = 0
        for k in range(count):
            a, b = polygon[k], polygon[(k + 1) % count]
            da = _distance(a[0], a[1], a[2], a[3], plane, guard_x, guard_y)
            db = _distance(b[0], b[1], b[2], b[3], plane, guard_x, guard_y)
            if da >= 0:
                _cut(a, a, 0.0, spare[kept])
                kept += 1
            if da >= 0 and db < 0:
                _cut(a, b, da / (da - db), spare[kept])
                kept += 1
            elif da < 0 and db >= 0:
                _cut(b, a, db / (db - da), spare[kept])
                kept += 1
        count = kept
        copy_corners(spare, count, polygon)
    return count


@kernel
def copy_corners(source, count, target):
    """Copy the first rows of one array of four columns to another."""
    for k in range(count):
        for c in range(4):
            target[k, c] = source[k, c]


@kernel
def _cut(inner, outer, t, result):
    for k in range(4):
        result[k] = inner[k] + t * (outer[k] - inner[k])


@kernel
def snap(polygon, count, width, height, snapped):
    """Project corners to the sub-pixel grid; return whether all can be.

    Args:
        polygon: Clip-space positions [CORNERS, 4].
        count: How many of them.
        width: Of the image [px].
        height: Of the image [px].
        snapped: Receives columns and rows from the image's lower left corner [CORNERS, 2] [1/16 px], int64.
    """
    half = SUBPIXELS / 2
    for k in range(count):
        w = polygon[k, 3]
        if not w > 0:
            return False
        x = (polygon[k, 0] / w + 1) * (half * width)
        y = (polygon[k, 1] / w + 1) * (half * height)
        if not (abs(x) < 3 * SUBPIXELS * _GUARD and abs(y) < 3 * SUBPIXELS * _GUARD):
            return False
        snapped[k, 0] = np.int64(np.rint(x))
        snapped[k, 1] = np.int64(np.rint(y))
    return True
