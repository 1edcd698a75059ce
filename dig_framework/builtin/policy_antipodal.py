"""Grasps between opposite points of the surface."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, Int
from pydantic import Field

from dig_framework.grasp import APPROACH_LENGTH, Grasp, ParallelJaw
from dig_framework.interfaces.policy import Policy
from dig_framework.scene import Scene
from dig_framework.statics.assumptions import ASSUMED_FRICTION, HAND_CLEARANCE, PROPOSED_TABLE_MARGIN
from dig_framework.statics.body import Body, bodies_of
from dig_framework.statics.free_hand import HandSpace, approaches, hand_pose
from dig_framework.statics.gravity import up_of
from dig_framework.statics.rays import ray_hits


class Antipodal(Policy):
    """Propose closing axes that pierce the surface within the friction cones on both sides (Nguyen, IJRR 1988).

    Surface points are drawn by area; a line through each, within the cone, gives its partners on the other side. Around
    each axis the hand comes from several directions; what would touch the table or any object is dropped. Axes near the
    centre of mass, steep approaches and well aligned normals come first.
    """

    candidates: int = Field(default=64, ge=1, description="Most grasps an object")
    samples: int = Field(default=256, ge=1, description="Surface points an object from which axes are drawn")
    friction: float = Field(default=ASSUMED_FRICTION, ge=0, description="Coulomb coefficient of objects without one")
    tilts: tuple[float, ...] = Field(
        default=(0.0, 0.52, -0.52, 1.05, -1.05, 1.57, -1.57),
        description="Approaches, turned about the closing axis [rad]",
    )
    per_axis: int = Field(default=3, ge=1, description="Most approaches kept an axis")
    tries: int = Field(default=300, ge=1, description="Most hand poses checked for collisions an object")
    clearance: float = Field(default=HAND_CLEARANCE, gt=0, description="Room between pad and object before closing [m]")
    table_margin: float = Field(
        default=PROPOSED_TABLE_MARGIN, ge=0, description="Least height of the hand above the plane [m]"
    )
    approach: float = Field(default=APPROACH_LENGTH, gt=0, description="Length of the straight approach [m]")

    def propose(self, scene: Scene, hand: ParallelJaw, seed: int) -> tuple[Grasp, ...]:
        """Return candidates for every object that is a rigid body, most promising first within an object."""
        bodies = bodies_of(scene, friction=self.friction)
        space = HandSpace(scene, bodies, hand, self.clearance, self.table_margin, self.approach)
        return tuple(grasp for body in bodies.values() for grasp in self._grasps(space, body, seed))

    def _grasps(self, space: HandSpace, body: Body, seed: int) -> Iterator[Grasp]:
        generator = np.random.default_rng([seed, body.index])
        axes = _axes(body, self.samples, space.hand.opening, generator)
        numbers, poses = _by_promise(axes, body, self.tilts, up_of(space.scene))
        plausible = np.flatnonzero(space.plausible(poses))[: self.tries]
        found, kept = 0, np.zeros(len(axes.middles), dtype=int)
        for index in plausible:
            if found == self.candidates:
                return
            axis = numbers[index]
            grasp = space.grasp_at(body, poses[index]) if kept[axis] < self.per_axis else None
            if grasp is not None:
                found, kept[axis] = found + 1, kept[axis] + 1
                yield grasp


@dataclasses.dataclass(frozen=True, eq=False)
class _Axes:
    """Lines that pierce a body in two opposite points."""

    middles: Float[np.ndarray, "axes 3"]
    directions: Float[np.ndarray, "axes 3"]
    misalignments: Float[np.ndarray, "axes"]
    """Larger angle between the axis and a normal, as a share of the friction angle."""


def _axes(body: Body, samples: int, opening: float, generator: np.random.Generator) -> _Axes:
    points, normals = _surface_points(body, samples, generator)
    cone = math.atan(body.friction)
    directions = _within_cone(-normals, 0.7 * cone, generator)
    # The other side is where the line first leaves the body, so that the wall of a bowl is found too.
    rays, faces, distances = ray_hits(points, directions, body.triangles())
    ahead = (distances > 1e-4) & (distances < opening)
    rays, faces, distances = rays[ahead], faces[ahead], distances[ahead]
    order = np.lexsort((distances, rays))
    first = order[np.unique(rays[order], return_index=True)[1]]
    rays, faces, distances = rays[first], faces[first], distances[first]
    cosines = np.minimum((directions[rays] * body.normals()[faces]).sum(1), -(directions[rays] * normals[rays]).sum(1))
    angles = np.arccos(np.clip(cosines, -1.0, 1.0)) / max(cone, 1e-6)
    good = angles <= 1
    middles = points[rays] + 0.5 * distances[:, None] * directions[rays]
    return _Axes(middles[good], directions[rays][good], angles[good])


def _by_promise(
    axes: _Axes, body: Body, tilts: tuple[float, ...], up: Float[np.ndarray, "3"]
) -> tuple[Int[np.ndarray, "poses"], Float[np.ndarray, "poses 4 4"]]:
    """Return the number of its axis and the pose of every hand worth a try, most promising first."""
    rated: list[tuple[float, int, Float[np.ndarray, "4 4"]]] = []
    for axis, (middle, closing) in enumerate(zip(axes.middles, axes.directions, strict=True)):
        lever = np.linalg.norm(np.cross(body.center - middle, closing)) / body.radius()
        for direction in approaches(closing, up, np.array(tilts)):
            steepness = float(-direction @ up)
            if steepness > -0.1:
                cost = float(lever) + 0.5 * (1 - steepness) + 0.5 * float(axes.misalignments[axis])
                rated.append((cost, axis, hand_pose(middle, closing, direction)))
    rated.sort(key=lambda item: item[0])
    numbers = np.array([axis for _, axis, _ in rated], dtype=np.int64)
    return numbers, np.array([pose for _, _, pose in rated]).reshape(-1, 4, 4)


def _surface_points(
    body: Body, count: int, generator: np.random.Generator
) -> tuple[Float[np.ndarray, "points 3"], Float[np.ndarray, "points 3"]]:
    """Return points drawn evenly by area [m], and the outward unit normals there."""
    a, b, c = np.moveaxis(body.triangles(), 1, 0)
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    faces = generator.choice(len(areas), count, p=areas / areas.sum())
    u, v = generator.random((2, count, 1))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    return a[faces] + u * (b - a)[faces] + v * (c - a)[faces], body.normals()[faces]


def _within_cone(
    axes: Float[np.ndarray, "rays 3"], angle: float, generator: np.random.Generator
) -> Float[np.ndarray, "rays 3"]:
    """Return unit directions about unit axes: every second one is the axis itself, the rest lie within the angle."""
    noise = generator.normal(size=axes.shape)
    across = np.cross(axes, noise)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)
    lean = np.tan(angle * np.sqrt(generator.random((len(axes), 1))))
    lean[::2] = 0.0
    leaning = axes + lean * across
    return leaning / np.linalg.norm(leaning, axis=1, keepdims=True)
