"""What the ray through each pixel's centre sees first."""

from __future__ import annotations

import dataclasses

import numpy as np
from numba import prange

from dig_framework.kernel import kernel, parallel_kernel
from dig_framework.rendering.geometry import (
    NOTHING,
    PLANE,
    TILE,
    count_tile_faces,
    inverse_depth,
    list_tile_faces,
    owns_border,
    plane_inverse_depth,
    set_up_faces,
)


@dataclasses.dataclass(frozen=True)
class Visibility:
    """Faces made ready, sorted into tiles, and seen."""

    setup: np.ndarray
    """As filled by `set_up_faces` [faces, 15]."""
    box: np.ndarray
    """Bounding boxes [faces, 4]."""
    start: np.ndarray
    """Range of each tile in `listed` [tiles + 1]."""
    listed: np.ndarray
    """Faces, tile by tile."""
    seen: np.ndarray
    """Face, `PLANE` or `NOTHING` at each pixel's centre [height, width], int32."""


def visibility(
    vertices: np.ndarray, faces: np.ndarray, plane: np.ndarray, near: float, width: int, height: int
) -> Visibility:
    """Find what every pixel sees.

    Args:
        vertices: v = K x of every vertex [V, 3], float64.
        faces: Vertex indices [F, 3], int64.
        plane: Coefficients of the support plane's inverse depth in (u, v, 1) [3]; zeros if there is none.
        near: Nearest depth that is drawn [m].
        width: Of the image [px].
        height: Of the image [px].
    """
    setup, box = np.empty((len(faces), 15)), np.empty((len(faces), 4))
    set_up_faces(vertices, faces, near, setup, box)
    rows, columns = -(-height // TILE), -(-width // TILE)
    start = np.empty(rows * columns + 1, np.int64)
    count_tile_faces(box, rows, columns, start)
    listed = np.empty(start[-1], np.int32)
    list_tile_faces(box, rows, columns, start, listed)
    seen = np.empty((height, width), np.int32)
    _see(setup, box, start, listed, plane, near, seen)
    return Visibility(setup, box, start, listed, seen)


@parallel_kernel
def _see(setup, box, start, listed, plane, near, seen):
    """Fill `seen`. Every pixel belongs to one tile, so the number of threads changes nothing."""
    height, width = seen.shape
    columns = -(-width // TILE)
    for tile in prange(start.shape[0] - 1):
        x0, y0 = (tile % columns) * TILE, (tile // columns) * TILE
        x1, y1 = min(x0 + TILE, width), min(y0 + TILE, height)
        nearest = np.zeros((TILE, TILE))
        for y in range(y0, y1):
            for x in range(x0, x1):
                seen[y, x] = NOTHING
        for k in range(start[tile], start[tile + 1]):
            _draw_face(setup[listed[k]], box[listed[k]], listed[k], near, x0, y0, x1, y1, nearest, seen)
        for y in range(y0, y1):
            for x in range(x0, x1):
                value = plane_inverse_depth(plane, np.float64(x), np.float64(y))
                if value > nearest[y - y0, x - x0] and value * near < 1:
                    seen[y, x] = PLANE


@kernel
def _draw_face(row, box, face, near, x0, y0, x1, y1, nearest, seen):
    """Draw one face into the tile of pixels x0 to x1 and y0 to y1, ends not included."""
    left = max(np.int64(np.ceil(max(box[0], x0 - 1.0))), x0)
    right = min(np.int64(np.floor(min(box[1], x1 + 1.0))), x1 - 1)
    top = max(np.int64(np.ceil(max(box[2], y0 - 1.0))), y0)
    bottom = min(np.int64(np.floor(min(box[3], y1 + 1.0))), y1 - 1)
    border0, border1 = owns_border(row[0], row[1]), owns_border(row[3], row[4])
    border2 = owns_border(row[6], row[7])
    for y in range(top, bottom + 1):
        r0, r1, r2 = row[1] * y + row[2], row[4] * y + row[5], row[7] * y + row[8]
        for x in range(left, right + 1):
            e0, e1, e2 = row[0] * x + r0, row[3] * x + r1, row[6] * x + r2
            inside = (e0 > 0 or (e0 == 0 and border0)) and (e1 > 0 or (e1 == 0 and border1))
            if inside and (e2 > 0 or (e2 == 0 and border2)):
                value = inverse_depth(row, np.float64(x), np.float64(y))
                if value > nearest[y - y0, x - x0] and value * near < 1:
                    nearest[y - y0, x - x0] = value
                    seen[y, x] = face
