"""One known solid on a table, seen by a depth camera: exact intersections, then noise and outliers."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.evidence import Evidence, SensorNoise
from dig_framework.observation import Box, Observation
from dig_framework.plane import Plane

_CUT = (1.0, 0.6, 0.9)
"""A chopped box ends where the dot product of this and the coordinates in half extents is 0.3."""


def _chopped_share() -> float:
    """Return the volume of a chopped box as a share of the box, by inclusion and exclusion of its corners.

    The volume of {u in [0, 1]^3: a . u <= b} is the sum of (-1)^|S| max(0, b - sum of a over S)^3 / (6 a_1 a_2 a_3)
    over all sets S of axes (Barrow and Smith, American Mathematical Monthly 1979).
    """
    reach = (0.3 + sum(_CUT)) / 2
    total = 0.0
    for corner in itertools.product((0, 1), repeat=3):
        left = reach - sum(a * c for a, c in zip(_CUT, corner, strict=True))
        total += (-1) ** sum(corner) * max(0.0, left) ** 3
    return total / (6 * math.prod(_CUT))


_CHOPPED = _chopped_share()


@dataclasses.dataclass(frozen=True)
class Solid:
    """A convex solid centred on its frame's origin."""

    kind: Literal["box", "ellipsoid", "cylinder", "chopped box"]
    """A cylinder's axis is z, and its cross section an ellipse. A chopped box lacks the corner where all coordinates
    are positive, and is like none of its mirror images."""
    extents: tuple[float, float, float]
    """Full sizes along x, y and z [m]."""

    def volume(self) -> float:
        """Return the volume [m^3]."""
        share = {"box": 1.0, "cylinder": math.pi / 4, "ellipsoid": math.pi / 6, "chopped box": _CHOPPED}[self.kind]
        return share * math.prod(self.extents)

    def first_hit(
        self, origins: Float[Tensor, "*batch 3"], directions: Float[Tensor, "*batch 3"]
    ) -> Float[Tensor, "*batch"]:
        """Return the length, in directions, at which rays enter the solid; infinity where they miss."""
        half = torch.tensor(self.extents, dtype=origins.dtype) / 2
        start, step = origins / half, directions / half
        spans = [_ball(start, step)] if self.kind == "ellipsoid" else [_slab(start[..., 2], step[..., 2])]
        if self.kind == "cylinder":
            spans.append(_ball(start[..., :2], step[..., :2]))
        if self.kind.endswith("box"):
            spans += [_slab(start[..., axis], step[..., axis]) for axis in (0, 1)]
        if self.kind == "chopped box":
            spans.append(_below(start, step))
        enter = torch.stack([span[0] for span in spans]).amax(0)
        leave = torch.stack([span[1] for span in spans]).amin(0)
        return torch.where((enter < leave) & (enter > 0), enter, math.inf)

    def distance(self, points: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"]:
        """Return the unsigned distance of points to the surface [m].

        For ellipsoids to first order; outside a chopped box the distance to the farthest plane, which is no more.
        """
        half = torch.tensor(self.extents, dtype=points.dtype) / 2
        if self.kind == "box":
            return _box_distance(points.abs() - half)
        if self.kind == "chopped box":
            beyond = torch.stack([(points.abs() - half).amax(-1), _chop(points / half) / _chop_slope(half)], -1)
            return beyond.amax(-1).abs()
        if self.kind == "ellipsoid":
            return _level_distance(points, half)
        flat = torch.cat([points[..., :2], torch.zeros_like(points[..., :1])], -1)
        radial = _level_distance(flat, half, signed=True)
        axial = points[..., 2].abs() - half[2]
        return _box_distance(torch.stack([radial, axial], -1))


@dataclasses.dataclass(frozen=True)
class EvidenceScene:
    """What a camera sees of a solid, and the truth."""

    evidence: Evidence
    solid: Solid
    scene_from_object: Float[Tensor, "4 4"]
    """Where the solid is [m]."""

    def in_object(self, points: Float[Tensor, "points 3"]) -> Float[Tensor, "points 3"]:
        """Take points from the scene's frame to the solid's [m]."""
        pose = self.scene_from_object.to(points)
        return (points - pose[:3, 3]) @ pose[:3, :3]


def evidence_scene(
    solid: Solid,
    *,
    slope: float = 0.6,
    yaw: float = 0.35,
    roll: float = 0.0,
    distance: float = 0.55,
    noisy: bool = False,
    outliers: float = 0.0,
    hidden: float = 0.0,
    table: bool = True,
    seed: int = 0,
) -> EvidenceScene:
    """Return the view of a solid that stands on a table at the centre of a 200 x 200 image.

    Args:
        solid: What stands there.
        slope: Of the line of sight below the horizon [rad].
        yaw: Of the solid about the vertical [rad].
        roll: Of the camera about its line of sight [rad].
        distance: From the camera to the solid's centre [m].
        noisy: Whether depth has the noise of the default sensor.
        outliers: Share of the solid's pixels whose depth is anything between 0.2 and 1.2 m.
        hidden: Share of the solid's width, from the right, that a near board hides.
        table: Whether the table is known.
        seed: Of noise and outliers.
    """
    scene_from_object = _pose(slope, yaw, roll, distance)
    camera = Camera.from_focal(320.0, 320.0, 99.5, 99.5, 200, 200)
    up = scene_from_object[:3, 2]
    foot = scene_from_object[:3, 3] - up * solid.extents[2] / 2
    plane = Plane(up.float(), -(up @ foot).float())
    depth, mask, occluder = _seen(solid, scene_from_object, camera, plane, hidden)
    depth = _measured(depth, mask, noisy, outliers, seed)
    color = torch.where(mask[..., None], torch.tensor([0.6, 0.3, 0.1]), 0.4)
    box = Box(solid.kind, _bounds(mask))
    observation = Observation(color, depth, camera, (box,), mask[None])
    evidence = Evidence(observation, mask, occluder, plane if table else None, SensorNoise())
    return EvidenceScene(evidence, solid, scene_from_object)


def _pose(slope: float, yaw: float, roll: float, distance: float) -> Float[Tensor, "4 4"]:
    s, c = math.sin(slope), math.cos(slope)
    scene_from_table = torch.tensor([[1.0, 0.0, 0.0], [0.0, -s, -c], [0.0, c, -s]], dtype=torch.float64)
    pose = torch.eye(4, dtype=torch.float64)
    pose[:3, :3] = _turn(roll) @ scene_from_table @ _turn(yaw)
    pose[2, 3] = distance
    return pose


def _turn(angle: float) -> Float[Tensor, "3 3"]:
    s, c = math.sin(angle), math.cos(angle)
    return torch.tensor([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]], dtype=torch.float64)


