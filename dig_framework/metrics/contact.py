"""Whether objects go through each other or hang in the air."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from dig_framework.metrics.closest_point import distances_to
from dig_framework.metrics.sight_lines import highest_below
from dig_framework.metrics.surface import Surface, surface_samples
from dig_framework.metrics.winding_number import are_inside
from dig_framework.plane import Plane

_COUNT = 5000
_SLACK = 0.005


class Penetration(NamedTuple):
    """How deep points of a surface are where they must not be."""

    largest: float
    """[m]"""
    mean: float
    """Over the points that are inside [m]; zero if none is."""
    share: float
    """Of the surface's samples that are inside."""


def object_penetration(surface: Surface, others: Sequence[Surface]) -> Penetration:
    """Return how deep 5000 samples and all vertices of a surface are inside other objects.

    Depth is the distance to the surface of the object they are in. Two boxes that cross without a sample of one inside
    the other are missed; call it for both.
    """
    samples = surface_samples(surface, 0, _COUNT)
    points = np.concatenate([samples, surface.vertices])
    depth = np.zeros(len(points))
    for other in others:
        inside = are_inside(other.vertices, other.faces, points)
        depth[inside] = np.maximum(depth[inside], distances_to(other, points[inside]))
    return _penetration(depth)


def table_penetration(surface: Surface, plane: Plane) -> Penetration:
    """Return how deep samples and vertices of a surface are below the support plane."""
    heights = _heights(np.concatenate([surface_samples(surface, 0, _COUNT), surface.vertices]), plane)
    return _penetration(np.maximum(-heights, 0))


def support_gap(surface: Surface, plane: Plane, others: Sequence[Surface] = ()) -> float:
    """Return how far an object can fall straight down before it meets the plane or another object [m].

    Zero if it meets something already. Looked for below 5000 samples and the vertices of the object, and above those of
    the others.
    """
    turn, offset = _upright(plane)
    mine = _turned(surface, turn, offset)
    gap = float(mine.vertices[:, 2].min())
    for other in (_turned(item, turn, offset) for item in others):
        gap = min(gap, _fall(mine, other), _fall(_mirrored(other), _mirrored(mine)))
    return max(gap, 0.0)


def _fall(upper: Surface, lower: Surface) -> float:
    """Return the smallest height of points of one surface above another; a little below counts as touching."""
    points = np.concatenate([surface_samples(upper, 0, _COUNT), upper.vertices])
    corners = lower.vertices[lower.faces]
    below = highest_below(corners[..., :2], corners[..., 2], points[:, :2], points[:, 2] + _SLACK)
    return float((points[:, 2] - below).min())


def _penetration(depth: np.ndarray) -> Penetration:
    inside = depth[depth > 0]
    share = float((depth[:_COUNT] > 0).mean())
    return Penetration(float(inside.max()), float(inside.mean()), share) if len(inside) else Penetration(0.0, 0.0, 0.0)


def _heights(points: np.ndarray, plane: Plane) -> Float64[np.ndarray, "points"]:
    return points @ plane.normal.detach().cpu().double().numpy() + float(plane.offset)


def _upright(plane: Plane) -> tuple[np.ndarray, float]:
    """Return the rotation to a frame whose z points up, and the origin's height in it."""
    z = plane.normal.detach().cpu().double().numpy()
    x = np.cross(z, np.eye(3)[int(np.argmin(np.abs(z)))])
    x /= np.linalg.norm(x)
    return np.stack([x, np.cross(z, x), z]), float(plane.offset)


def _turned(surface: Surface, turn: np.ndarray, offset: float) -> Surface:
    return Surface(surface.vertices @ turn.T + [0, 0, offset], surface.faces)


def _mirrored(surface: Surface) -> Surface:
    return Surface(surface.vertices * [1, 1, -1], surface.faces)
