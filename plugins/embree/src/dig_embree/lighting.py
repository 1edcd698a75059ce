"""How much light arrives at points of surfaces."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dig_embree.ray_kernels import into_open, to_light
from dig_embree.tracer import Tracer
from dig_framework.shading.light_table import LightTable

_FAR = 1000.0
"""How far away directional lights are taken to be [m]."""
_WAYS = 2
"""Ways out that every ray's point tries: their noise is what eyes see first."""


@dataclasses.dataclass(frozen=True)
class Points:
    """Where rays have met surfaces, in the camera's frame."""

    places: Float[np.ndarray, "points 3"]
    """[m]"""
    shaded: Float[np.ndarray, "points 3"]
    """Unit normals that decide how bright a surface is."""
    flat: Float[np.ndarray, "points 3"]
    """Unit normals of the faces themselves."""


@dataclasses.dataclass(frozen=True)
class Chance:
    """Which of how many samples this is, and what its random choices follow from."""

    number: int
    count: int
    shifts: Float[np.ndarray, "shifts points"]
    """Two random numbers from 0 to 1 for each light and two for ways out, the same for all samples of a pixel: the
    points of a lattice are evenly spread only if all are shifted alike."""


def arriving(
    tracer: Tracer, points: Points, lights: LightTable, radius: float, chance: Chance
) -> Float[Tensor, "lights points"]:
    """Return 1 where a point of each light is in sight and 0 elsewhere, another point of a sphere for each ray.

    Args:
        tracer: What may be in between.
        points: What is lit.
        lights: Points become spheres, directions stay sharp.
        radius: Of these spheres [m].
        chance: Of the point on the sphere.
    """
    count = len(points.places)
    lit = np.zeros((len(lights.sources), count), np.float32)
    starts, ways = np.empty((count, 3), np.float32), np.empty((count, 3), np.float32)
    chosen = np.empty(count, np.int64)
    for index, row in enumerate(lights.sources.double().numpy()):
        far = 0.0 if row[6] > 0 else _FAR / float(np.linalg.norm(row[:3]))
        shifts = chance.shifts[2 * index : 2 * index + 2]
        rays = to_light(
            points.places, points.flat, row[:3], radius, far, chance.number, chance.count, shifts, starts, ways, chosen
        )
        lit[index, chosen[:rays]] = ~tracer.blocked(starts[:rays], ways[:rays])
    return torch.from_numpy(lit)


def openness(tracer: Tracer, points: Points, reach: float, chance: Chance) -> Float[Tensor, "points 1"]:
    """Return which share of a few random ways out, by the cosine to the normal, is free as far as `reach` [m]."""
    count = len(points.places)
    free = np.zeros(count, np.float32)
    starts, ways = np.empty((count, 3), np.float32), np.empty((count, 3), np.float32)
    for way in range(_WAYS):
        number, whole = _WAYS * chance.number + way, _WAYS * chance.count
        into_open(points.places, points.flat, reach, number, whole, chance.shifts[-2:], starts, ways)
        free += ~tracer.blocked(starts, ways)
    return torch.from_numpy(free / _WAYS)[:, None]
