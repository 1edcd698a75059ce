"""Triangle meshes as tensors."""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dig_framework.tensor_record import TensorRecord


@dataclasses.dataclass(frozen=True, eq=False)
class Mesh(TensorRecord):
    """A triangle mesh in its own frame; faces turn counter-clockwise seen from outside."""

    vertices: Float[Tensor, "vertices 3"]
    """Positions [m]."""
    faces: Int[Tensor, "faces 3"]
    """Vertex indices, int64."""
    colors: Float[Tensor, "vertices 3"] | None = None
    """Linear RGB reflectance that multiplies the material's colour, in [0, 1]; None means white."""
    uv: Float[Tensor, "vertices 2"] | None = None
    """Where vertices are in the texture: (0, 0) is the corner before its first texel, (1, 1) that after the last of its
    last row; beyond, the texture repeats. Vertices of a seam are there twice."""
    texture: Float[Tensor, "rows columns 3"] | None = None
    """Linear RGB reflectance that multiplies the material's and the vertices' colours, in [0, 1]; None means white."""

    def face_normals(self) -> Float[Tensor, "faces 3"]:
        """Return the outward normal of each face times twice its area [m^2]; differentiable."""
        a, b, c = self.vertices[self.faces].unbind(1)
        return torch.linalg.cross(b - a, c - a)

    def vertex_normals(self) -> Float[Tensor, "vertices 3"]:
        """Return unit outward vertex normals, weighted by face area; differentiable."""
        normals = self.face_normals()
        total = torch.zeros_like(self.vertices)
        for corner in range(3):
            total = total.index_add(0, self.faces[:, corner], normals)
        return total / total.square().sum(-1, keepdim=True).add(1e-24).sqrt()

    def volume(self) -> Float[Tensor, ""]:
        """Return the signed volume [m^3]; positive for a closed mesh with outward normals. Differentiable."""
        a, b, c = self.vertices[self.faces].unbind(1)
        return (a * torch.linalg.cross(b, c)).sum() / 6

    def edges(self) -> Int[Tensor, "edges 2"]:
        """Return each undirected edge once, smaller index first."""
        pairs = torch.cat([self.faces[:, [0, 1]], self.faces[:, [1, 2]], self.faces[:, [2, 0]]])
        # One number for each pair: sorting those is ten times as fast as sorting rows, and the order is the same.
        count = max(1, len(self.vertices))
        numbers = torch.unique(pairs.amin(1) * count + pairs.amax(1))
        return torch.stack([numbers // count, numbers % count], 1)

    def is_closed(self) -> bool:
        """Whether every edge joins two corners and has exactly two faces, which pass it in opposite directions."""
        f, count = self.faces, len(self.vertices)
        start, end = torch.cat([f[:, 0], f[:, 1], f[:, 2]]), torch.cat([f[:, 1], f[:, 2], f[:, 0]])
        if len(f) == 0 or bool((start == end).any()):
            return False
        forward, backward = (start * count + end).sort().values, (end * count + start).sort().values
        return bool(torch.equal(forward, backward) and (forward.diff() != 0).all())
