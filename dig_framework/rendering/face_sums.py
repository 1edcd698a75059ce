"""The derivative of interpolation on faces, summed face by face over several rows of pixels.

With g the gradient of what a pixel shows (depth, normal, colour), e_k the edge functions at its centre m = (u, v, 1),
and their sum E, the gradient of corner k's value is the sum over pixels of e_k g / E, and that of edge function e_k the
sum of m (g . a_k - g . a) / E, with a_k the corner's and a the interpolated values. Both follow from sums of m g / E
and m (g . a) / E over the pixels of a face, because e_k is linear in m. The normal part of g . a is nil: normals of any
length are made unit normals, so their gradient is at right angles to them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dig_framework.kernel import inline_kernel, kernel
from dig_framework.rendering.lane_gradients import edge_backward
from dig_framework.rendering.lanes import COLOR, D_COLOR, D_DEPTH, D_NORMAL, DEPTH, LANES

_DEPTH, _NORMAL, _COLOR, _MEAN, _SIZE = 0, 3, 12, 21, 24
"""Columns of the sums, each times u, v and 1."""


class FaceSums(NamedTuple):
    """Sums of those faces that are seen in some rows of pixels."""

    slot: np.ndarray
    """Row of each face in the sums, or -1 [faces], int32."""
    faces: np.ndarray
    """Face of each row, int64."""
    sums: np.ndarray
    """See the module's text [rows, 24], float64."""
    used: np.ndarray
    """Of the rows that are in use [1], int64."""


@kernel
def new_sums(faces, room):
    """Return sums of none of so many faces, with room for some."""
    return FaceSums(
        np.full(faces, -1, np.int32), np.empty(room, np.int64), np.empty((room, _SIZE)), np.zeros(1, np.int64)
    )


@kernel
def add_row(run, count, x, y, colored, sums):
    """Add the pixels of a run that lie side by side from (x, y) on."""
    # Arrays are taken out of the tuples once, because each time takes as long as some pixels.
    buffer, scale, faces, first, v = run.buffer, run.scale, run.faces, np.int64(0), np.float64(y)
    slot, rows, values, used = sums.slot, sums.faces, sums.sums, sums.used[0]
    while first < count:
        face, last = faces[first], first + 1
        while last < count and faces[last] == face:
            last += 1
        row = np.int64(slot[face])
        if row < 0:
            row, used = used, used + 1
            slot[face], rows[row] = row, face
            for k in range(_SIZE):
                values[row, k] = 0.0
        _add_shape(buffer, scale, first, last, x, v, row, values)
        if colored:
            _add_color(buffer, scale, first, last, x, v, row, values)
        first = last
    sums.used[0] = used


@inline_kernel
def _add_shape(buffer, scale, first, last, x, v, row, sums):
    d, a, b, c, m = 0.0, 0.0, 0.0, 0.0, 0.0
    du, au, bu, cu, mu = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(first, last):
        u, s = np.float64(x + i), scale[i]
        g = s * buffer[D_DEPTH + i]
        e, f, h = s * buffer[D_NORMAL + i], s * buffer[D_NORMAL + LANES + i], s * buffer[D_NORMAL + 2 * LANES + i]
        mean = g * buffer[DEPTH + i]
        d, a, b, c, m = d + g, a + e, b + f, c + h, m + mean
        du, au, bu, cu, mu = du + u * g, au + u * e, bu + u * f, cu + u * h, mu + u * mean
    _add(sums, row, _DEPTH, du, v, d)
    _add(sums, row, _NORMAL, au, v, a)
    _add(sums, row, _NORMAL + 3, bu, v, b)
    _add(sums, row, _NORMAL + 6, cu, v, c)
    _add(sums, row, _MEAN, mu, v, m)


