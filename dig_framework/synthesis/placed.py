"""Models with poses on a table, and their coming to rest."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float

from dig_framework.interfaces.simulator import Simulator
from dig_framework.plane import Plane
from dig_framework.pose import Pose
from dig_framework.scene import Scene, SceneObject
from dig_framework.synthesis.model import Model

Matrix = Float[np.ndarray, "4 4"]

_STILL = 0.0015
"""Longest way of any point in a quarter of a second for what counts as being at rest [m]."""


@dataclasses.dataclass(frozen=True)
class Placed:
    """A model on the table, whose frame has z up and the table's surface at z = 0."""

    number: int
    """BOP's object number."""
    model: Model
    table_from_object: Matrix

    def points(self) -> Float[np.ndarray, "vertices 3"]:
        """Return its vertices in the table's frame [m]."""
        vertices = self.model.surface.vertices.double().numpy()
        return vertices @ self.table_from_object[:3, :3].T + self.table_from_object[:3, 3]

    def moved(self, offset: Sequence[float | int]) -> Placed:
        """Return the same thing elsewhere on the table [m]."""
        pose = self.table_from_object.copy()
        pose[:3, 3] += np.asarray(offset)
        return dataclasses.replace(self, table_from_object=pose)

    def lifted(self, height: float) -> Placed:
        """Return the same thing with its lowest point at a height [m]."""
        return self.moved((0.0, 0.0, height - float(self.points()[:, 2].min())))


def oriented(number: int, model: Model, rng: np.random.Generator, upright: float) -> Placed:
    """Return a thing above the table's origin: upright with a chance, if it stands by itself, else turned anyhow."""
    pose = np.eye(4)
    if model.stands and rng.random() < upright:
        angle = rng.uniform(0, 2 * np.pi)
        pose[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    else:
        pose[:3, :3] = _random_rotation(rng)
    return Placed(number, model, pose).lifted(float(rng.uniform(0.001, 0.02)))


def _random_rotation(rng: np.random.Generator) -> Float[np.ndarray, "3 3"]:
    """Return a rotation matrix, uniform over all (Shoemake, Graphics Gems III, 1992)."""
    x, y, z, w = quaternion = rng.standard_normal(4)
    x, y, z, w = quaternion / np.linalg.norm(quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def settled(things: Sequence[Placed], simulator: Simulator, duration: float) -> list[Placed] | None:
    """Return where things come to rest, or None if they do not within the time [s] and as long again."""
    scene = _physical(things)
    for _ in range(2):
        scene = simulator.settle(scene, duration)
        after = simulator.settle(scene, 0.25)
        moved = max(
            float((a.posed().vertices - b.posed().vertices).norm(dim=1).max())
            for a, b in zip(scene.objects, after.objects, strict=True)
        )
        if moved < _STILL:
            return [
                dataclasses.replace(thing, table_from_object=item.pose.matrix().numpy())
                for thing, item in zip(things, after.objects, strict=True)
            ]
    return None


def _physical(things: Sequence[Placed]) -> Scene:
    objects = []
    for index, thing in enumerate(things):
        mesh = thing.model.surface.replace(vertices=thing.model.surface.vertices.double(), colors=None)
        pose = Pose.from_matrix(torch.from_numpy(thing.table_from_object))
        objects.append(
            SceneObject(
                thing.model.name,
                index,
                mesh,
                pose,
                thing.model.material,
                scale=torch.ones(3, dtype=torch.float64),
                mass=thing.model.mass,
                friction=thing.model.friction,
            )
        )
    up = torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64)
    return Scene(tuple(objects), plane=Plane(up, torch.zeros((), dtype=torch.float64)))
