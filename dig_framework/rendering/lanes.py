"""A run of points of the image, as rows of numbers that vector instructions go through.

A run is at most `LANES` points that see the same object, or the plane: pixels side by side, or middles of pieces of
silhouettes. Everything known of them lies in one buffer, `LANES` numbers a quantity, in the dtype of the images:
quantities are that far apart, so that the compiler knows that writing one of them does not change another.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dig_framework.kernel import kernel, lane_kernel
from dig_framework.rendering.geometry import PLANE
from dig_framework.rendering.lane_power import ROOM

LANES = 128
"""Most points of a run."""

DEPTH = 0 * LANES
POSITION = 1 * LANES
NORMAL = 4 * LANES
"""Of any length when a run is gathered, unit once it is shaded."""
COLOR = 7 * LANES
"""Reflectance."""
VIEW = 10 * LANES
FACING = 13 * LANES
"""Cosine between normal and view."""
NORMAL_SCALE = 14 * LANES
VIEW_SCALE = 15 * LANES
COSINE = 16 * LANES
"""Between normal and light."""
MIRRORED = 17 * LANES
"""Cosine between the mirrored light and the view."""
POWER = 18 * LANES
"""Of the mirrored light."""
OUT = 19 * LANES
"""Radiance; in the backward pass its gradient."""
LIGHT = 22 * LANES
LIGHT_SCALE = 25 * LANES
D_DEPTH = 26 * LANES
"""Gradients of what has the same name without D."""
D_POSITION = 27 * LANES
D_NORMAL = 30 * LANES
D_COLOR = 33 * LANES
D_VIEW = 36 * LANES
D_COSINE = 39 * LANES
D_MIRRORED = 40 * LANES
WEIGHT = 41 * LANES
"""Of the face's corners; filled for pieces of silhouettes only."""
LOGARITHM = 44 * LANES
"""Of the mirrored light."""
U = 45 * LANES
"""Points of the image [px]."""
V = 46 * LANES
SIZE = 47 * LANES


class Run(NamedTuple):
    """Room for a run."""

    buffer: np.ndarray
    """Quantities, in the dtype of the images [SIZE]."""
    powers: np.ndarray
    """What `powers` works on, in the same dtype [3 ROOM]."""
    faces: np.ndarray
    """Face of each point, if it sees one, int64 [LANES]."""
    scale: np.ndarray
    """Inverse of the sum of the face's edge functions at each point, zero if that is zero, float64 [LANES]."""


@kernel
def new_run(like):
    """Return room for a run, in the dtype of an array."""
    # Quantities that are not needed are not filled, but must be numbers.
    return Run(np.zeros(SIZE, like.dtype), np.zeros(3 * ROOM, like.dtype), np.empty(LANES, np.int64), np.empty(LANES))


@kernel
def owner_of(face_object, face):
    """Return the object of a face, `PLANE` or `NOTHING`."""
    return np.int64(face_object[face]) if face >= 0 else np.int64(face)


@lane_kernel
def place_row(buffer, count, x, y):
    """Fill the points of pixels side by side, the first at (x, y)."""
    for i in range(count):
        buffer[U + i] = x + i
        buffer[V + i] = y


@lane_kernel
def gather_plane(buffer, count, surfaces, normal):
    """Fill depth, position and normal of points that see the plane."""
    # What the loops read is read before them: for all the compiler knows, they might write over it.
    k, plane = surfaces.camera_from_pixel, surfaces.plane
    a, b, c = plane[0], plane[1], plane[2]
    k00, k01, k02, k10, k11, k12, k22 = k[0, 0], k[0, 1], k[0, 2], k[1, 0], k[1, 1], k[1, 2], k[2, 2]
    for i in range(count):
        u, v = np.float64(buffer[U + i]), np.float64(buffer[V + i])
        depth = 1.0 / (a * u + (b * v + c))
        buffer[DEPTH + i] = depth
        buffer[POSITION + i] = (k00 * u + k01 * v + k02) * depth
        buffer[POSITION + LANES + i] = (k10 * u + k11 * v + k12) * depth
        buffer[POSITION + 2 * LANES + i] = k22 * depth
    n0, n1, n2 = normal[0], normal[1], normal[2]
    for i in range(count):
        buffer[NORMAL + i], buffer[NORMAL + LANES + i], buffer[NORMAL + 2 * LANES + i] = n0, n1, n2


@lane_kernel
def place_depths(buffer, count, k):
    """Fill the positions of points whose depth is known; `k` is K^-1."""
    k00, k01, k02, k10, k11, k12, k22 = k[0, 0], k[0, 1], k[0, 2], k[1, 0], k[1, 1], k[1, 2], k[2, 2]
    for i in range(count):
        u, v, depth = np.float64(buffer[U + i]), np.float64(buffer[V + i]), np.float64(buffer[DEPTH + i])
        buffer[POSITION + i] = (k00 * u + k01 * v + k02) * depth
        buffer[POSITION + LANES + i] = (k10 * u + k11 * v + k12) * depth
        buffer[POSITION + 2 * LANES + i] = k22 * depth


@lane_kernel
def whiten(buffer, count, one):
    """Fill colours with one."""
    for i in range(count):
        buffer[COLOR + i], buffer[COLOR + LANES + i], buffer[COLOR + 2 * LANES + i] = one, one, one


@kernel
def is_shaded(owner, surfaces):
    """Whether what a run sees has a material."""
    return owner >= 0 or (owner == PLANE and surfaces.plane_shown)
