"""Unit normals of vertices, in one pass over the faces."""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel

_TINY = 1e-24


@kernel
def sum_normals(vertices, faces, normals, scale):
    """Fill unit normals [V, 3], and the inverse of their lengths before."""
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        p0, p1, p2 = vertices[b, 0] - vertices[a, 0], vertices[b, 1] - vertices[a, 1], vertices[b, 2] - vertices[a, 2]
        q0, q1, q2 = vertices[c, 0] - vertices[a, 0], vertices[c, 1] - vertices[a, 1], vertices[c, 2] - vertices[a, 2]
        n0, n1, n2 = p1 * q2 - p2 * q1, p2 * q0 - p0 * q2, p0 * q1 - p1 * q0
        for k in range(3):
            v = faces[f, k]
            normals[v, 0] += n0
            normals[v, 1] += n1
            normals[v, 2] += n2
    for v in range(normals.shape[0]):
        square = normals[v, 0] * normals[v, 0] + normals[v, 1] * normals[v, 1] + normals[v, 2] * normals[v, 2]
        scale[v] = 1 / np.sqrt(square + _TINY)
        for k in range(3):
            normals[v, k] *= scale[v]


@kernel
def sum_normals_backward(vertices, faces, normals, scale, wanted, gradient):
    """Add the gradient with respect to the vertices; `wanted` becomes that of the sums."""
    for v in range(normals.shape[0]):
        along = normals[v, 0] * wanted[v, 0] + normals[v, 1] * wanted[v, 1] + normals[v, 2] * wanted[v, 2]
        for k in range(3):
            wanted[v, k] = (wanted[v, k] - along * normals[v, k]) * scale[v]
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        g0 = wanted[a, 0] + wanted[b, 0] + wanted[c, 0]
        g1 = wanted[a, 1] + wanted[b, 1] + wanted[c, 1]
        g2 = wanted[a, 2] + wanted[b, 2] + wanted[c, 2]
        p0, p1, p2 = vertices[b, 0] - vertices[a, 0], vertices[b, 1] - vertices[a, 1], vertices[b, 2] - vertices[a, 2]
        q0, q1, q2 = vertices[c, 0] - vertices[a, 0], vertices[c, 1] - vertices[a, 1], vertices[c, 2] - vertices[a, 2]
        # The derivative of g . (p x q) is q x g in p and g x p in q.
        b0, b1, b2 = q1 * g2 - q2 * g1, q2 * g0 - q0 * g2, q0 * g1 - q1 * g0
        c0, c1, c2 = g1 * p2 - g2 * p1, g2 * p0 - g0 * p2, g0 * p1 - g1 * p0
        gradient[b, 0] += b0
        gradient[b, 1] += b1
        gradient[b, 2] += b2
        gradient[c, 0] += c0
        gradient[c, 1] += c1
        gradient[c, 2] += c2
        gradient[a, 0] -= b0 + c0
        gradient[a, 1] -= b1 + c1
        gradient[a, 2] -= b2 + c2
