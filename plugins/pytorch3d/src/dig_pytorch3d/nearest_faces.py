"""The framework's question to a rasteriser, put to PyTorch3D."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dig_framework.layering.rasterizer import Hits
from dig_framework.rendering.surface_samples import center_weights

_TOUCH = 1e-3
"""A centre this near to a face sees it, in px: on a side that two faces share, it would otherwise see neither."""


def nearest_faces(
    corners: Float[Tensor, "faces 3 3"],
    width: int,
    height: int,
    meshes: Any,
    rasterize: Any,
    device: str = "cpu",
    bins: tuple[int | None, int | None] = (None, None),
    own_gradients: bool = True,
) -> Hits:
    """Return what the centres of a window's pixels see, as `dig_framework.layering.Rasterizer` says.

    Args:
        corners: (u, v) [px] and depth [m] of faces.
        width: Of the window [px].
        height: Of the window [px].
        meshes: PyTorch3D's class `Meshes`.
        rasterize: Its function `rasterize_meshes`.
        device: Where it runs.
        bins: Its settings `bin_size` and `max_faces_per_bin`.
        own_gradients: Whether weights and their gradients are PyTorch3D's; otherwise they are made in torch.
    """
    asked = corners if own_gradients else corners.detach()
    points = ndc_points(asked.reshape(-1, 3), width, height).to(device, torch.float32)
    faces = torch.arange(len(points), device=device).view(-1, 3)
    unit = 2 / min(width, height)
    found, _, weights, _ = rasterize(
        meshes([points], [faces]),
        image_size=(height, width),
        blur_radius=(_TOUCH * unit) ** 2,
        faces_per_pixel=1,
        bin_size=bins[0],
        max_faces_per_bin=bins[1],
        perspective_correct=True,
        clip_barycentric_coords=True,
    )
    face = found[0, ..., 0].to(corners.device)
    return Hits(face, weights[0, :, :, 0].to(corners) if own_gradients else _weights(corners, face))


def _weights(corners: Float[Tensor, "faces 3 3"], face: Int[Tensor, "height width"]) -> Float[Tensor, "height width 3"]:
    seen = face >= 0
    v, u = seen.nonzero(as_tuple=True)
    vertices = torch.cat([corners[..., :2] * corners[..., 2:], corners[..., 2:]], -1).reshape(-1, 3)
    faces = torch.arange(len(vertices), device=face.device).view(-1, 3)
    weights = center_weights(vertices, faces, face[seen], torch.stack([u, v], 1).to(corners))
    return corners.new_zeros(*face.shape, 3).index_put((seen,), weights)


def ndc_points(points: Float[Tensor, "points 3"], width: int, height: int) -> Float[Tensor, "points 3"]:
    """Return points as PyTorch3D's rasteriser takes them: x left, y up, pixels square, the shorter side 2 long.

    Args:
        points: (u, v) with pixel centres at the integers [px], and depth [m].
        width: Of the image [px].
        height: Of the image [px].
    """
    u, v, depth = points.unbind(1)
    short = min(width, height)
    return torch.stack([(width - 1 - 2 * u) / short, (height - 1 - 2 * v) / short, depth], 1)
