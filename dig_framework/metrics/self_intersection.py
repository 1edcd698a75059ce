"""Faces of a mesh that cut through each other."""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel
from dig_framework.metrics.surface import Surface


def self_intersections(surface: Surface) -> int:
    """Return how many pairs of faces without a common corner cut through each other.

    Corners at the same place count as one. Faces that touch, or lie in one plane, do not cut.
    """
    _, same = np.unique(surface.vertices, axis=0, return_inverse=True)
    faces = np.asarray(same).reshape(-1)[surface.faces]
    corners = surface.vertices[surface.faces]
    low, high = corners.min(1), corners.max(1)
    # Along the longest side of the mesh fewest boxes overlap.
    axis = int(np.argmax(high.max(0) - low.min(0)))
    order = np.argsort(low[:, axis], kind="stable")
    return int(_crossings(np.ascontiguousarray(corners[order]), np.ascontiguousarray(faces[order]), low[order],
                          high[order], axis))  # fmt: skip


@kernel
def _volume(a, b, c, d):
    """Return six times the signed volume of a tetrahedron."""
    ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    vx, vy, vz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    wx, wy, wz = d[0] - a[0], d[1] - a[1], d[2] - a[2]
    return ux * (vy * wz - vz * wy) + uy * (vz * wx - vx * wz) + uz * (vx * wy - vy * wx)


@kernel
def _pierces(start, end, triangle):
    """Return whether a segment goes through the inside of a triangle."""
    a, b, c = triangle[0], triangle[1], triangle[2]
    if _volume(a, b, c, start) * _volume(a, b, c, end) >= 0.0:
        return False
    first, second, third = _volume(start, end, a, b), _volume(start, end, b, c), _volume(start, end, c, a)
    return (first > 0.0 and second > 0.0 and third > 0.0) or (first < 0.0 and second < 0.0 and third < 0.0)


@kernel
def _cut(first, second):
    for side in range(3):
        if _pierces(first[side], first[(side + 1) % 3], second):
            return True
        if _pierces(second[side], second[(side + 1) % 3], first):
            return True
    return False


@kernel
def _touch(first, second):
    for one in range(3):
        for other in range(3):
            if first[one] == second[other]:
                return True
    return False


@kernel
def _crossings(corners, faces, low, high, axis):
    """Count pairs among boxes sorted along one axis."""
    count = 0
    second, third = (axis + 1) % 3, (axis + 2) % 3
    for one in range(len(corners)):
        for other in range(one + 1, len(corners)):
            if low[other, axis] > high[one, axis]:
                break
            if low[other, second] > high[one, second] or low[one, second] > high[other, second]:
                continue
            if low[other, third] > high[one, third] or low[one, third] > high[other, third]:
                continue
            if not _touch(faces[one], faces[other]) and _cut(corners[one], corners[other]):
                count += 1
    return count
