"""The derivative of gathering a run: from depths, positions, normals and colours to corners of faces and the plane."""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import inline_kernel, kernel, lane_kernel
from dig_framework.rendering.lanes import (
    D_COLOR,
    D_DEPTH,
    D_NORMAL,
    D_POSITION,
    DEPTH,
    LANES,
    WEIGHT,
    U,
    V,
)


@lane_kernel
def position_backward(buffer, count, k):
    """Take the gradient of positions to depths."""
    k00, k01, k02, k10, k11, k12, k22 = k[0, 0], k[0, 1], k[0, 2], k[1, 0], k[1, 1], k[1, 2], k[2, 2]
    for i in range(count):
        u, v = buffer[U + i], buffer[V + i]
        total = (k00 * u + k01 * v + k02) * buffer[D_POSITION + i]
        total += (k10 * u + k11 * v + k12) * buffer[D_POSITION + LANES + i] + k22 * buffer[D_POSITION + 2 * LANES + i]
        buffer[D_DEPTH + i] += total


@lane_kernel
def plane_backward(buffer, count, shown, plane_gradient, normal_gradient):
    """Take the gradients of depths to the coefficients of the plane's inverse depth, and sum those of the normal."""
    zeroth, along, down = 0.0, 0.0, 0.0
    for i in range(count):
        g = np.float64(buffer[D_DEPTH + i]) * buffer[DEPTH + i] * buffer[DEPTH + i]
        zeroth += g
        along += g * buffer[U + i]
        down += g * buffer[V + i]
    plane_gradient[0] -= along
    plane_gradient[1] -= down
    plane_gradient[2] -= zeroth
    if shown:
        for c in range(3):
            total = 0.0
            for i in range(count):
                total += buffer[D_NORMAL + c * LANES + i]
            normal_gradient[c] += total


@kernel
def faces_backward(
    buffer, faces, count, weighted, vertices, corners, normals, normal_corners, colors, setup, vertices_gradient,
    normals_gradient, colors_gradient
):  # fmt: skip
    """Take the gradients of what is mixed to the corners of faces, face by face.

    With `weighted`, those of weights go on to the corners' positions: points stay where they are in the image. Without,
    they move along with the face.

    Args:
        buffer: Of the run.
        faces: Of the run.
        count: Of its points.
        weighted: See there.
        vertices: As in `Surfaces`, like the next four.
        corners: `faces` there.
        normals: As there.
        normal_corners: `normal_faces` there.
        colors: As there.
        setup: As filled by `set_up_faces`.
        vertices_gradient: Is added to, like the next two; one copy of those in `Gradients`.
        normals_gradient: As there.
        colors_gradient: As there.
    """
    first = 0
    while first < count:
        face, last = faces[first], first + 1
        while last < count and faces[last] == face:
            last += 1
        for k in range(3):
            _mix_backward(
                buffer, first, last, k, corners[face, k], normal_corners[face, k], vertices_gradient,
                normals_gradient, colors_gradient,
            )  # fmt: skip
        if weighted:
            _weights_backward(
                buffer, first, last, face, vertices, corners, normals, normal_corners, colors, setup,
                vertices_gradient,
            )  # fmt: skip
        first = last


@inline_kernel
def _mix_backward(buffer, first, last, k, corner, normal, vertices_gradient, normals_gradient, colors_gradient):
    """Sum what one corner's weight multiplies."""
    depth, n0, n1, n2, c0, c1, c2 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(first, last):
        w = np.float64(buffer[WEIGHT + k * LANES + i])
        depth += w * buffer[D_DEPTH + i]
        n0 += w * buffer[D_NORMAL + i]
        n1 += w * buffer[D_NORMAL + LANES + i]
        n2 += w * buffer[D_NORMAL + 2 * LANES + i]
        c0 += w * buffer[D_COLOR + i]
        c1 += w * buffer[D_COLOR + LANES + i]
        c2 += w * buffer[D_COLOR + 2 * LANES + i]
    vertices_gradient[corner, 2] += depth
    normals_gradient[normal, 0] += n0
    normals_gradient[normal, 1] += n1
    normals_gradient[normal, 2] += n2
    colors_gradient[corner, 0] += c0
    colors_gradient[corner, 1] += c1
    colors_gradient[corner, 2] += c2


