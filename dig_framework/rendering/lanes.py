"""A run of pixels side by side, as rows of numbers that vector instructions go through.

A run is at most `LANES` pixels of one image row that see the same object, or the plane. Everything known of its pixels
lies in one buffer, `LANES` numbers a quantity, in the dtype of the images: quantities are that far apart, so that the
compiler knows that writing one of them does not change another.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dig_framework.kernel import kernel, lane_kernel
from dig_framework.rendering.geometry import weights
from dig_framework.rendering.samples import Surfaces

LANES = 64
"""Most pixels of a run."""

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
"""Of the face's corners."""
SIZE = 44 * LANES


class Tables(NamedTuple):
    """What shading reads, in the dtype of the images."""

    materials: np.ndarray
    """As in `Surfaces`, like all that follows."""
    lights: np.ndarray
    ambient: np.ndarray
    plane_normal: np.ndarray
    background: np.ndarray
    constants: np.ndarray
    """Zero, one, two, a tiny number, and mirrored light below which there is none; literals would be float64."""


def tables_of(surfaces: Surfaces, dtype: np.dtype) -> Tables:
    """Return the tables of surfaces in a dtype."""
    constants = np.array([0.0, 1.0, 2.0, 1e-30, 1e-9])
    s = surfaces
    parts = (s.materials, s.lights, s.ambient, s.plane_normal, s.background, constants)
    return Tables(*(np.ascontiguousarray(part, dtype) for part in parts))


@lane_kernel
def gather_plane(buffer, count, x, y, surfaces, normal):
    """Fill depth, position, normal and colour of pixels that see the plane."""
    k, plane = surfaces.camera_from_pixel, surfaces.plane
    inverse = plane[0] * x + (plane[1] * y + plane[2])
    ray0, ray1 = k[0, 0] * x + k[0, 1] * y + k[0, 2], k[1, 0] * x + k[1, 1] * y + k[1, 2]
    for i in range(count):
        depth = 1.0 / (inverse + plane[0] * i)
        buffer[DEPTH + i] = depth
        buffer[POSITION + i] = (ray0 + k[0, 0] * i) * depth
        buffer[POSITION + LANES + i] = (ray1 + k[1, 0] * i) * depth
        buffer[POSITION + 2 * LANES + i] = k[2, 2] * depth
    for c in range(3):
        for i in range(count):
            buffer[NORMAL + c * LANES + i] = normal[c]
            buffer[COLOR + c * LANES + i] = 1.0


@kernel
def gather_faces(buffer, count, x, y, surfaces, setup, seen):
    """Fill depth, position, normal, colour and weights of pixels that see faces."""
    k, w = surfaces.camera_from_pixel, np.empty(3)
    for i in range(count):
        face, u, v = np.int64(seen[i]), np.float64(x + i), np.float64(y)
        weights(setup[face], u, v, w)
        corner, normal = surfaces.faces[face], surfaces.normal_faces[face]
        a, b, c = surfaces.vertices[corner[0]], surfaces.vertices[corner[1]], surfaces.vertices[corner[2]]
        depth = w[0] * a[2] + w[1] * b[2] + w[2] * c[2]
        buffer[DEPTH + i] = depth
        buffer[POSITION + i] = (k[0, 0] * u + k[0, 1] * v + k[0, 2]) * depth
        buffer[POSITION + LANES + i] = (k[1, 0] * u + k[1, 1] * v + k[1, 2]) * depth
        buffer[POSITION + 2 * LANES + i] = k[2, 2] * depth
        _mix(buffer, NORMAL + i, surfaces.normals, normal, w)
        _mix(buffer, COLOR + i, surfaces.colors, corner, w)
        for m in range(3):
            buffer[WEIGHT + m * LANES + i] = w[m]


@kernel
def _mix(buffer, first, values, index, w):
    """Write the mean of three rows with weights w."""
    a, b, c = values[index[0]], values[index[1]], values[index[2]]
    buffer[first] = w[0] * a[0] + w[1] * b[0] + w[2] * c[0]
    buffer[first + LANES] = w[0] * a[1] + w[1] * b[1] + w[2] * c[1]
    buffer[first + 2 * LANES] = w[0] * a[2] + w[1] * b[2] + w[2] * c[2]
