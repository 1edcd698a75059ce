"""Finer meshes of the same surface."""

from __future__ import annotations

import torch
from torch import Tensor

from dig_framework.mesh import Mesh


def subdivided(mesh: Mesh) -> Mesh:
    """Return the mesh with every face split into four at the middles of its edges, which neighbours share.

    The vertices come first and stay as they are, then one for each of `mesh.edges()`. Differentiable in positions and
    colours.
    """
    edges, count = mesh.edges(), len(mesh.vertices)
    keys = edges[:, 0] * count + edges[:, 1]

    def between(first: int, second: int) -> Tensor:
        pair = mesh.faces[:, [first, second]].sort(1).values
        return count + torch.searchsorted(keys, pair[:, 0] * count + pair[:, 1])

    a, b, c = mesh.faces.unbind(1)
    ab, bc, ca = between(0, 1), between(1, 2), between(2, 0)
    faces = [torch.stack(corners, 1) for corners in ([a, ab, ca], [b, bc, ab], [c, ca, bc], [ab, bc, ca])]
    colors = None if mesh.colors is None else _with_middles(mesh.colors, edges)
    return Mesh(_with_middles(mesh.vertices, edges), torch.cat(faces), colors)


def _with_middles(values: Tensor, edges: Tensor) -> Tensor:
    return torch.cat([values, values[edges].mean(1)])
