"""Where a known mesh is, from the points, the outline and the table of one view."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from dig_framework.fitting.sighting import Sighting

Matrix = Float[np.ndarray, "3 3"]
Points = Float[np.ndarray, "points 3"]

_FAR = 0.02
"""A distance beyond this counts as this [m]."""


@dataclasses.dataclass(frozen=True)
class Placement:
    """A similarity: x_camera = rotation (scale x_mesh) + translation."""

    rotation: Matrix
    translation: Float[np.ndarray, "3"]
    """[m]"""
    scale: float = 1.0

    def moved(self, points: Points) -> Points:
        """Take points from the mesh's frame to the camera's [m]."""
        return self.scale * points @ self.rotation.T + self.translation


@dataclasses.dataclass(frozen=True)
class Samples:
    """Points on a mesh, in its own frame."""

    points: Points
    """[m]"""
    normals: Points
    """Outward, of length one."""

    def thinned(self, count: int) -> Samples:
        """Return the first of the points."""
        return Samples(self.points[:count], self.normals[:count])

    def facing(self, placement: Placement) -> tuple[Points, Points]:
        """Return those points, and their normals, in the camera's frame that face the camera."""
        points, normals = placement.moved(self.points), self.normals @ placement.rotation.T
        front = (points * normals).sum(1) < 0
        return (points[front], normals[front]) if front.sum() >= 10 else (points, normals)


def refined(
    placement: Placement, samples: Samples, seen: Sighting, scaled: bool = False, steps: int = 30, floor: float = 0.002
) -> Placement:
    """Return a placement brought nearer to the evidence by Gauss-Newton steps.

    Each measured point pulls the nearest part of the mesh that faces the camera along that part's normal (Chen and
    Medioni, ICRA 1991), less the farther it is; what of the mesh lies outside the outline is pulled into it, and what
    is below the table onto it.

    Args:
        placement: Where to begin.
        samples: Of the mesh.
        seen: The evidence.
        scaled: Whether the scale is unknown too.
        steps: Most steps.
        floor: Smallest distance at which a pull is halved [m]; in first steps it is the median distance.
    """
    for _ in range(steps):
        places, pulls, weights = _pulls(placement, samples, seen, floor)
        move = _solved(placement, places, pulls, weights, scaled)
        placement = _after(placement, move)
        if np.abs(move[:3]).max() < 2e-5 and np.abs(move[3:]).max() < 2e-4:
            break
    return placement


def mismatch(placement: Placement, samples: Samples, seen: Sighting) -> float:
    """Return how badly a placement explains the evidence [m].

    The mean distance of measured points to what of the mesh faces the camera, plus how far that lies outside the
    outline or in front of measured depth, plus how far the mesh reaches below the table; each distance counts up to
    2 cm.
    """
    from scipy.spatial import KDTree

    points, _ = samples.facing(placement)
    distance = np.asarray(KDTree(points).query(seen.points)[0])
    outside = np.linalg.norm(seen.outside(points), axis=1) + seen.ahead(points)
    below = (-seen.heights(placement.moved(samples.points))).clip(0)
    return float(sum(values.clip(max=_FAR).mean() for values in (distance, outside, below)))


def around(placement: Placement, middle: Float[np.ndarray, "3"], angle: float) -> list[Placement]:
    """Return a placement, and it turned both ways about each axis of the camera through the mesh's middle [rad]."""
    found = [placement]
    centre = placement.moved(middle[None])[0]
    for axis in range(3):
        for sign in (-1, 1):
            turn = _turn(np.eye(3)[axis] * sign * angle)
            found.append(
                Placement(turn @ placement.rotation, centre + turn @ (placement.translation - centre), placement.scale)
            )
    return found


def upright(
    samples: Samples, seen: Sighting, ups: Sequence[Float[np.ndarray, "3"]], yaws: int, scaled: bool
) -> list[Placement]:
    """Return placements on the table, under the measured points, for each direction of the mesh that may be up.

    With an unknown scale the mesh is as high as the highest points, or without a table as wide as they spread.
    """
    found = []
    normal = np.array([0.0, -1.0, 0.0]) if seen.table is None else seen.table[:3]
    for up in ups:
        first = _between(np.asarray(up, float), normal)
        for yaw in range(yaws):
            rotation = _turn(normal * (2 * math.pi * yaw / yaws)) @ first
            found.append(_under(Placement(rotation, seen.points.mean(0)), samples, seen, scaled))
    return found


