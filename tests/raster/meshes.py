"""Meshes in clip space that the tests of the primitives share."""

from dataclasses import dataclass

import torch
from torch import Tensor

import dig_framework.raster as dr

CONTEXT = dr.RasterizeContext()


@dataclass(frozen=True)
class Scene:
    pos: Tensor
    tri: Tensor
    size: tuple[int, int]


def random_scene(seed: int, triangles: int, size: tuple[int, int] = (11, 14), images: int = 2) -> Scene:
    """Return triangles of random shape and depth in front of the camera, some partly out of the image."""
    generator = torch.Generator().manual_seed(seed)
    vertices = triangles + 2
    w = 0.8 + torch.rand(images, vertices, 1, generator=generator, dtype=torch.float64)
    pos = (2.4 * torch.rand(images, vertices, 3, generator=generator, dtype=torch.float64) - 1.2) * w
    pos[..., 2] *= 0.7
    tri = torch.stack([torch.randperm(vertices, generator=generator)[:3] for _ in range(triangles)])
    return Scene(torch.cat([pos, w], 2), tri.int(), size)


def pixel_positions(
    points: list[tuple[float, ...]], size: tuple[int, int], dtype: torch.dtype = torch.float64
) -> Tensor:
    """Return clip-space positions [1, V, 4] of (column, row[, z]) in pixels from the lower left corner, with w = 1."""
    rows = [(2 * p[0] / size[1] - 1, 2 * p[1] / size[0] - 1, p[2] if len(p) > 2 else 0.0, 1.0) for p in points]
    return torch.tensor([rows], dtype=dtype)


def triangles(*corners: tuple[int, int, int]) -> Tensor:
    return torch.tensor(corners, dtype=torch.int32).reshape(-1, 3)


def ids(rast: Tensor) -> list[list[int]]:
    """Return the ids of the first image, top row first, as one looks at it."""
    return rast[0, :, :, 3].flip(0).int().tolist()


def numeric_gradient(function, tensor: Tensor, step: float = 1e-6) -> Tensor:
    """Return central differences of a scalar function in every entry of a tensor."""
    result = torch.zeros_like(tensor)
    with torch.no_grad():
        for k in range(tensor.numel()):
            values = []
            for sign in (1, -1):
                moved = tensor.detach().clone()
                moved.view(-1)[k] += sign * step
                values.append(function(moved))
            result.view(-1)[k] = (values[0] - values[1]) / (2 * step)
    return result


def relative_errors(gradient: Tensor, truth: Tensor) -> Tensor:
    """Return errors of single entries, relative to their size or to a thousandth of the largest."""
    scale = torch.maximum(truth.abs(), gradient.abs()).clamp(min=1e-3 * float(truth.abs().max()) + 1e-30)
    return ((gradient - truth).abs() / scale).flatten()
