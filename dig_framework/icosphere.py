"""Unit spheres of nearly equal triangles."""

from __future__ import annotations

import torch

from dig_framework.mesh import Mesh
from dig_framework.subdivision import subdivided


def icosphere(subdivisions: int, dtype: torch.dtype = torch.float64) -> Mesh:
    """Return the unit sphere as an icosahedron whose faces are split in four `subdivisions` times.

    It has 10 * 4^subdivisions + 2 vertices, all at distance one from the origin, and normals outward.
    """
    mesh = _icosahedron(dtype)
    for _ in range(subdivisions):
        mesh = _split(mesh)
    return mesh


def _icosahedron(dtype: torch.dtype) -> Mesh:
    golden = (1 + 5**0.5) / 2
    corners = [[-1, golden, 0], [1, golden, 0], [-1, -golden, 0], [1, -golden, 0]]
    rolled = [[row[(axis - shift) % 3] for axis in range(3)] for shift in range(3) for row in corners]
    faces = [
        *([0, 11, 5], [0, 5, 1], [0, 1, 7], [0, 7, 10], [0, 10, 11]),
        *([1, 5, 9], [5, 11, 4], [11, 10, 2], [10, 7, 6], [7, 1, 8]),
        *([3, 9, 4], [3, 4, 2], [3, 2, 6], [3, 6, 8], [3, 8, 9]),
        *([4, 9, 5], [2, 4, 11], [6, 2, 10], [8, 6, 7], [9, 8, 1]),
    ]
    vertices = torch.tensor(rolled, dtype=dtype)
    return Mesh(vertices / vertices.norm(dim=1, keepdim=True), torch.tensor(faces))


def _split(mesh: Mesh) -> Mesh:
    finer = subdivided(mesh)
    middle = finer.vertices[len(mesh.vertices) :]
    return finer.replace(vertices=torch.cat([mesh.vertices, middle / middle.norm(dim=1, keepdim=True)]))
