"""The plane that the boxed objects stand on, from depth alone."""

from __future__ import annotations

import dataclasses
import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dig_framework.evidence import SensorNoise
from dig_framework.observation import Box, Observation
from dig_framework.plane import Plane

SAMPLES = 4000
TRIPLES = 600
CANDIDATES = 4
LEAST_SHARE = 0.12
"""Share of the points near the boxes that a support plane must explain; the rim of a ball explains less."""
REACH = 0.6
"""How far around a box its table is looked for, in box sizes."""
STUDENT_DEGREES = 1.5
"""Degrees of freedom of the residuals' Student-t distribution (arXiv 2602.05029, robust plane)."""


@dataclasses.dataclass(frozen=True)
class _Cloud:
    """Measured points near the boxes and those that belong to the boxed things."""

    points: Float[Tensor, "points 3"]
    tolerance: Float[Tensor, "points"]
    things: tuple[Float[Tensor, "_ 3"], ...]


def find_support_plane(observation: Observation, noise: SensorNoise, seed: int) -> Plane | None:
    """Return the plane that most boxed objects stand on, or None if no such plane is in view.

    Random triples of points propose planes (RANSAC, Fischler and Bolles 1981) within three standard deviations of the
    sensor's noise. Among them, the support plane is the one with many points that carries the contents of the boxes:
    they lie just above it, and hardly anything lies just below. It is then refined by a robust fit in which residuals
    follow a Student-t distribution. Not differentiable.
    """
    generator = torch.Generator().manual_seed(seed)
    cloud = _near_boxes(observation, noise, generator)
    if len(cloud.points) < 50:
        return None
    planes = _candidates(cloud, generator)
    scores = [_support(plane, cloud) for plane in planes]
    if not scores or max(scores) <= 0:
        return None
    best = _refined(planes[scores.index(max(scores))], cloud)
    return Plane(best[:3].to(observation.depth), best[3].to(observation.depth))


def _near_boxes(observation: Observation, noise: SensorNoise, generator: torch.Generator) -> _Cloud:
    depth = observation.depth.double()
    points = observation.camera.to(dtype=torch.float64).unproject(depth)
    valid = depth > 0
    inside = _thing_pixels(observation)
    near = valid & _surroundings(observation.boxes, depth.shape)
    if observation.masks is not None:
        near &= ~observation.masks.any(0)
    chosen = near.flatten().nonzero()[:, 0]
    chosen = chosen[torch.randperm(len(chosen), generator=generator)[: 5 * SAMPLES]]
    tolerance = 3 * noise.sigma(depth.flatten()[chosen])
    things = tuple(points[valid & pixels] for pixels in inside)
    return _Cloud(points.reshape(-1, 3)[chosen], tolerance, tuple(item for item in things if len(item)))


def _thing_pixels(observation: Observation) -> list[Bool[Tensor, "height width"]]:
    """Pixels that belong to boxed things: the given masks, else the middle half of each box."""
    if observation.masks is not None:
        return list(observation.masks)
    return [_window(box, -0.25, observation.depth.shape) for box in observation.boxes]


def _surroundings(boxes: tuple[Box, ...], shape: torch.Size) -> Bool[Tensor, "height width"]:
    region = torch.zeros(shape, dtype=torch.bool)
    for box in boxes:
        region |= _window(box, REACH, shape)
    return region if boxes else ~region


def _window(box: Box, growth: float, shape: torch.Size) -> Bool[Tensor, "height width"]:
    """Pixels of a box that is moved outwards by `growth` of its size on each side."""
    left, top, right, bottom = box.xyxy
    margin_u, margin_v = growth * (right - left), growth * (bottom - top)
    u, v = torch.arange(shape[1]), torch.arange(shape[0])
    columns = (u >= left - margin_u) & (u < right + margin_u)
    rows = (v >= top - margin_v) & (v < bottom + margin_v)
    return rows[:, None] & columns[None, :]


