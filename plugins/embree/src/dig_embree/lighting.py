"""How much light arrives at points of surfaces."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dig_embree.samples import ball_places, cosine_directions, turned_lattice
from dig_embree.tracer import Tracer
from dig_framework.shading.light_table import LightTable

_FAR = 1000.0
"""How far away directional lights are taken to be [m]."""
_WAYS = 3
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
    """Which of how many samples this is, and where its random numbers come from."""

    number: int
    count: int
    random: np.random.Generator


def arriving(
    tracer: Tracer, points: Points, lights: LightTable, radius: float, chance: Chance
) -> Float[Tensor, "lights points"]:
    """Return 1 where a point of each light is in sight and 0 elsewhere: a fresh point of a sphere for each ray.

    Args:
        tracer: What may be in between.
        points: What is lit.
        lights: Points become spheres, directions stay sharp.
        radius: Of these spheres [m].
        chance: Of the point on the sphere.
    """
    shares = []
    for row in lights.sources.numpy():
        if row[6] > 0:
            glow = ball_places(*turned_lattice(chance.number, chance.count, len(points.places), chance.random))
            ways = row[:3] + radius * glow - points.places
        else:
            ways = np.broadcast_to(_FAR * row[:3] / np.linalg.norm(row[:3]), points.places.shape)
        facing = np.einsum("ij,ij->i", points.flat, ways) > 0
        lit = np.zeros(len(facing))
        lit[facing] = ~tracer.blocked(points.places[facing], points.flat[facing], ways[facing])
        shares.append(torch.from_numpy(lit))
    return torch.stack(shares) if shares else torch.zeros(0, len(points.places), dtype=torch.float64)


def openness(tracer: Tracer, points: Points, reach: float, chance: Chance) -> Float[Tensor, "points 1"]:
    """Return which share of a few random ways out, by the cosine to the normal, is free as far as `reach` [m]."""
    free = np.zeros(len(points.places), np.float32)
    for number in range(_WAYS):
        place = _WAYS * chance.number + number
        first, second = turned_lattice(place, _WAYS * chance.count, len(points.places), chance.random)
        ways = reach * cosine_directions(points.flat, first, second)
        free += ~tracer.blocked(points.places, points.flat, ways)
    return torch.from_numpy(free / _WAYS)[:, None]
