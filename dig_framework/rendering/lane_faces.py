"""Depth, normal and colour of runs that see faces."""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import inline_kernel, kernel
from dig_framework.rendering.lanes import COLOR, DEPTH, LANES, NORMAL, WEIGHT, place_depths, whiten


@kernel
def gather_row(run, x, y, count, seen, setup, surfaces, one):
    """Fill what pixels side by side show of the faces that they see.

    Args:
        run: Whose points are filled.
        x: Of the first pixel.
        y: Of all pixels.
        count: Of pixels.
        seen: Face at each pixel of the row.
        setup: As filled by `set_up_faces`.
        surfaces: What is drawn.
        one: In the dtype of the images.
    """
    # Arrays are taken out of the tuples once, because each time takes as long as some pixels.
    buffer, scale, faces, v, first = run.buffer, run.scale, run.faces, np.float64(y), np.int64(0)
    vertices, corners, normals, normal_corners = (
        surfaces.vertices, surfaces.faces, surfaces.normals, surfaces.normal_faces
    )  # fmt: skip
    while first < count:
        face, last = np.int64(seen[x + first]), first + 1
        while last < count and seen[x + last] == face:
            last += 1
        _mix_row(buffer, scale, faces, first, last, x, v, face, setup, vertices, corners, normals, normal_corners)
        first = last
    if surfaces.colored:
        _color_row(buffer, scale, faces, count, x, v, setup, corners, surfaces.colors)
    else:
        whiten(buffer, count, one)
    place_depths(buffer, count, surfaces.camera_from_pixel)


@inline_kernel
def _mix_row(buffer, scale, faces, first, last, x, v, face, setup, vertices, corners, normals, normal_corners):
    """Fill depths and normals where one face is seen."""
    a0, a1, a2 = setup[face, 0], setup[face, 3], setup[face, 6]
    r0 = setup[face, 1] * v + setup[face, 2]
    r1 = setup[face, 4] * v + setup[face, 5]
    r2 = setup[face, 7] * v + setup[face, 8]
    z0, z1, z2 = vertices[corners[face, 0], 2], vertices[corners[face, 1], 2], vertices[corners[face, 2], 2]
    p, q, r = normal_corners[face, 0], normal_corners[face, 1], normal_corners[face, 2]
    p0, p1, p2 = np.float64(normals[p, 0]), np.float64(normals[p, 1]), np.float64(normals[p, 2])
    q0, q1, q2 = np.float64(normals[q, 0]), np.float64(normals[q, 1]), np.float64(normals[q, 2])
    s0, s1, s2 = np.float64(normals[r, 0]), np.float64(normals[r, 1]), np.float64(normals[r, 2])
    for i in range(first, last):
        u = np.float64(x + i)
        e0, e1, e2 = a0 * u + r0, a1 * u + r1, a2 * u + r2
        total = e0 + e1 + e2
        one = 1 / total if total > 0 else 0.0
        faces[i] = face
        scale[i] = one
        e0, e1, e2 = e0 * one, e1 * one, e2 * one
        buffer[DEPTH + i] = e0 * z0 + e1 * z1 + e2 * z2 if total > 0 else z0
        buffer[NORMAL + i] = e0 * p0 + e1 * q0 + e2 * s0
        buffer[NORMAL + LANES + i] = e0 * p1 + e1 * q1 + e2 * s1
        buffer[NORMAL + 2 * LANES + i] = e0 * p2 + e1 * q2 + e2 * s2


@kernel
def _color_row(buffer, scale, faces, count, x, v, setup, corners, colors):
    """Fill colours."""
    for i in range(count):
        face, u = faces[i], np.float64(x + i)
        p, q, r = corners[face, 0], corners[face, 1], corners[face, 2]
        e0 = (setup[face, 0] * u + (setup[face, 1] * v + setup[face, 2])) * scale[i]
        e1 = (setup[face, 3] * u + (setup[face, 4] * v + setup[face, 5])) * scale[i]
        e2 = (setup[face, 6] * u + (setup[face, 7] * v + setup[face, 8])) * scale[i]
        for c in range(3):
            buffer[COLOR + c * LANES + i] = e0 * colors[p, c] + e1 * colors[q, c] + e2 * colors[r, c]


@kernel
def gather_faces(run, count, surfaces):
    """Fill depth, position, normal and colour of points that see faces, whose corners' weights are filled."""
    buffer, faces, corners, normal_corners = run.buffer, run.faces, surfaces.faces, surfaces.normal_faces
    vertices, normals, colors = surfaces.vertices, surfaces.normals, surfaces.colors
    for i in range(count):
        f = faces[i]
        w0 = np.float64(buffer[WEIGHT + i])
        w1, w2 = np.float64(buffer[WEIGHT + LANES + i]), np.float64(buffer[WEIGHT + 2 * LANES + i])
        a, b, c = corners[f, 0], corners[f, 1], corners[f, 2]
        buffer[DEPTH + i] = w0 * vertices[a, 2] + w1 * vertices[b, 2] + w2 * vertices[c, 2]
        _mix(buffer, COLOR + i, colors, a, b, c, w0, w1, w2)
        a, b, c = normal_corners[f, 0], normal_corners[f, 1], normal_corners[f, 2]
        _mix(buffer, NORMAL + i, normals, a, b, c, w0, w1, w2)
    place_depths(buffer, count, surfaces.camera_from_pixel)


@kernel
def _mix(buffer, first, values, a, b, c, w0, w1, w2):
    """Write the mean of three rows with their weights."""
    buffer[first] = w0 * values[a, 0] + w1 * values[b, 0] + w2 * values[c, 0]
    buffer[first + LANES] = w0 * values[a, 1] + w1 * values[b, 1] + w2 * values[c, 1]
    buffer[first + 2 * LANES] = w0 * values[a, 2] + w1 * values[b, 2] + w2 * values[c, 2]
