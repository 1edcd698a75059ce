"""Faces of a deformed mesh that have turned over or cut through others."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Bool, Int
from torch import Tensor

from dig_framework.mesh import Mesh


def flipped_faces(start: Mesh, deformed: Mesh) -> Bool[Tensor, "faces"]:
    """Return which faces have turned by a right angle or more since the start, or have lost their area.

    All have if a closed mesh was turned inside out.
    """
    before, after = start.face_normals().detach(), deformed.face_normals().detach()
    flipped = ((before * after).sum(1) <= 0) & (before.square().sum(1) > 0)
    if start.is_closed() and start.volume() * deformed.volume() < 0:
        return torch.ones_like(flipped)
    return flipped


def crossing_faces(mesh: Mesh, corners: Int[Tensor, "faces 3"] | None = None) -> Bool[Tensor, "faces"]:
    """Return which faces cut through another face; those that touch, or lie in one plane, do not.

    Args:
        mesh: The mesh.
        corners: Numbers that are the same for corners that belong together; by default those at the same place do.
    """
    from dig_framework.unfolding.crossing_kernel import mark_crossing_faces

    if not len(mesh.faces):
        return torch.zeros(0, dtype=torch.bool)
    places = mesh.vertices.detach()[mesh.faces].double().cpu().numpy()
    numbers = (merged_corners(mesh) if corners is None else corners).cpu().numpy()
    low, high = places.min(1), places.max(1)
    # Along the longest side fewest faces overlap.
    axis = int(np.argmax(high.max(0) - low.min(0)))
    order = np.argsort(low[:, axis], kind="stable")
    found = np.zeros(len(order), np.bool_)
    mark_crossing_faces(found, np.ascontiguousarray(places[order]), np.ascontiguousarray(numbers[order]), axis)
    crossing = np.zeros_like(found)
    crossing[order] = found
    return torch.from_numpy(crossing)


def merged_corners(mesh: Mesh) -> Int[Tensor, "faces 3"]:
    """Return the corners of faces, numbered so that those at the same place are one."""
    _, numbers = torch.unique(mesh.vertices.detach(), dim=0, return_inverse=True)
    return numbers[mesh.faces]
