"""Bodies on a plane: do they stand, and onto which face do they fall?"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

_TOUCH = 1e-6
"""Height at which a point counts as touching the plane [m]."""
_MOST_TURNS = 1000
"""Edges that one body tips over; a finely meshed ball has dozens on its way to a stable face."""


def pivot_of(
    points: Float[np.ndarray, "points 3"],
    center: Float[np.ndarray, "3"],
    normal: Float[np.ndarray, "3"],
    gravity: Float[np.ndarray, "3"],
) -> tuple[Float[np.ndarray, "3"], Float[np.ndarray, "3"]] | None:
    """Return what a body that touches a plane tips over, as a point [m] and a unit axis, or None if it stands.

    It stands if its centre of mass, carried along gravity onto the plane, lies in the convex hull of the points that
    touch; if not, it turns about that hull's nearest edge or corner, right-handed about the axis.

    Args:
        points: Corners of the body [m].
        center: Its centre of mass [m].
        normal: Unit normal of the plane, upwards.
        gravity: Acceleration [m/s^2], into the plane.
    """
    heights = points @ normal
    touching = points[heights <= heights.min() + _TOUCH]
    fall = (center @ normal - heights.min()) / -(gravity @ normal)
    landing = center + fall * gravity
    nearest = _nearest_in_hull(touching, landing, normal)
    away = landing - nearest
    away -= (away @ normal) * normal
    if np.linalg.norm(away) <= _TOUCH:
        return None
    return nearest, np.cross(normal, away / np.linalg.norm(away))


def angle_to_plane(
    points: Float[np.ndarray, "points 3"],
    pivot: Float[np.ndarray, "3"],
    axis: Float[np.ndarray, "3"],
    normal: Float[np.ndarray, "3"],
) -> float:
    """Return the angle [rad] by which a body turns about an axis in the plane until its next corner touches.

    Args:
        points: Corners of the body, none below the plane [m].
        pivot: A point of the axis [m].
        axis: Unit direction, in the plane; the body falls towards axis x normal.
        normal: Unit normal of the plane, upwards.
    """
    local = points - pivot
    height, ahead = local @ normal, local @ np.cross(axis, normal)
    turning = np.hypot(height, ahead) > 10 * _TOUCH
    # A corner behind the axis rises first, so its angle is measured all the way round.
    angles = np.arctan2(np.maximum(height, 0.0), ahead)[turning]
    angles = angles[angles > 1e-7]
    return float(angles.min()) if len(angles) else math.pi


def rotation_about(
    axis: Float[np.ndarray, "3"], angle: float, point: Float[np.ndarray, "3"]
) -> Float[np.ndarray, "4 4"]:
    """Return the rigid turn by an angle [rad] about a unit axis through a point [m] (Rodrigues)."""
    x, y, z = axis
    skew = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    rotation = np.eye(3) + math.sin(angle) * skew + (1 - math.cos(angle)) * (skew @ skew)
    turn = np.eye(4)
    turn[:3, :3], turn[:3, 3] = rotation, point - rotation @ point
    return turn


def toppled(
    points: Float[np.ndarray, "points 3"],
    center: Float[np.ndarray, "3"],
    normal: Float[np.ndarray, "3"],
    gravity: Float[np.ndarray, "3"],
) -> Float[np.ndarray, "4 4"]:
    """Return the rigid motion that takes a body on a plane to the first face on which it stands.

    The body tips over one edge or corner after the other, without sliding. What still rolls after a whole turn, such
    as a ball on a slope, is stopped there.

    Args:
        points: Corners of the body's convex hull, the lowest on the plane [m].
        center: Its centre of mass [m].
        normal: Unit normal of the plane, upwards.
        gravity: Acceleration [m/s^2], into the plane.
    """
    motion, turned = np.eye(4), 0.0
    for _ in range(_MOST_TURNS):
        moved, middle = _moved(motion, points), _moved(motion, center)
        tipping = pivot_of(moved, middle, normal, gravity)
        if tipping is None or turned > 2 * math.pi:
            break
        pivot, axis = tipping
        angle = angle_to_plane(moved, pivot, axis, normal)
        turned += angle
        motion = rotation_about(axis, angle, pivot) @ motion
    return motion


def _moved(motion: Float[np.ndarray, "4 4"], points: Float[np.ndarray, "*batch 3"]) -> Float[np.ndarray, "*batch 3"]:
    return points @ motion[:3, :3].T + motion[:3, 3]


def _nearest_in_hull(
    touching: Float[np.ndarray, "points 3"], target: Float[np.ndarray, "3"], normal: Float[np.ndarray, "3"]
) -> Float[np.ndarray, "3"]:
    """Return the point of the convex hull of points in a plane that is nearest to another point of the plane."""
    ring = _ring(touching, normal)
    following = np.roll(ring, -1, axis=0)
    outward = np.cross(following - ring, normal)
    if len(ring) > 2 and (((target - ring) * outward).sum(1) <= 0).all():
        return target
    edges = following - ring
    share = ((target - ring) * edges).sum(1) / np.maximum((edges**2).sum(1), 1e-30)
    feet = ring + np.clip(share, 0.0, 1.0)[:, None] * edges
    return feet[((target - feet) ** 2).sum(1).argmin()]


def _ring(points: Float[np.ndarray, "points 3"], normal: Float[np.ndarray, "3"]) -> Float[np.ndarray, "ring 3"]:
    """Return the convex hull of coplanar points, counter-clockwise about the normal; two points if in a line."""
    axis = np.eye(3)[np.argmin(np.abs(normal))]
    first = np.cross(axis, normal) / np.linalg.norm(np.cross(axis, normal))
    plane = np.stack([points @ first, points @ np.cross(normal, first)], 1)
    order = [int(index) for index in np.lexsort((plane[:, 1], plane[:, 0]))]
    chain = [*_half_hull(plane, order)[:-1], *_half_hull(plane, order[::-1])[:-1]]
    return points[chain] if chain else points[:1]


def _half_hull(plane: Float[np.ndarray, "points 2"], order: list[int]) -> list[int]:
    """Return one side of the hull (Andrew's monotone chain)."""
    chain: list[int] = []
    for index in order:
        while len(chain) > 1 and _turn(plane[chain[-2]], plane[chain[-1]], plane[index]) <= 1e-14:
            chain.pop()
        chain.append(index)
    return chain


def _turn(a: Float[np.ndarray, "2"], b: Float[np.ndarray, "2"], c: Float[np.ndarray, "2"]) -> float:
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