def _candidates(cloud: _Cloud, generator: torch.Generator) -> list[Float[Tensor, "4"]]:
    """Planes (normal, offset) found one after the other, each without the points of those before."""
    points, tolerance = cloud.points[:SAMPLES], cloud.tolerance[:SAMPLES]
    found = []
    enough = max(30, math.ceil(0.03 * len(points)))
    for _ in range(CANDIDATES):
        if len(points) < enough:
            break
        plane = _consensus(points, tolerance, generator)
        inliers = _heights(plane, points).abs() < tolerance
        if int(inliers.sum()) < enough:
            break
        found.append(plane)
        points, tolerance = points[~inliers], tolerance[~inliers]
    return found


def _consensus(
    points: Float[Tensor, "points 3"], tolerance: Float[Tensor, "points"], generator: torch.Generator
) -> Float[Tensor, "4"]:
    """Return the plane through three points with the least truncated quadratic loss (MSAC)."""
    a, b, c = points[torch.randint(len(points), (3, TRIPLES), generator=generator)]
    normals = torch.linalg.cross(b - a, c - a)
    length = normals.norm(dim=-1, keepdim=True)
    normals = normals / length.clamp_min(1e-12)
    offsets = -(normals * a).sum(-1)
    residuals = ((points @ normals.T + offsets) / tolerance[:, None]).square().clamp_max(1).sum(0)
    residuals[length[:, 0] < 1e-8] = math.inf
    best = residuals.argmin()
    plane = torch.cat([normals[best], offsets[best, None]])
    return plane if plane[3] >= 0 else -plane


def _heights(plane: Float[Tensor, "4"], points: Float[Tensor, "points 3"]) -> Float[Tensor, "points"]:
    return points @ plane[:3] + plane[3]


def _support(plane: Float[Tensor, "4"], cloud: _Cloud) -> float:
    """Return how many points a plane explains, weighted by how well it carries the boxed things; 0 rejects it."""
    heights = _heights(plane, cloud.points)
    inliers = int((heights.abs() < cloud.tolerance).sum())
    just_below = int(((heights < -2 * cloud.tolerance) & (heights > -0.15)).sum())
    if inliers < LEAST_SHARE * len(heights) or just_below > 0.3 * inliers or not _is_wide(plane, cloud):
        return 0.0
    if not cloud.things:
        return float(inliers)
    return inliers * sum(_carries(plane, thing) for thing in cloud.things) / len(cloud.things)


def _carries(plane: Float[Tensor, "4"], thing: Float[Tensor, "points 3"]) -> float:
    """Return how credibly a thing stands on a plane: its points are above, its lower ones not far above."""
    heights = _heights(plane, thing)
    above = heights[heights > 0.005]
    if len(above) < 0.3 * len(heights):
        return 0.0
    gap = float(above.kthvalue(max(1, len(above) // 10)).values)
    return len(above) / len(heights) * math.exp(-gap / 0.1)


def _is_wide(plane: Float[Tensor, "4"], cloud: _Cloud) -> bool:
    """Whether the inliers extend in two directions, unlike a strip of pixels that fits any plane."""
    inliers = cloud.points[_heights(plane, cloud.points).abs() < cloud.tolerance]
    spread = torch.linalg.eigvalsh(inliers.T.cov())[1].clamp_min(0).sqrt()
    return bool(spread > 2 * cloud.tolerance.mean())


def _refined(plane: Float[Tensor, "4"], cloud: _Cloud) -> Float[Tensor, "4"]:
    """Return the plane after ten reweighted total least squares fits to what lies within twice the tolerance."""
    scale = cloud.tolerance / 3
    for _ in range(10):
        residuals = _heights(plane, cloud.points) / scale
        weights = (STUDENT_DEGREES + 1) / (STUDENT_DEGREES + residuals.square()) / scale.square()
        weights = torch.where(residuals.abs() < 6, weights, 0.0)
        weights = weights / weights.sum()
        centre = weights @ cloud.points
        offsets = cloud.points - centre
        normal = torch.linalg.eigh((offsets * weights[:, None]).T @ offsets).eigenvectors[:, 0]
        normal = normal if normal @ plane[:3] > 0 else -normal
        plane = torch.cat([normal, -(normal @ centre)[None]])
    return plane
