"""What the ray through each pixel's centre sees first."""

from __future__ import annotations

import dataclasses

import numpy as np

from dig_framework.kernel import kernel
from dig_framework.rendering.geometry import (
    NOTHING,
    PLANE,
    TILE,
    count_tile_faces,
    list_tile_faces,
    owns_border,
    set_up_faces,
)
from dig_framework.worker_threads import spread


@dataclasses.dataclass(frozen=True)
class Visibility:
    """Faces made ready, sorted into tiles, and seen."""

    setup: np.ndarray
    """As filled by `set_up_faces` [faces, 15]."""
    box: np.ndarray
    """Bounding boxes [faces, 4]."""
    sign: np.ndarray
    """Sign of each face's determinant, negative if it is seen from outside, zero if it is not drawn [faces], int8."""
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
    setup, box, sign = np.empty((len(faces), 15)), np.empty((len(faces), 4)), np.empty(len(faces), np.int8)
    spread(set_up_faces, vertices, faces, near, setup, box, sign)
    rows, columns = -(-height // TILE), -(-width // TILE)
    start = np.empty(rows * columns + 1, np.int64)
    count_tile_faces(box, rows, columns, start)
    listed = np.empty(start[-1], np.int32)
    list_tile_faces(box, rows, columns, start, listed)
    seen = np.empty((height, width), np.int32)
    spread(_see, setup, box, start, listed, plane, near, seen)
    return Visibility(setup, box, sign, start, listed, seen)


@kernel
def _see(part, parts, setup, box, start, listed, plane, near, seen):
    """Fill the tiles of one part of the rows of tiles. Every pixel belongs to one tile: threads change nothing."""
    height, width = seen.shape
    columns = -(-width // TILE)
    room = np.empty(2 * TILE * TILE)
    for tile in range(start.shape[0] - 1):
        row, column = tile // columns, tile % columns
        if row % parts != part:
            continue
        x, y = column * TILE, row * TILE
        _see_plane(room, plane, near, x, y)
        for k in range(start[tile], start[tile + 1]):
            face = listed[k]
            _draw_face(room, setup[face], box[face], face, near, x, y)
        for i in range(min(TILE, height - y)):
            for j in range(min(TILE, width - x)):
                seen[y + i, x + j] = np.int32(room[TILE * TILE + i * TILE + j])


@kernel
def _see_plane(room, plane, near, x, y):
    """Begin a tile with the plane: fill inverse depths and, behind them, who is seen."""
    a = plane[0]
    for i in range(TILE):
        rest = plane[1] * (y + i) + plane[2]
        for j in range(TILE):
            value = a * (x + j) + rest
            drawn = (value > 0) & (value * near < 1)
            room[i * TILE + j] = value if drawn else 0.0
            room[TILE * TILE + i * TILE + j] = PLANE if drawn else NOTHING


@kernel
def _draw_face(room, row, box, face, near, x, y):
    """Draw one face into the tile whose first pixel is (x, y)."""
    left, right = _overlap(box[0], box[1], x)
    top, bottom = _overlap(box[2], box[3], y)
    # What the loops read is read before them: for all the compiler knows, they might write over it.
    a0, a1, a2, a3 = row[0], row[3], row[6], row[9]
    b0, b1, b2, b3 = row[1], row[4], row[7], row[10]
    c0, c1, c2, c3, lowest, highest = row[2], row[5], row[8], row[11], row[12], row[13]
    owns0, owns1, owns2 = owns_border(a0, b0), owns_border(a1, b1), owns_border(a2, b2)
    for v in range(top, bottom + 1):
        r0, r1, r2, r3 = b0 * v + c0, b1 * v + c1, b2 * v + c2, b3 * v + c3
        for u in range(left, right + 1):
            e0, e1, e2 = a0 * u + r0, a1 * u + r1, a2 * u + r2
            inside = (e0 > 0 or (e0 == 0 and owns0)) and (e1 > 0 or (e1 == 0 and owns1))
            if inside and (e2 > 0 or (e2 == 0 and owns2)):
                value, at = min(max(a3 * u + r3, lowest), highest), (v - y) * TILE + u - x
                if value > room[at] and value * near < 1:
                    room[at], room[TILE * TILE + at] = value, face


@kernel
def _overlap(low, high, first):
    """Return the first and last pixel of a tile that an interval covers."""
    return (
        max(np.int64(np.ceil(max(low, first - 1.0))), first),
        min(np.int64(np.floor(min(high, first + TILE + 1.0))), first + TILE - 1),
    )