def _under(placement: Placement, samples: Samples, seen: Sighting, scaled: bool) -> Placement:
    scale = _size(placement, samples, seen) if scaled else placement.scale
    placement = dataclasses.replace(placement, scale=scale)
    front, _ = samples.facing(placement)
    placement = dataclasses.replace(placement, translation=placement.translation + seen.points.mean(0) - front.mean(0))
    lowest = seen.heights(placement.moved(samples.points)).min()
    if seen.table is None:
        return placement
    return dataclasses.replace(placement, translation=placement.translation - lowest * seen.table[:3])


def _size(placement: Placement, samples: Samples, seen: Sighting) -> float:
    points = placement.moved(samples.points)
    if seen.table is not None:
        return float(np.percentile(seen.heights(seen.points), 99) / np.ptp(points @ seen.table[:3]))
    front, _ = samples.facing(placement)
    return float(np.linalg.norm(seen.points.std(0)) / np.linalg.norm(front.std(0)))


def _pulls(
    placement: Placement, samples: Samples, seen: Sighting, floor: float
) -> tuple[Points, Points, Float[np.ndarray, "points"]]:
    """Return places on the mesh, where they should go from there along one direction each, and how strongly."""
    from scipy.spatial import KDTree

    points, normals = samples.facing(placement)
    distance, nearest = KDTree(points).query(seen.points)
    gap = ((seen.points - points[nearest]) * normals[nearest]).sum(1, keepdims=True) * normals[nearest]
    middle = max(floor, float(np.median(distance)))
    near = 1 / (1 + (np.asarray(distance) / middle) ** 2) / len(distance)
    outside = seen.outside(points)
    off = np.linalg.norm(outside, axis=1) > 0
    everything = placement.moved(samples.points)
    heights = seen.heights(everything)
    below = heights < 0
    down = np.zeros((int(below.sum()), 3)) if seen.table is None else -heights[below, None] * seen.table[:3]
    weights = [near, np.full(off.sum(), 0.5 / len(points)), np.full(below.sum(), 1 / len(everything))]
    return (
        np.concatenate([points[nearest], points[off], everything[below]]),
        np.concatenate([gap, outside[off], down]),
        np.concatenate(weights),
    )


def _solved(
    placement: Placement, places: Points, pulls: Points, weights: Float[np.ndarray, "points"], scaled: bool
) -> Float[np.ndarray, "unknowns"]:
    """Return the shift [m], the rotation vector [rad] and the relative growth that follow the pulls best."""
    length = np.linalg.norm(pulls, axis=1)
    directions = pulls / np.maximum(length, 1e-12)[:, None]
    arms = places - placement.translation
    rows = [directions, np.cross(arms, directions)]
    if scaled:
        rows.append((arms * directions).sum(1, keepdims=True))
    jacobian = np.concatenate(rows, 1)
    reach = max(1e-3, float(np.linalg.norm(arms.std(0))))
    units = np.array([1.0] * 3 + [1 / reach] * (jacobian.shape[1] - 3))
    scaled_rows = jacobian * units
    normal = (scaled_rows * weights[:, None]).T @ scaled_rows
    normal += (1e-3 * np.trace(normal) / len(normal) + 1e-12) * np.eye(len(normal))
    return units * np.linalg.solve(normal, scaled_rows.T @ (weights * length))


def _after(placement: Placement, move: Float[np.ndarray, "unknowns"]) -> Placement:
    scale = placement.scale * (1 + float(np.clip(move[6], -0.1, 0.1)) if len(move) > 6 else 1.0)
    return Placement(_turn(move[3:6]) @ placement.rotation, placement.translation + move[:3], scale)


def _turn(vector: Float[np.ndarray, "3"]) -> Matrix:
    from scipy.spatial.transform import Rotation

    return np.asarray(Rotation.from_rotvec(vector).as_matrix())


def _between(start: Float[np.ndarray, "3"], end: Float[np.ndarray, "3"]) -> Matrix:
    """Return a rotation that takes one direction to another."""
    axis = np.cross(start, end)
    sine, cosine = np.linalg.norm(axis), float(start @ end)
    if sine < 1e-9:
        other = np.cross(start, np.eye(3)[int(np.argmin(np.abs(start)))])
        return np.eye(3) if cosine > 0 else _turn(math.pi * other / np.linalg.norm(other))
    return _turn(axis / sine * math.atan2(sine, cosine))
