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
    ids: np.ndarray
    """Object, `PLANE` or `NOTHING` at each pixel's centre [height, width], int64."""


def visibility(
    vertices: np.ndarray,
    faces: np.ndarray,
    face_object: np.ndarray,
    plane: np.ndarray,
    near: float,
    width: int,
    height: int,
) -> Visibility:
    """Find what every pixel sees.

    Args:
        vertices: v = K x of every vertex [V, 3], float64.
        faces: Vertex indices [F, 3], int64.
        face_object: Object of each face [F], int64.
        plane: Coefficients of the support plane's inverse depth in (u, v, 1) [3]; zeros if there is none.
        near: Nearest depth that is drawn [m].
        width: Of the image [px].
        height: Of the image [px].
    """
    count = len(faces)
    setup, box, sign = np.empty((count, 15)), np.empty((count, 4)), np.empty(count, np.int8)
    reach, highest = np.empty((count, 8), np.int32), np.empty(count)
    spread(set_up_faces, vertices, faces, near, width, height, setup, box, reach, sign, highest)
    rows, columns = -(-height // TILE), -(-width // TILE)
    start = np.empty(rows * columns + 1, np.int64)
    count_tile_faces(reach, rows, columns, start)
    listed = np.empty(start[-1], np.int32)
    list_tile_faces(reach, columns, start, listed)
    seen, ids = np.empty((height, width), np.int32), np.empty((height, width), np.int64)
    spread(_see, setup, reach, highest, start, listed, face_object, plane, near, seen, ids)
    return Visibility(setup, box, sign, start, listed, seen, ids)


@kernel
def _see(part, parts, setup, reach, highest, start, listed, face_object, plane, near, seen, ids):
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
        _draw_faces(room, setup, reach, highest, listed[start[tile] : start[tile + 1]], near, x, y)
        for i in range(min(TILE, height - y)):
            for j in range(min(TILE, width - x)):
                face = np.int32(room[TILE * TILE + i * TILE + j])
                seen[y + i, x + j] = face
                ids[y + i, x + j] = face_object[face] if face >= 0 else face


@kernel
def _draw_faces(room, setup, reach, highest, listed, near, x, y):
    """Draw the faces of a tile: those seen from outside first, for they hide most of the others."""
    for face in listed:
        if highest[face] < 0:
            _draw_face(room, setup[face], reach[face], face, near, x, y)
    farthest = room[0]
    for i in range(1, TILE * TILE):
        farthest = min(farthest, room[i])
    for face in listed:
        if highest[face] > farthest:
            _draw_face(room, setup[face], reach[face], face, near, x, y)


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
def _draw_face(room, row, reach, face, near, x, y):
    """Draw one face into the tile whose first pixel is (x, y)."""
    left, right = max(np.int64(reach[0]), x) - x, min(np.int64(reach[1]), x + TILE - 1) - x
    top, bottom = max(np.int64(reach[2]), y), min(np.int64(reach[3]), y + TILE - 1)
    # What the loops read is read before them: for all the compiler knows, they might write over it.
    a0, a1, a2, a3 = row[0], row[3], row[6], row[9]
    b0, b1, b2, b3 = row[1], row[4], row[7], row[10]
    c0, c1, c2, c3, lowest, highest = row[2], row[5], row[8], row[11], row[12], row[13]
    least0, least1, least2 = _least(a0, b0), _least(a1, b1), _least(a2, b2)
    for v in range(top, bottom + 1):
        r0, r1, r2, r3 = b0 * v + c0, b1 * v + c1, b2 * v + c2, b3 * v + c3
        first = (v - y) * TILE
        for j in range(left, right + 1):
            u = np.float64(x + j)
            if (a0 * u + r0 > least0) & (a1 * u + r1 > least1) & (a2 * u + r2 > least2):
                value = min(max(a3 * u + r3, lowest), highest)
                if value > room[first + j] and value * near < 1:
                    room[first + j], room[TILE * TILE + first + j] = value, face


@kernel
def _least(a, b):
    """Return what an edge function must exceed: zero, or a little less than zero if the edge is the face's own."""
    return -1e-300 if owns_border(a, b) else 0.0
