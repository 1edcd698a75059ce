"""Things pushed together until they touch."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from dig_framework.synthesis.placed import Placed

TOUCHING = 0.003
"""Widest gap between things that count as touching [m]."""


def pushed_together(things: Sequence[Placed], rng: np.random.Generator, gap: float = 0.001) -> list[Placed]:
    """Return things moved along the table, each from another side towards the first, until their outlines nearly meet.

    Args:
        things: Each somewhere on the table.
        rng: Chooses the sides.
        gap: Between outlines seen from above [m].
    """
    packed: list[Placed] = []
    start = rng.uniform(0, 2 * math.pi)
    for number, thing in enumerate(things):
        outline = _outline(thing)
        home = thing.moved((*-(outline.min(0) + outline.max(0)) / 2, 0.0))
        if number:
            angle = start + 2.4 * number  # The golden angle, so that no two come from one side.
            way = np.array([math.cos(angle), math.sin(angle)])
            farthest = max(_contact_distance(_outline(other), _outline(home), way) for other in packed)
            home = home.moved((*((farthest + gap) * way), 0.0))
        packed.append(home)
    return packed


def touching_group(things: Sequence[Placed]) -> list[int]:
    """Return positions of the largest group of things that touch each other, directly or through others."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    count = len(things)
    clouds = [_surface_points(thing) for thing in things]
    pairs = [(i, j) for i in range(count) for j in range(i) if _near(clouds[i], clouds[j])]
    rows, columns = zip(*pairs, strict=True) if pairs else ((), ())
    graph = coo_matrix((np.ones(len(pairs)), (rows, columns)), shape=(count, count))
    labels = connected_components(graph, directed=False)[1]
    largest = np.bincount(labels).argmax()
    return np.flatnonzero(labels == largest).tolist()


def _outline(thing: Placed) -> Float[np.ndarray, "corners 2"]:
    """Return the corners of a thing's convex outline seen from above [m]."""
    from scipy.spatial import ConvexHull

    flat = thing.points()[:, :2]
    return flat[ConvexHull(flat).vertices]


def _contact_distance(
    fixed: Float[np.ndarray, "_ 2"], moving: Float[np.ndarray, "_ 2"], way: Float[np.ndarray, "2"]
) -> float:
    """Return how far along `way` the moving outline must go to be past the fixed one; 0 if it passes beside it.

    The outlines meet while the offset is in their Minkowski difference, a convex polygon.
    """
    from scipy.spatial import ConvexHull

    difference = (fixed[:, None] - moving[None]).reshape(-1, 2)
    planes = ConvexHull(difference).equations
    speed, slack = planes[:, :2] @ way, -planes[:, 2]
    entering = np.max(slack[speed < 0] / speed[speed < 0], initial=-math.inf)
    leaving = np.min(slack[speed > 0] / speed[speed > 0], initial=math.inf)
    passes = entering <= leaving and not (slack[speed == 0] < 0).any()
    return max(0.0, float(leaving)) if passes else 0.0


def _surface_points(thing: Placed, count: int = 3000) -> Float[np.ndarray, "points 3"]:
    """Return points spread evenly over a surface, the same for the same thing."""
    points, faces = thing.points(), thing.model.surface.faces.numpy()
    a, b, c = (points[faces[:, corner]] for corner in range(3))
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    rng = np.random.default_rng(0)
    face = rng.choice(len(faces), size=count, p=areas / areas.sum())
    first, second = rng.random((2, count, 1))
    root = np.sqrt(first)
    return (1 - root) * a[face] + root * (1 - second) * b[face] + root * second * c[face]


def _near(first: Float[np.ndarray, "points 3"], second: Float[np.ndarray, "points 3"]) -> bool:
    from scipy.spatial import KDTree

    return bool(np.isfinite(KDTree(first).query(second, distance_upper_bound=TOUCHING + 0.001)[0]).any())