@inline_kernel
def _weights_backward(
    buffer, first, last, face, vertices, corners, normals, normal_corners, colors, setup, vertices_gradient
):
    """Sum, for each edge function, its gradient times (u, v, 1), and take that to the corners."""
    a0, a1, a2, b0, b1, b2, c0, c1, c2 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    p, q, r = corners[face, 0], corners[face, 1], corners[face, 2]
    j, k, m = normal_corners[face, 0], normal_corners[face, 1], normal_corners[face, 2]
    for i in range(first, last):
        u, v = np.float64(buffer[U + i]), np.float64(buffer[V + i])
        e0 = max(setup[face, 0] * u + (setup[face, 1] * v + setup[face, 2]), 0.0)
        e1 = max(setup[face, 3] * u + (setup[face, 4] * v + setup[face, 5]), 0.0)
        total = e0 + e1 + max(setup[face, 6] * u + (setup[face, 7] * v + setup[face, 8]), 0.0)
        scale = setup[face, 14] / total if total > 0 else 0.0
        change0 = _weight_gradient(buffer, i, vertices[p, 2], normals[j], colors[p])
        change1 = _weight_gradient(buffer, i, vertices[q, 2], normals[k], colors[q])
        change2 = _weight_gradient(buffer, i, vertices[r, 2], normals[m], colors[r])
        mean = buffer[WEIGHT + i] * change0 + buffer[WEIGHT + LANES + i] * change1
        mean += buffer[WEIGHT + 2 * LANES + i] * change2
        change0, change1, change2 = (change0 - mean) * scale, (change1 - mean) * scale, (change2 - mean) * scale
        a0, a1, a2 = a0 + change0 * u, a1 + change0 * v, a2 + change0
        b0, b1, b2 = b0 + change1 * u, b1 + change1 * v, b2 + change1
        c0, c1, c2 = c0 + change2 * u, c1 + change2 * v, c2 + change2
    edge_backward(vertices, q, r, a0, a1, a2, vertices_gradient)
    edge_backward(vertices, r, p, b0, b1, b2, vertices_gradient)
    edge_backward(vertices, p, q, c0, c1, c2, vertices_gradient)


@inline_kernel
def _weight_gradient(buffer, i, z, n, a):
    """Return the gradient with respect to the weight of a corner at depth z with normal n and colour a."""
    total = buffer[D_DEPTH + i] * z
    total += buffer[D_NORMAL + i] * n[0] + buffer[D_NORMAL + LANES + i] * n[1] + buffer[D_NORMAL + 2 * LANES + i] * n[2]
    total += buffer[D_COLOR + i] * a[0] + buffer[D_COLOR + LANES + i] * a[1] + buffer[D_COLOR + 2 * LANES + i] * a[2]
    return total


@kernel
def edge_backward(vertices, p, q, m0, m1, m2, out):
    """Add the derivative of det(v_p, v_q, m) to the gradients of both vertices."""
    a0, a1, a2, b0, b1, b2 = (
        vertices[p, 0],
        vertices[p, 1],
        vertices[p, 2],
        vertices[q, 0],
        vertices[q, 1],
        vertices[q, 2],
    )
    out[p, 0] += b1 * m2 - b2 * m1
    out[p, 1] += b2 * m0 - b0 * m2
    out[p, 2] += b0 * m1 - b1 * m0
    out[q, 0] += m1 * a2 - m2 * a1
    out[q, 1] += m2 * a0 - m0 * a2
    out[q, 2] += m0 * a1 - m1 * a0
