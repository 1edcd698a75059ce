"""Soft-edged shadows with gradients to lights and to what casts them.

Each light looks at the objects and notes the mean and the variance of how far away they are, over each pixel of a map
(Donnelly and Lauritzen, "Variance Shadow Maps", I3D 2006). The map's own silhouettes are averaged over pixels and
differentiable, so shadows move smoothly with lights and objects (as in Worchel and Alexa, "Differentiable Shadow
Mapping for Efficient Inverse Graphics", CVPR 2023).
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import avg_pool2d, grid_sample, normalize

from dig_framework.rendering.composition import composed, samples_of
from dig_framework.rendering.scene_tensors import SceneTensors
from dig_framework.rendering.seen import Frame, look

_WIDEST = math.radians(75)
"""Half the angle of view of the widest shadow map; what is seen of a light beyond it casts no shadow."""
_FAR = 200.0
"""How many radii of the scene away a light that has only a direction is put."""
_SIZES = 16, 2048
"""Least and greatest side of a map [px]."""
_SLOPE = 1.5
"""Least standard deviation of distance [pixels of the map]; surfaces at a slant do not shade themselves."""


def arriving_light(
    points: Float[Tensor, "samples 3"], tensors: SceneTensors, frame: Frame
) -> Float[Tensor, "lights samples"]:
    """Return the share of each light that objects let through to points; differentiable in points, lights and vertices.

    The support plane casts no shadow. A light within the objects' bounding sphere casts shadows only as far as its map
    of 150 degrees, which looks at their middle, reaches. Maps are as fine as the image is at the objects' middle, so
    that shadows end as softly as silhouettes do.

    Args:
        points: In the camera's frame [m].
        tensors: Objects and lights.
        frame: Of the camera's view.
    """
    if not len(tensors.faces):
        return points.new_ones(len(tensors.lights), len(points))
    rays = torch.from_numpy(frame.camera_from_pixel).to(points)
    positions = tensors.vertices @ rays.mT
    shares = [_share(points, positions, light, tensors, frame) for light in tensors.lights]
    return torch.stack(shares) if shares else points.new_ones(0, len(points))


@dataclasses.dataclass(frozen=True)
class _View:
    """Where a light looks at the objects from."""

    rotation: Tensor
    """Rows are the axes of the map's frame."""
    position: Tensor
    """Of the light [m]."""
    focal: float
    """[px]."""
    farthest: Tensor
    """Distance up to which there are objects [m]. It moves with light and objects, as the distances that are compared
    with it do."""
    size: int
    """Side of the map [px]."""

    def project(self, points: Tensor) -> Tensor:
        """Return v = (u z, v z, z) with the map's pixel centres at integers; differentiable in points and light."""
        local = (points - self.position) @ self.rotation.mT
        middle = (self.size - 1) / 2
        return torch.cat([self.focal * local[:, :2] + middle * local[:, 2:], local[:, 2:]], 1)


def _view(light: Tensor, positions: Tensor, fineness: float) -> _View:
    """Return where a light looks from, with so many pixels a metre at the objects' middle."""
    center = (positions.amin(0) + positions.amax(0)) / 2
    radius = float((positions - center).detach().norm(dim=1).max().clamp_min(1e-6))
    position = light[:3] if float(light.detach()[6]) else center + _FAR * radius * normalize(light[:3], dim=0)
    # The map turns with light and objects, so that what it shows moves no more than the shadow does.
    away = center - position
    distance = float(away.detach().norm())
    half = math.asin(min(radius / max(distance, 1e-9), 1.0)) if distance > radius else math.pi / 2
    half = min(1.05 * half, _WIDEST)
    rotation = _looking(away if distance > 1e-9 else positions.new_tensor([0.0, 0.0, 1.0]))
    wanted = round(2 * fineness * max(distance, radius) * math.tan(half)) + 4
    size = min(max(wanted, _SIZES[0]), _SIZES[1])
    focal = (size / 2 - 2) / math.tan(half)
    return _View(rotation, position, focal, (away.square().sum() + 1e-18).sqrt() + radius, size)


def _looking(direction: Tensor) -> Tensor:
    forward = normalize(direction, dim=0)
    aside = torch.eye(3).to(forward)[int(forward.abs().argmin())]
    right = normalize(torch.linalg.cross(aside, forward), dim=0)
    return torch.stack([right, torch.linalg.cross(forward, right), forward])


def _share(points: Tensor, positions: Tensor, light: Tensor, tensors: SceneTensors, frame: Frame) -> Tensor:
    view = _view(light, positions, _fineness(positions, frame))
    mean, spread = _moments(view, positions, tensors, frame)
    place = view.project(points)
    front = place[:, 2] > 1e-9
    depth = place[:, 2].where(front, 1.0)
    pixel = place[:, :2] / depth[:, None]
    grid = (2 * pixel + 1) / view.size - 1
    inside = front & (grid.abs() < 1).all(1)
    found = grid_sample(torch.stack([mean, spread])[None], grid[None, None], padding_mode="border", align_corners=False)
    first, second = found[0, :, 0]
    least = (_SLOPE * depth.detach() / view.focal).square()
    variance = (second - first.square()).clamp_min(0) + least
    # What is beyond all objects counts as just there: the bound is then the share of the map's pixel that is free.
    beyond = (depth - view.farthest).clamp(max=0) - first
    return torch.where(inside, variance / (variance + beyond.clamp_min(0).square()), 1.0)


def _fineness(positions: Tensor, frame: Frame) -> float:
    """Return how many pixels of the image a metre takes at the objects' middle.

    Where that is behind the camera, or so near that all of an object is not in the image, half their extent counts.
    """
    low, high = positions.detach()[:, 2].aminmax()
    depth = max(float(low + high) / 2, float(high - low) / 2, frame.near)
    return 1 / (float(frame.camera_from_pixel[0, 0]) * depth)


def _moments(view: _View, positions: Tensor, tensors: SceneTensors, frame: Frame) -> tuple[Tensor, Tensor]:
    """Return the means over each pixel and its neighbours of the distance, less the farthest, and its square [m, m^2].

    Differences are small where distances are not, so their squares lose little to rounding.
    """
    vertices = view.project(positions)
    own = dataclasses.replace(
        frame, width=view.size, height=view.size, plane_shown=False, near=1e-3 * float(view.farthest.detach())
    )
    moved = dataclasses.replace(tensors, vertices=vertices, plane=torch.zeros_like(tensors.plane))
    seen = look(vertices.detach().double().contiguous().numpy(), np.zeros(3), own)
    samples = samples_of(seen, own, moved)
    depth = (samples.weights * vertices[tensors.faces[samples.face], 2]).sum(1) - view.farthest
    image = composed(samples, torch.stack([depth, depth.square()], 1), depth.new_zeros(2), own)
    smooth = avg_pool2d(image.movedim(-1, 0), 3, 1, 1, count_include_pad=False)
    return smooth[0], smooth[1]
