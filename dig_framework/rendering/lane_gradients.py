"""The derivative of gathering a run: from depths, positions, normals and colours to corners of faces and the plane."""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel, lane_kernel
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
def faces_backward(run, count, weighted, surfaces, setup, group, gradients):
    """Take the gradients of what is mixed to the corners of faces, face by face.

    With `weighted`, those of weights go on to the corners' positions: points stay where they are in the image. Without,
    they move along with the face.
    """
    first = 0
    while first < count:
        face, last = run.faces[first], first + 1
        while last < count and run.faces[last] == face:
            last += 1
        _mix_backward(run.buffer, first, last, surfaces, face, group, gradients)
        if weighted:
            _weights_backward(run.buffer, first, last, surfaces, setup[face], face, gradients.vertices[group])
        first = last


@kernel
def _mix_backward(buffer, first, last, surfaces, face, group, gradients):
    corner, normal = surfaces.faces[face], surfaces.normal_faces[face]
    for k in range(3):
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
        gradients.vertices[group, corner[k], 2] += depth
        _add(gradients.normals, group, normal[k], n0, n1, n2)
        _add(gradients.colors, group, corner[k], c0, c1, c2)


@kernel
def _add(values, group, row, x, y, z):
    values[group, row, 0] += x
    values[group, row, 1] += y
    values[group, row, 2] += z


@kernel
def _weights_backward(buffer, first, last, surfaces, row, face, out):
    """Sum, for each edge function, its gradient times (u, v, 1), and take that to the corners."""
    corner, normal = surfaces.faces[face], surfaces.normal_faces[face]
    a0, a1, a2, b0, b1, b2, c0, c1, c2 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(first, last):
        u, v = np.float64(buffer[U + i]), np.float64(buffer[V + i])
        total = max(row[0] * u + (row[1] * v + row[2]), 0.0) + max(row[3] * u + (row[4] * v + row[5]), 0.0)
        total += max(row[6] * u + (row[7] * v + row[8]), 0.0)
        if total <= 0:
            continue
        change0 = _weight_gradient(buffer, i, surfaces, corner[0], normal[0])
        change1 = _weight_gradient(buffer, i, surfaces, corner[1], normal[1])
        change2 = _weight_gradient(buffer, i, surfaces, corner[2], normal[2])
        mean = buffer[WEIGHT + i] * change0 + buffer[WEIGHT + LANES + i] * change1
        mean += buffer[WEIGHT + 2 * LANES + i] * change2
        scale = row[14] / total
        change0, change1, change2 = (change0 - mean) * scale, (change1 - mean) * scale, (change2 - mean) * scale
        a0, a1, a2 = a0 + change0 * u, a1 + change0 * v, a2 + change0
        b0, b1, b2 = b0 + change1 * u, b1 + change1 * v, b2 + change1
        c0, c1, c2 = c0 + change2 * u, c1 + change2 * v, c2 + change2
    edge_backward(surfaces.vertices, corner[1], corner[2], a0, a1, a2, out)
    edge_backward(surfaces.vertices, corner[2], corner[0], b0, b1, b2, out)
    edge_backward(surfaces.vertices, corner[0], corner[1], c0, c1, c2, out)


@kernel
def _weight_gradient(buffer, i, surfaces, vertex, normal):
    """Return the gradient with respect to the weight of one corner."""
    n, a = surfaces.normals[normal], surfaces.colors[vertex]
    total = buffer[D_DEPTH + i] * surfaces.vertices[vertex, 2]
    for c in range(3):
        total += buffer[D_NORMAL + c * LANES + i] * n[c] + buffer[D_COLOR + c * LANES + i] * a[c]
    return total


@kernel
def edge_backward(vertices, p, q, m0, m1, m2, out):
    """Add the derivative of det(v_p, v_q, m) to the gradients of both vertices."""
    a, b = vertices[p], vertices[q]
    out[p, 0] += b[1] * m2 - b[2] * m1
    out[p, 1] += b[2] * m0 - b[0] * m2
    out[p, 2] += b[0] * m1 - b[1] * m0
    out[q, 0] += m1 * a[2] - m2 * a[1]
    out[q, 1] += m2 * a[0] - m0 * a[2]
    out[q, 2] += m0 * a[1] - m1 * a[0]
