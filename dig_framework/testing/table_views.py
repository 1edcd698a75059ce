"""RGBD images of simple solids on a table, ray-cast exactly: depth, masks and boxes are known to the last bit."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.observation import Box, Observation
from dig_framework.testing.tabletop import scene_from_table

_TABLE_COLOR = (0.45, 0.33, 0.22)


@dataclasses.dataclass(frozen=True)
class Ball:
    """A sphere in the table's frame (z up)."""

    center: tuple[float, float, float]
    """[m]"""
    radius: float
    """[m]"""
    color: tuple[float, float, float]
    """Linear RGB reflectance."""

    def distances(self, origin: Float[Tensor, "3"], rays: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"]:
        """Return the ray parameter of the first hit, infinite where there is none."""
        offset = origin - torch.tensor(self.center).to(rays)
        a, b = rays.square().sum(-1), rays @ offset
        root = b.square() - a * (offset.square().sum() - self.radius**2)
        return torch.where(root > 0, (-b - root.clamp_min(0).sqrt()) / a, math.inf)


@dataclasses.dataclass(frozen=True)
class Block:
    """A box whose sides are along the axes of the table's frame (z up)."""

    center: tuple[float, float, float]
    """[m]"""
    size: tuple[float, float, float]
    """Side lengths [m]."""
    color: tuple[float, float, float]
    """Linear RGB reflectance."""

    def distances(self, origin: Float[Tensor, "3"], rays: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"]:
        """Return the ray parameter of the first hit, infinite where there is none (slab method)."""
        half, center = torch.tensor(self.size).to(rays) / 2, torch.tensor(self.center).to(rays)
        first, second = (center - half - origin) / rays, (center + half - origin) / rays
        enter, leave = torch.minimum(first, second).amax(-1), torch.maximum(first, second).amin(-1)
        return torch.where((enter < leave) & (enter > 0), enter, math.inf)


def table_view(
    solids: Sequence[Ball | Block], width: int = 160, height: int = 120, grain: float = 0.02, seed: int = 0
) -> Observation:
    """Return the image of solids on a table, one tight box and one mask a solid, in order.

    Colours are flat but for a grain of that standard deviation; depth is exact.
    """
    camera = Camera.from_focal(1.2 * width, 1.2 * width, (width - 1) / 2, (height - 1) / 2, width, height)
    pose = scene_from_table()
    rays = camera.rays().double() @ pose[:3, :3]
    origin = -pose[:3, :3].mT @ pose[:3, 3]
    table = torch.where(rays[..., 2] < 0, -origin[2] / rays[..., 2], math.inf)
    layers = torch.stack([table, *(solid.distances(origin, rays) for solid in solids)])
    depth, first = layers.min(0)
    depth = torch.where(depth.isfinite(), depth, 0.0)
    palette = torch.tensor([_TABLE_COLOR, *(solid.color for solid in solids)])
    color = palette[first] + grain * torch.randn(height, width, 3, generator=torch.Generator().manual_seed(seed))
    masks = torch.stack([first == number + 1 for number in range(len(solids))]) if solids else None
    boxes = tuple(tight_box(mask, f"object-{number}") for number, mask in enumerate(() if masks is None else masks))
    return Observation(color.clamp(0, 1), depth.float(), camera, boxes, masks)


def tight_box(mask: Bool[Tensor, "height width"], label: str) -> Box:
    """Return the smallest box around a mask that is not empty."""
    rows, columns = mask.any(1).nonzero()[:, 0], mask.any(0).nonzero()[:, 0]
    return Box(label, (float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)))


def window(observation: Observation, left: int, top: int, width: int, height: int) -> Observation:
    """Return a window of an image, boxes and masks moved along; boxes must lie inside."""
    rows, columns = slice(top, top + height), slice(left, left + width)
    boxes = tuple(
        Box(box.label, (box.xyxy[0] - left, box.xyxy[1] - top, box.xyxy[2] - left, box.xyxy[3] - top))
        for box in observation.boxes
    )
    masks = None if observation.masks is None else observation.masks[:, rows, columns]
    camera = observation.camera.cropped(left, top, width, height)
    return Observation(observation.color[rows, columns], observation.depth[rows, columns], camera, boxes, masks)


def ball_and_block() -> tuple[Ball, Block]:
    """Return a green ball and a blue block that stand apart on the table, with the ball to the left."""
    ball = Ball((-0.09, 0.02, 0.04), 0.04, (0.1, 0.5, 0.15))
    return ball, Block((0.08, -0.02, 0.035), (0.09, 0.06, 0.07), (0.1, 0.15, 0.6))
