"""What the ray through each pixel's centre sees first."""

from __future__ import annotations

import dataclasses

import numpy as np

from dig_framework.kernel import kernel
from dig_framework.rendering.geometry import NOTHING, PLANE, owns_border, set_up_faces
from dig_framework.worker_threads import spread

TILE = 8
"""Rows that stay together, and side of the squares of which the farthest depth is known [px]."""
_TOGETHER = 4
"""Pixels that are drawn together; rows of scratch are a multiple of it."""


@dataclasses.dataclass(frozen=True)
class Visibility:
    """Faces made ready, and those that are seen."""

    setup: np.ndarray
    """As filled by `set_up_faces` [faces, 15]."""
    box: np.ndarray
    """Boxes around faces [faces, 4], float32."""
    sign: np.ndarray
    """Sign of each face's determinant, negative if it is seen from outside, zero if it is not drawn [faces], int8."""
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
    setup, box, sign = np.empty((count, 15)), np.empty((count, 4), np.float32), np.empty(count, np.int8)
    reach, highest = np.empty((count, 4), np.int32), np.empty(count)
    spread(set_up_faces, vertices, faces, near, width, height, setup, box, reach, sign, highest)
    seen, ids = np.empty((height, width), np.int32), np.empty((height, width), np.int64)
    room = -(-width // _TOGETHER) * _TOGETHER
    depths, owners = np.empty((height, room)), np.empty((height, room), np.int32)
    farthest = np.empty((-(-height // TILE), -(-width // TILE)))
    spread(_see, setup, reach, highest, face_object, plane, near, depths, owners, farthest, seen, ids)
    return Visibility(setup, box, sign, seen, ids)


@kernel
def _see(part, parts, setup, reach, highest, face_object, plane, near, depths, owners, farthest, seen, ids):
    """Fill one part of the rows of tiles. Every pixel belongs to one of them: threads change nothing.

    Faces seen from outside are drawn first, for they hide most of the others.
    """
    rows = farthest.shape[0]
    for row in range(part, rows, parts):
        for y in range(row * TILE, min(row * TILE + TILE, seen.shape[0])):
            _see_plane(plane, near, y, depths[y], owners[y])
    for face in range(highest.shape[0]):
        if highest[face] < 0:
            for row in range(reach[face, 2] // TILE, reach[face, 3] // TILE + 1):
                if row % parts == part:
                    _draw_face(depths, owners, setup, reach, face, near, row)
    for row in range(part, rows, parts):
        _find_farthest(depths, row, seen.shape[1], seen.shape[0], farthest)
    for face in range(highest.shape[0]):
        if highest[face] > 0:
            for row in range(reach[face, 2] // TILE, reach[face, 3] // TILE + 1):
                if row % parts == part and _is_before(farthest, row, reach, face, highest[face]):
                    _draw_face(depths, owners, setup, reach, face, near, row)
    for row in range(part, rows, parts):
        for y in range(row * TILE, min(row * TILE + TILE, seen.shape[0])):
            _write_row(owners[y], face_object, seen[y], ids[y])


@kernel
def _see_plane(plane, near, y, depths, owners):
    """Begin a row of pixels with the plane: fill inverse depths, and who is seen."""
    a, rest = plane[0], plane[1] * y + plane[2]
    for x in range(depths.shape[0]):
        value = a * np.float64(np.int32(x)) + rest
        depths[x] = value if (value > 0) & (value * near < 1) else 0.0
    for x in range(depths.shape[0]):
        owners[x] = np.int32(PLANE) if depths[x] > 0 else np.int32(NOTHING)


@kernel
def _find_farthest(depths, row, width, height, farthest):
    """Fill the least inverse depth of every tile in a row of them."""
    for column in range(farthest.shape[1]):
        least = np.inf
        for y in range(row * TILE, min(row * TILE + TILE, height)):
            for x in range(column * TILE, min(column * TILE + TILE, width)):
                least = min(least, depths[y, x])
        farthest[row, column] = least


@kernel
def _is_before(farthest, row, reach, face, value):
    """Whether a face may be nearer than something in one of the tiles that it touches in a row of tiles."""
    nearest = value
    for column in range(reach[face, 0] // TILE, reach[face, 1] // TILE + 1):
        nearest = min(nearest, farthest[row, column])
    return nearest < value


@kernel
def _write_row(owners, face_object, seen, ids):
    """Write who is seen in a row of pixels."""
    for x in range(seen.shape[0]):
        seen[x] = owners[x]
    for x in range(seen.shape[0]):
        ids[x] = face_object[seen[x]] if seen[x] >= 0 else np.int64(seen[x])


@kernel
def _draw_face(depths, owners, setup, reach, face, near, row):
    """Draw what a face has in a row of tiles."""
    top, bottom = max(reach[face, 2], row * TILE), min(reach[face, 3], row * TILE + TILE - 1)
    # What the loops read is read before them: for all the compiler knows, they might write over it.
    a0, a1, a2, a3 = setup[face, 0], setup[face, 3], setup[face, 6], setup[face, 9]
    b0, b1, b2, b3 = setup[face, 1], setup[face, 4], setup[face, 7], setup[face, 10]
    c0, c1, c2, c3 = setup[face, 2], setup[face, 5], setup[face, 8], setup[face, 11]
    lowest, highest = setup[face, 12], setup[face, 13]
    least0, least1, least2 = _least(a0, b0), _least(a1, b1), _least(a2, b2)
    first = np.int64(reach[face, 0]) // _TOGETHER * _TOGETHER
    count, number = (np.int64(reach[face, 1]) // _TOGETHER + 1) * _TOGETHER - first, np.int32(face)
    for v in range(top, bottom + 1):
        r0, r1, r2, r3 = b0 * v + c0, b1 * v + c1, b2 * v + c2, b3 * v + c3
        inverse, who = depths[v, first : first + count], owners[v, first : first + count]
        for j in range(count):  # Whole vectors, without branches.
            u, before = np.float64(first) + np.float64(np.int32(j)), inverse[j]
            value = a3 * u + r3
            value = value if value > lowest else lowest
            value = value if value < highest else highest
            hit = (a0 * u + r0 > least0) & (a1 * u + r1 > least1) & (a2 * u + r2 > least2)
            hit &= (value > before) & (value * near < 1)
            inverse[j] = value if hit else before
            who[j] = number if hit else who[j]


@kernel
def _least(a, b):
    """Return what an edge function must exceed: zero, or a little less than zero if the edge is the face's own."""
    return -1e-300 if owns_border(a, b) else 0.0