@kernel
def _add_color(buffer, scale, first, last, x, v, row, sums):
    for c in range(3):
        total, along, mean, mean_along = 0.0, 0.0, 0.0, 0.0
        for i in range(first, last):
            u, g = np.float64(x + i), scale[i] * buffer[D_COLOR + c * LANES + i]
            part = g * buffer[COLOR + c * LANES + i]
            total, along = total + g, along + u * g
            mean, mean_along = mean + part, mean_along + u * part
        _add(sums, row, _COLOR + 3 * c, along, v, total)
        _add(sums, row, _MEAN, mean_along, v, mean)


@inline_kernel
def _add(sums, row, column, along, v, total):
    sums[row, column] += along
    sums[row, column + 1] += v * total
    sums[row, column + 2] += total


@kernel
def take_sums(sums, colored, surfaces, setup, vertices_gradient, normals_gradient, colors_gradient):
    """Add what the sums tell to the gradients of corners, and forget them.

    Args:
        sums: Of faces.
        colored: Whether colours are among them.
        surfaces: What is drawn.
        setup: As filled by `set_up_faces`.
        vertices_gradient: Is added to, like the next two; one copy of those in `Gradients`.
        normals_gradient: As there.
        colors_gradient: As there.
    """
    slot, faces, values = sums.slot, sums.faces, sums.sums
    vertices, corners, normals, normal_corners = (
        surfaces.vertices, surfaces.faces, surfaces.normals, surfaces.normal_faces
    )  # fmt: skip
    for row in range(sums.used[0]):
        face = faces[row]
        slot[face] = -1
        for k in range(3):
            _take_corner(
                values, row, face, k, vertices, corners, normals, normal_corners, setup, vertices_gradient,
                normals_gradient,
            )  # fmt: skip
        if colored:
            _take_color(
                values, row, face, vertices, corners, surfaces.colors, setup, vertices_gradient, colors_gradient
            )
    sums.used[0] = 0


@inline_kernel
def _take_corner(
    sums, row, face, k, vertices, corners, normals, normal_corners, setup, vertices_gradient, normals_gradient
):
    e0, e1, e2, sign = setup[face, 3 * k], setup[face, 3 * k + 1], setup[face, 3 * k + 2], setup[face, 14]
    corner, normal = corners[face, k], normal_corners[face, k]
    z = vertices[corner, 2]
    m0, m1, m2 = sums[row, 0] * z - sums[row, 21], sums[row, 1] * z - sums[row, 22], sums[row, 2] * z - sums[row, 23]
    vertices_gradient[corner, 2] += e0 * sums[row, 0] + e1 * sums[row, 1] + e2 * sums[row, 2]
    for c in range(3):
        a, b, d, n = sums[row, 3 * c + 3], sums[row, 3 * c + 4], sums[row, 3 * c + 5], normals[normal, c]
        normals_gradient[normal, c] += e0 * a + e1 * b + e2 * d
        m0, m1, m2 = m0 + n * a, m1 + n * b, m2 + n * d
    p, q = corners[face, (k + 1) % 3], corners[face, (k + 2) % 3]
    edge_backward(vertices, p, q, sign * m0, sign * m1, sign * m2, vertices_gradient)


@kernel
def _take_color(sums, row, face, vertices, corners, colors, setup, vertices_gradient, colors_gradient):
    for k in range(3):
        e0, e1, e2, sign = setup[face, 3 * k], setup[face, 3 * k + 1], setup[face, 3 * k + 2], setup[face, 14]
        corner, m0, m1, m2 = corners[face, k], 0.0, 0.0, 0.0
        for c in range(3):
            a, b, d, n = sums[row, 3 * c + 12], sums[row, 3 * c + 13], sums[row, 3 * c + 14], colors[corner, c]
            colors_gradient[corner, c] += e0 * a + e1 * b + e2 * d
            m0, m1, m2 = m0 + n * a, m1 + n * b, m2 + n * d
        p, q = corners[face, (k + 1) % 3], corners[face, (k + 2) % 3]
        edge_backward(vertices, p, q, sign * m0, sign * m1, sign * m2, vertices_gradient)