def _seen(
    solid: Solid, scene_from_object: Float[Tensor, "4 4"], camera: Camera, plane: Plane, hidden: float
) -> tuple[Float[Tensor, "height width"], Bool[Tensor, "height width"], Bool[Tensor, "height width"]]:
    """Return depth, the pixels that show the solid, and those of the board before it."""
    rays = camera.to(dtype=torch.float64).rays()
    turn = scene_from_object[:3, :3]
    origin = (-scene_from_object[:3, 3] @ turn).expand(rays.shape)
    hit = solid.first_hit(origin, rays @ turn)
    slant = rays @ plane.normal.double()
    ground = torch.where(slant < 0, -plane.offset.double() / slant, math.inf)
    mask = hit < ground
    board = torch.zeros_like(mask)
    if hidden > 0:
        left, _, right, _ = _bounds(mask)
        board[:, round(right - hidden * (right - left)) :] = True
    depth = torch.where(board, 0.25, torch.minimum(hit, ground))
    depth = torch.where(depth < 3.0, depth, 0.0)
    return depth.float(), mask & ~board, board


def _measured(
    depth: Float[Tensor, "height width"], mask: Bool[Tensor, "height width"], noisy: bool, outliers: float, seed: int
) -> Float[Tensor, "height width"]:
    """Return what a sensor makes of true depth: with its noise, and a share of the mask's pixels anywhere."""
    generator = torch.Generator().manual_seed(seed)
    if noisy:
        depth = depth + SensorNoise().sigma(depth) * torch.randn(depth.shape, generator=generator)
    wrong = mask & (torch.rand(depth.shape, generator=generator) < outliers)
    return torch.where(wrong, 0.2 + torch.rand(depth.shape, generator=generator), depth)


def _bounds(mask: Bool[Tensor, "height width"]) -> tuple[float, float, float, float]:
    rows, columns = mask.any(1).nonzero()[:, 0], mask.any(0).nonzero()[:, 0]
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def _slab(start: Tensor, step: Tensor) -> tuple[Tensor, Tensor]:
    """Where |start + t step| < 1."""
    step = torch.where(step.abs() < 1e-12, 1e-12, step)
    first, second = (-1 - start) / step, (1 - start) / step
    return torch.minimum(first, second), torch.maximum(first, second)


def _chop(points: Tensor) -> Tensor:
    """Return how far points, in half extents, are beyond the cut."""
    return points @ torch.tensor(_CUT).to(points) - 0.3


def _chop_slope(half: Tensor) -> Tensor:
    """Return the length of the gradient of `_chop` with respect to points in metres [1/m]."""
    return (torch.tensor(_CUT).to(half) / half).norm()


def _below(start: Tensor, step: Tensor) -> tuple[Tensor, Tensor]:
    """Where start + t step is not beyond the cut."""
    beyond, slope = _chop(start), step @ torch.tensor(_CUT).to(step)
    slope = torch.where(slope.abs() < 1e-12, 1e-12, slope)
    crossing = -beyond / slope
    return torch.where(slope < 0, crossing, -math.inf), torch.where(slope < 0, math.inf, crossing)


def _ball(start: Tensor, step: Tensor) -> tuple[Tensor, Tensor]:
    """Where the norm of start + t step is below 1."""
    a, b, c = step.square().sum(-1), (start * step).sum(-1), start.square().sum(-1) - 1
    square = b.square() - a * c
    root = square.clamp_min(0).sqrt()
    missed = square <= 0
    return torch.where(missed, math.inf, (-b - root) / a), torch.where(missed, -math.inf, (-b + root) / a)


def _box_distance(beyond: Float[Tensor, "*batch axes"]) -> Float[Tensor, "*batch"]:
    """Return the distance to a box's surface from how far points are beyond each pair of faces."""
    outside = beyond.clamp_min(0).norm(dim=-1)
    return outside + beyond.amax(-1).clamp_max(0).abs()


def _level_distance(points: Tensor, half: Tensor, signed: bool = False) -> Float[Tensor, "*batch"]:
    """Return |x / half| - 1 over the length of its gradient, the first-order distance to an ellipsoid [m]."""
    level = (points / half).norm(dim=-1)
    slope = (points / half.square()).norm(dim=-1) / level.clamp_min(1e-9)
    distance = (level - 1) / slope.clamp_min(1e-9)
    return distance if signed else distance.abs()
