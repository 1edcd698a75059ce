"""As much of a deformation as folds nothing."""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from dig_framework.mesh import Mesh
from dig_framework.unfolding.folded_faces import crossing_faces, flipped_faces, merged_corners

_ROUNDS = 8
"""How often displacements near folds are halved before all are shrunk."""
_RINGS = 2
"""How many vertices away from a fold displacements are halved too."""
_BISECTIONS = 6


class Unfolded(NamedTuple):
    """A deformed mesh without new folds."""

    mesh: Mesh
    folded: int
    """Faces that the whole deformation turns over, or makes cut through others where none did at the start [count]."""
    share: Float[Tensor, "vertices"]
    """What is left of each vertex's displacement, in [0, 1]; ones if nothing was folded."""


def unfolded(start: Mesh, deformed: Mesh) -> Unfolded:
    """Return the deformed mesh, its vertices taken back towards the start as far as faces fold.

    A face is folded if it turned by a right angle or more, or cuts through another. Faces that do so at the start, and
    those next to them, may go on. Near folds displacements are halved, with a smooth transition, at most 8 times; if
    that does not help, all are shrunk alike. How far is found by bisection. Not differentiable.
    """
    path = _Path(start, deformed)
    share = torch.ones(len(start.vertices)).to(start.vertices)
    folds = path.folds(share)
    count = int(folds.sum())
    if not count:
        return Unfolded(deformed, 0, share)
    larger = share
    for _ in range(_ROUNDS):
        larger, share = share, path.eased(share, folds)
        folds = path.folds(share)
        if not folds.any():
            break
    if folds.any():
        larger, share = share, torch.zeros_like(share)
    share = path.between(share, larger)
    return Unfolded(path.at(share), count, share)


class _Path:
    """What lies between the start and the deformed mesh."""

    def __init__(self, start: Mesh, deformed: Mesh) -> None:
        self.start = start.detach()
        self.offsets = deformed.vertices.detach() - self.start.vertices
        self.corners = merged_corners(self.start)
        # Where faces cut through each other from the start, others come to do so as they move along.
        self.broken = _near(crossing_faces(self.start, self.corners), self.corners, _RINGS)[self.corners].amax(1) > 0

    def at(self, share: Float[Tensor, "vertices"]) -> Mesh:
        """Return the mesh with a share of every vertex's displacement."""
        return self.start.replace(vertices=self.start.vertices + share[:, None] * self.offsets)

    def folds(self, share: Float[Tensor, "vertices"]) -> Bool[Tensor, "faces"]:
        """Return which faces are folded there, and were not at the start."""
        mesh = self.at(share)
        return flipped_faces(self.start, mesh) | (crossing_faces(mesh, self.corners) & ~self.broken)

    def eased(self, share: Float[Tensor, "vertices"], folds: Bool[Tensor, "faces"]) -> Float[Tensor, "vertices"]:
        """Return the share halved at and near folds, and less the farther away."""
        by_vertex = torch.zeros_like(share)
        by_vertex[self.start.faces] = _near(folds, self.corners, _RINGS)[self.corners].to(share)
        return share * (1 - by_vertex / 2)

    def between(self, share: Float[Tensor, "vertices"], larger: Float[Tensor, "vertices"]) -> Float[Tensor, "vertices"]:
        """Return the share, moved towards a larger one as far as a bisection finds that nothing folds."""
        low, high = 0.0, 1.0
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            folded = self.folds(share + middle * (larger - share)).any()
            low, high = (low, middle) if folded else (middle, high)
        return share + low * (larger - share)


def _near(faces: Bool[Tensor, "faces"], corners: Int[Tensor, "faces 3"], rings: int) -> Float[Tensor, "numbers"]:
    """Return one at the corners of marked faces, falling to zero over so many rings of faces around them."""
    near = torch.zeros(int(corners.max()) + 1 if corners.numel() else 0)
    near[corners[faces]] = 1.0
    for ring in range(rings):
        least = 1 - (ring + 1) / (rings + 1)
        reach = (near[corners].amax(1, keepdim=True) > 0) * least
        near = near.scatter_reduce(0, corners.reshape(-1), reach.expand(-1, 3).reshape(-1), "amax")
    return near
