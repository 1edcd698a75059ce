"""Closed triangle meshes of simple solids, centred on the origin."""

from __future__ import annotations

import torch

from dig_framework.icosphere import icosphere
from dig_framework.mesh import Mesh
from dig_framework.subdivision import subdivided

_CUBE = (
    (0, 2, 3), (0, 3, 1), (4, 5, 7), (4, 7, 6), (0, 1, 5), (0, 5, 4),
    (2, 6, 7), (2, 7, 3), (0, 4, 6), (0, 6, 2), (1, 3, 7), (1, 7, 5),
)  # fmt: skip


def sphere_mesh(radius: float, subdivisions: int = 3, dtype: torch.dtype = torch.float32) -> Mesh:
    """Return an icosphere of 20 * 4^subdivisions faces whose vertices lie on the sphere.

    Args:
        radius: Of the sphere on which the vertices lie [m].
        subdivisions: How often every face is split into four.
        dtype: Of the vertices.
    """
    unit = icosphere(subdivisions)
    return Mesh((radius * unit.vertices).to(dtype), unit.faces)


def box_mesh(
    width: float, height: float, depth: float, subdivisions: int = 0, dtype: torch.dtype = torch.float32
) -> Mesh:
    """Return a box with sides along the axes x, y and z [m], of 12 * 4^subdivisions faces."""
    signs = torch.tensor([[x, y, z] for z in (-1, 1) for y in (-1, 1) for x in (-1, 1)], dtype=torch.float64)
    vertices = signs * torch.tensor([width, height, depth], dtype=torch.float64) / 2
    mesh = Mesh(vertices, torch.tensor(_CUBE))
    for _ in range(subdivisions):
        mesh = subdivided(mesh)
    return mesh.replace(vertices=mesh.vertices.to(dtype))
