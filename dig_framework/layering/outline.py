"""The sides of faces at which an object's image may end."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor


def welded(vertices: Float[Tensor, "vertices 3"], faces: Int[Tensor, "faces 3"]) -> Int[Tensor, "faces 3"]:
    """Return faces in which corners at the same place, as at a texture's seam, have the same index."""
    _, place = torch.unique(vertices.detach(), dim=0, return_inverse=True)
    return place[faces]


def outline(faces: Int[Tensor, "faces 3"]) -> tuple[Int[Tensor, "sides"], Int[Tensor, "sides"]]:
    """Return face and corner of every side that no other face shares; it joins the corner to the next one.

    Of the faces that are seen from the front, these are silhouettes, and the borders of open meshes.
    """
    ends = torch.stack([faces, faces.roll(-1, 1)], -1).reshape(-1, 2)
    low, high = ends.amin(1), ends.amax(1)
    key = low * (int(faces.max()) + 1 if len(faces) else 1) + high
    _, side, count = torch.unique(key, return_inverse=True, return_counts=True)
    alone = (count[side] == 1).nonzero()[:, 0]
    return alone // 3, alone % 3
