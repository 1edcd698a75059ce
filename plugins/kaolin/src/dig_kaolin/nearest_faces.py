"""The framework's question to a rasteriser, put to Kaolin."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.layering.rasterizer import Hits


def nearest_faces(
    corners: Float[Tensor, "faces 3 3"], width: int, height: int, rasterize: Any, device: str = "cuda"
) -> Hits:
    """Return what the centres of a window's pixels see, as `dig_framework.layering.Rasterizer` says.

    Kaolin interpolates linearly in the image, and takes the face with the greatest value for the nearest. The inverse
    depth is linear in the image and greatest for what is nearest, so it is given in the depth's place; each corner's
    share in the image then comes back as a feature, and dividing by depth makes it the share in space.

    Args:
        corners: (u, v) [px] and depth [m] of faces.
        width: Of the window [px].
        height: Of the window [px].
        rasterize: Kaolin's function `rasterize`.
        device: Where it runs.
    """
    there = corners.to(device)
    inverse = 1 / there[..., 2]
    names = torch.eye(3, dtype=there.dtype, device=there.device).expand(1, len(there), 3, 3).contiguous()
    shares, face = rasterize(height, width, inverse[None].contiguous(), image_points(there, width, height)[None], names)
    seen = face[0] >= 0
    weights = shares[0] * inverse[face[0].clamp_min(0)]
    total = weights.sum(-1, keepdim=True).where(seen[..., None], 1.0)
    return Hits(face[0].to(corners.device), (weights / total).to(corners.device))


def image_points(corners: Float[Tensor, "faces 3 3"], width: int, height: int) -> Float[Tensor, "faces 3 2"]:
    """Return where corners are in the image as Kaolin has it: x right and y up, both from -1 to 1.

    Args:
        corners: (u, v) with pixel centres at the integers [px], and depth [m].
        width: Of the image [px].
        height: Of the image [px].
    """
    u, v, _ = corners.unbind(-1)
    return torch.stack([(2 * u + 1) / width - 1, 1 - (2 * v + 1) / height], -1)
