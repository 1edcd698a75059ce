"""What a fit compares drawn images with, at one resolution."""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.functional import avg_pool2d, max_pool2d

from dig_framework.camera import Camera
from dig_framework.evidence import SensorNoise
from dig_framework.fitting.region import Region
from dig_framework.observation import Observation
from dig_framework.plane import Plane
from dig_framework.tensor_record import TensorRecord


@dataclasses.dataclass(frozen=True, eq=False)
class Target(TensorRecord):
    """Images of a window of the observation; objects are counted as in the scene."""

    camera: Camera
    color: Float[Tensor, "height width 3"]
    depth: Float[Tensor, "height width"]
    """Measured [m], zero where unknown."""
    sigma: Float[Tensor, "height width"]
    """Noise of the depth [m]."""
    masks: Float[Tensor, "objects height width"]
    """Share of each pixel that shows the object."""
    surface: Float[Tensor, "objects height width"]
    """One where depth was measured on the object, away from its border and from steps in depth."""
    counted: Float[Tensor, "objects height width"]
    """Zero where something nearer may hide the object, so that its absence there means nothing."""
    free: Float[Tensor, "objects height width"]
    """One where depth was measured beside the object and the object must not stand in front of it."""
    background: Float[Tensor, "height width"]
    """One where the plane is seen."""

    def halved(self, noise: SensorNoise) -> Target:
        """Return the target at half the resolution: averages, of depth only of what is known and near its median.

        A last odd row or column is left out.
        """
        height, width = (size // 2 * 2 for size in self.depth.shape)
        depth = _merged(self.depth[:height, :width])
        known = (depth > 0).to(depth)
        return Target(
            camera=self.camera.cropped(0, 0, width, height).scaled(0.5),
            color=_pooled(self.color.movedim(-1, 0)).movedim(0, -1),
            depth=depth,
            sigma=noise.sigma(depth),
            masks=_pooled(self.masks),
            surface=(_pooled(self.surface) >= 0.75).to(depth) * known,
            counted=(_pooled(self.counted) == 1).to(depth),
            free=(_pooled(self.free) == 1).to(depth) * known,
            background=(_pooled(self.background[None])[0] == 1).to(depth),
        )


def full_target(
    observation: Observation,
    region: Region,
    masks: Bool[Tensor, "objects height width"],
    occluders: Bool[Tensor, "objects height width"],
    plane: Plane | None,
    noise: SensorNoise,
    edge_step: float,
) -> Target:
    """Return the target at full resolution.

    Args:
        observation: The image.
        region: The window of it that counts.
        masks: Visible pixels, one mask for each object of the scene.
        occluders: Pixels where something nearer may hide the object.
        plane: Support plane.
        noise: Of the depth camera.
        edge_step: Difference between neighbouring depths that makes them an edge [m].
    """
    depth = region.cut(observation.depth)
    measured = depth > 0
    masks, occluders = region.cut(masks), region.cut(occluders)
    smooth = measured & ~_stepped(depth, edge_step)
    surface = torch.stack([_inner(mask, smooth & mask) for mask in masks])
    return Target(
        camera=region.camera(observation.camera),
        color=region.cut(observation.color.movedim(-1, 0)).movedim(0, -1),
        depth=depth,
        sigma=noise.sigma(depth),
        masks=masks.to(depth),
        surface=surface.to(depth),
        counted=(~occluders).to(depth),
        free=(~masks & ~occluders & smooth).to(depth),
        background=(measured & ~_grown(masks.any(0)) & _on_plane(observation, region, plane, noise)).to(depth),
    )


def _on_plane(
    observation: Observation, region: Region, plane: Plane | None, noise: SensorNoise
) -> Bool[Tensor, "height width"]:
    """Return which pixels of the window may show the plane by their depth; all of them without a plane."""
    depth = region.cut(observation.depth)
    if plane is None:
        return torch.ones_like(depth, dtype=torch.bool)
    points = region.cut(observation.points.movedim(-1, 0)).movedim(0, -1)
    return plane.height(points).abs() < 3 * noise.sigma(depth) + 0.003


def _inner(mask: Bool[Tensor, "height width"], measured: Bool[Tensor, "height width"]) -> Bool[Tensor, "height width"]:
    """Return measured pixels that are not at the mask's border; all of them where next to none would be left."""
    inner = measured & ~_grown(~mask)
    return inner if int(inner.sum()) * 4 > int(measured.sum()) else measured


def _grown(mask: Bool[Tensor, "height width"]) -> Bool[Tensor, "height width"]:
    return max_pool2d(mask[None].float(), 3, 1, 1)[0] > 0


def _stepped(depth: Float[Tensor, "height width"], step: float) -> Bool[Tensor, "height width"]:
    """Return where the depths known among a pixel and its neighbours differ by more than a step [m]."""
    far = max_pool2d(depth[None], 3, 1, 1)[0]
    near = -max_pool2d(-depth.where(depth > 0, torch.inf)[None], 3, 1, 1)[0]
    return far - near > step


def _pooled(images: Float[Tensor, "channels height width"]) -> Float[Tensor, "channels half_height half_width"]:
    return avg_pool2d(images, 2)


def _merged(depth: Float[Tensor, "height width"]) -> Float[Tensor, "half_height half_width"]:
    """Return the mean of the known depths of each two by two pixels that are within 2 % of their median."""
    blocks = depth.unfold(0, 2, 2).unfold(1, 2, 2).flatten(2)
    known = blocks.where(blocks > 0, torch.nan)
    middle = known.nanmedian(-1, keepdim=True).values
    return known.where((known - middle).abs() <= 0.02 * middle, torch.nan).nanmean(-1).nan_to_num(0.0)
