"""Exact distances from points to a triangle mesh."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float64

from dig_framework.kernel import kernel
from dig_framework.metrics.surface import Surface


def distances_to(surface: Surface, points: Float64[np.ndarray, "points 3"]) -> Float64[np.ndarray, "points"]:
    """Return the distance from each point to the nearest point of a surface [m]."""
    from scipy.spatial import KDTree

    if not len(points):
        return np.zeros(0)
    corners = np.ascontiguousarray(surface.vertices[surface.faces])
    centers = corners.mean(1)
    radii = np.linalg.norm(corners - centers[:, None], axis=2).max(1)
    # No point is farther from the surface than from the nearest vertex.
    bound, _ = KDTree(surface.vertices).query(points)
    return _nearest(corners, centers, radii, np.ascontiguousarray(points), np.asarray(bound))


@kernel
def _segment(px, py, pz, a, b):
    """Return the squared distance from a point to a segment."""
    ex, ey, ez = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    dx, dy, dz = px - a[0], py - a[1], pz - a[2]
    length = ex * ex + ey * ey + ez * ez
    t = 0.0
    if length > 0.0:
        t = min(1.0, max(0.0, (dx * ex + dy * ey + dz * ez) / length))
    dx, dy, dz = dx - t * ex, dy - t * ey, dz - t * ez
    return dx * dx + dy * dy + dz * dz


@kernel
def _triangle(px, py, pz, corner):
    """Return the squared distance from a point to a triangle: to its plane above it, else to its sides."""
    a, b, c = corner[0], corner[1], corner[2]
    ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    vx, vy, vz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    square = nx * nx + ny * ny + nz * nz
    if square > 0.0:
        dx, dy, dz = px - a[0], py - a[1], pz - a[2]
        second = ((dy * vz - dz * vy) * nx + (dz * vx - dx * vz) * ny + (dx * vy - dy * vx) * nz) / square
        third = ((uy * dz - uz * dy) * nx + (uz * dx - ux * dz) * ny + (ux * dy - uy * dx) * nz) / square
        if second >= 0.0 and third >= 0.0 and second + third <= 1.0:
            height = dx * nx + dy * ny + dz * nz
            return height * height / square
    return min(_segment(px, py, pz, a, b), _segment(px, py, pz, b, c), _segment(px, py, pz, c, a))


@kernel
def _nearest(corners, centers, radii, points, bound):
    found = np.empty(len(points))
    for index in range(len(points)):
        px, py, pz = points[index, 0], points[index, 1], points[index, 2]
        best = bound[index]
        for face in range(len(corners)):
            dx, dy, dz = centers[face, 0] - px, centers[face, 1] - py, centers[face, 2] - pz
            reach = best + radii[face]
            if dx * dx + dy * dy + dz * dz < reach * reach:
                best = min(best, math.sqrt(_triangle(px, py, pz, corners[face])))
        found[index] = best
    return found
