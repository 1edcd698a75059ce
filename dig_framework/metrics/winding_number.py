"""Generalised winding numbers of a triangle mesh (Jacobson et al., SIGGRAPH 2013), for telling inside from outside.

Far groups of triangles count as one dipole each (Barill et al., Fast Winding Numbers, SIGGRAPH 2018), in two levels.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float64, Int64

from dig_framework.kernel import kernel
from dig_framework.worker_threads import spread

_GROUP = 8
_FAR = 2.0


class _Dipoles(NamedTuple):
    centers: np.ndarray
    areas: np.ndarray
    """Sum of the area vectors [m^2]."""
    radii: np.ndarray


def winding_numbers(
    vertices: Float64[np.ndarray, "vertices 3"],
    faces: Int64[np.ndarray, "faces 3"],
    points: Float64[np.ndarray, "points 3"],
) -> Float64[np.ndarray, "points"]:
    """Return how often the surface winds around each point; inside a closed mesh with outward normals, once."""
    corners = vertices[faces]
    corners = np.ascontiguousarray(corners[_along_curve(corners.mean(1))])
    small, large = _dipoles(corners, _GROUP), _dipoles(corners, _GROUP * _GROUP)
    total = np.empty(len(points))
    spread(_winding, corners, *small, *large, np.ascontiguousarray(points), total)
    return total / (4 * math.pi)


def are_inside(
    vertices: Float64[np.ndarray, "vertices 3"],
    faces: Int64[np.ndarray, "faces 3"],
    points: Float64[np.ndarray, "points 3"],
) -> Bool[np.ndarray, "points"]:
    """Return which points the surface encloses; holes are closed as the winding number closes them."""
    inside = ((points >= vertices.min(0)) & (points <= vertices.max(0))).all(1)
    inside[inside] = winding_numbers(vertices, faces, points[inside]) > 0.5
    return inside


def _along_curve(centers: np.ndarray) -> np.ndarray:
    """Return the order of points along a Morton curve, so that neighbours in it are neighbours in space."""
    low, high = centers.min(0), centers.max(0)
    cells = ((centers - low) / np.maximum(high - low, 1e-30) * 1023).astype(np.int64)
    code = np.zeros(len(centers), np.int64)
    for bit in range(10):
        for axis in range(3):
            code |= ((cells[:, axis] >> bit) & 1) << (3 * bit + axis)
    return np.argsort(code, kind="stable")


def _dipoles(corners: np.ndarray, size: int) -> _Dipoles:
    starts = np.arange(0, len(corners), size)
    area = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]) / 2
    weight = np.linalg.norm(area, axis=1) + 1e-30
    centers = np.add.reduceat(weight[:, None] * corners.mean(1), starts) / np.add.reduceat(weight, starts)[:, None]
    distance = np.linalg.norm(corners - np.repeat(centers, size, 0)[: len(corners), None], axis=2).max(1)
    return _Dipoles(centers, np.add.reduceat(area, starts), np.maximum.reduceat(distance, starts))


@kernel
def _dipole(px, py, pz, center, area):
    x, y, z = center[0] - px, center[1] - py, center[2] - pz
    square = x * x + y * y + z * z
    return (x * area[0] + y * area[1] + z * area[2]) / (square * math.sqrt(square))


@kernel
def _is_far(px, py, pz, center, radius):
    x, y, z = center[0] - px, center[1] - py, center[2] - pz
    return x * x + y * y + z * z > (_FAR * radius) ** 2


@kernel
def _solid_angle(px, py, pz, corner):
    """Return the signed solid angle of a triangle (Van Oosterom and Strackee 1983, Eq. 8)."""
    ax, ay, az = corner[0, 0] - px, corner[0, 1] - py, corner[0, 2] - pz
    bx, by, bz = corner[1, 0] - px, corner[1, 1] - py, corner[1, 2] - pz
    cx, cy, cz = corner[2, 0] - px, corner[2, 1] - py, corner[2, 2] - pz
    a = math.sqrt(ax * ax + ay * ay + az * az)
    b = math.sqrt(bx * bx + by * by + bz * bz)
    c = math.sqrt(cx * cx + cy * cy + cz * cz)
    triple = ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)
    ab, bc, ca = ax * bx + ay * by + az * bz, bx * cx + by * cy + bz * cz, cx * ax + cy * ay + cz * az
    return 2 * math.atan2(triple, a * b * c + ab * c + bc * a + ca * b)


@kernel
def _winding(part, parts, corners, centers, areas, radii, far_centers, far_areas, far_radii, points, total):
    """Fill the solid angle under which one part of the points see a surface."""
    for index in range(part, len(points), parts):
        x, y, z = points[index, 0], points[index, 1], points[index, 2]
        angle = 0.0
        for large in range(len(far_centers)):
            if _is_far(x, y, z, far_centers[large], far_radii[large]):
                angle += _dipole(x, y, z, far_centers[large], far_areas[large])
                continue
            for small in range(large * _GROUP, min((large + 1) * _GROUP, len(centers))):
                if _is_far(x, y, z, centers[small], radii[small]):
                    angle += _dipole(x, y, z, centers[small], areas[small])
                    continue
                for face in range(small * _GROUP, min((small + 1) * _GROUP, len(corners))):
                    angle += _solid_angle(x, y, z, corners[face])
        total[index] = angle
