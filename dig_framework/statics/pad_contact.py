"""What two flat pads touch when they close."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Bool, Float, Int

from dig_framework.grasp import ParallelJaw
from dig_framework.statics.body import Body
from dig_framework.statics.box_collision import faces_near_box
from dig_framework.statics.hand_collision import to_hand_frame
from dig_framework.statics.rays import ray_hits

_CORNERS, _EDGES = 12, 2
"""Outermost corners of the body that each pad looks at, and those whose edges it follows, besides its grid."""
_TIE = 1e-5
"""Distance within which two points touch at the same time [m]."""


@dataclasses.dataclass(frozen=True, eq=False)
class PadContact:
    """Where one pad presses on a body, as a few point contacts in the hand's frame."""

    points: Float[np.ndarray, "contacts 3"]
    """Positions [m]."""
    normals: Float[np.ndarray, "contacts 3"]
    """Unit directions in which the pad pushes: its own, or the surface's if only the pad's border touches first."""
    misalignment: float
    """Mean angle between the surface's normals and the closing direction [rad]."""
    position: float
    """Where the pad first touches, along the hand's x axis [m]."""


def close_pads(
    body: Body,
    scene_from_hand: Float[np.ndarray, "4 4"],
    hand: ParallelJaw,
    width: float,
    compliance: float = 0.001,
    limit: int = 4,
) -> tuple[PadContact, PadContact] | None:
    """Return what the left (-x) and the right pad touch first, or None if one closes without touching the body.

    The pads move along the hand's x axis over what lies between them. A pad presses on everything within `compliance`
    of the first point that it meets; the patch is given by at most `limit` points as far apart as possible.

    Args:
        body: What is grasped.
        scene_from_hand: Pose of the hand [m].
        hand: Its geometry.
        width: Distance between the pads before closing [m].
        compliance: How far the pads give way [m].
        limit: Number of contact points a pad.
    """
    vertices = to_hand_frame(body.vertices, scene_from_hand)
    faces = _faces_between(vertices, body.faces, hand, width)
    if not len(faces):
        return None
    triangles = vertices[faces]
    origins = _pad_points(vertices[np.unique(faces)], hand, width)
    directions = np.tile([1.0, 0.0, 0.0], (len(origins), 1))
    rays, hit, x = ray_hits(origins, directions, triangles)
    between = np.abs(x) <= width / 2 + 1e-9
    if not between.any():
        return None
    rays, hit, x = rays[between], hit[between], x[between]
    points = origins[rays] + x[:, None] * directions[rays]
    normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])[hit]
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    rim = _is_rim(points, hand)
    left, right = (_patch(points, -normals, rim, side, compliance, limit) for side in (-1.0, 1.0))
    return None if left is None or right is None else (left, right)


def _is_rim(points: Float[np.ndarray, "points 3"], hand: ParallelJaw) -> Bool[np.ndarray, "points"]:
    """Return which points lie on the border of the pads."""
    low, high = hand.fingertip - hand.finger_length, hand.fingertip
    beside = np.abs(points[:, 1]) >= hand.finger_width / 2 - 1e-9
    return beside | (points[:, 2] <= low + 1e-9) | (points[:, 2] >= high - 1e-9)


def _faces_between(
    vertices: Float[np.ndarray, "vertices 3"], faces: Int[np.ndarray, "faces 3"], hand: ParallelJaw, width: float
) -> Int[np.ndarray, "near 3"]:
    half = np.array([width / 2, hand.finger_width / 2, hand.finger_length / 2]) + 1e-9
    return faces_near_box(vertices, faces, np.array([0.0, 0.0, hand.fingertip - hand.finger_length / 2]), half)


def _pad_points(
    corners: Float[np.ndarray, "vertices 3"], hand: ParallelJaw, width: float
) -> Float[np.ndarray, "points 3"]:
    """Return points of a pad with x = 0: a grid of 4 mm, and where the body's outermost corners and edges may touch.

    What the pads meet first may lie between the points of the grid, but then it is a corner of the body, or an edge
    that starts at one; an edge across or along the pad has its own row or column of points.
    """
    low, high = hand.fingertip - hand.finger_length, hand.fingertip
    y = np.linspace(-hand.finger_width / 2, hand.finger_width / 2, max(3, round(hand.finger_width / 0.004) + 1))
    z = np.linspace(low, high, max(3, round(hand.finger_length / 0.004) + 1))
    between = np.abs(corners[:, 0]) <= width / 2
    across = between & (np.abs(corners[:, 1]) <= hand.finger_width / 2)
    along = between & (corners[:, 2] >= low) & (corners[:, 2] <= high)
    own = _outermost(corners[across & along], _CORNERS)[:, 1:]
    columns = _outermost(corners[across], _EDGES)[:, 1]
    rows = _outermost(corners[along], _EDGES)[:, 2]
    flat = np.concatenate([own, _grid(np.append(y, columns), z), _grid(y, rows)])
    return np.concatenate([np.zeros((len(flat), 1)), flat], 1)


def _grid(y: Float[np.ndarray, "columns"], z: Float[np.ndarray, "rows"]) -> Float[np.ndarray, "points 2"]:
    return np.stack(np.meshgrid(y, z, indexing="ij"), -1).reshape(-1, 2)


def _outermost(points: Float[np.ndarray, "points 3"], count: int) -> Float[np.ndarray, "outermost 3"]:
    """Return the points with the smallest and the largest x, at most `count` of each."""
    order = np.argsort(points[:, 0], kind="stable")
    return points[np.unique(np.concatenate([order[:count], order[-count:]]))]


def _patch(
    points: Float[np.ndarray, "hits 3"],
    inward: Float[np.ndarray, "hits 3"],
    rim: Bool[np.ndarray, "hits"],
    side: float,
    compliance: float,
    limit: int,
) -> PadContact | None:
    facing = np.flatnonzero(inward[:, 0] * side < -1e-6)
    if not len(facing):
        return None
    reach = points[facing, 0] * side
    touched = facing[reach >= reach.max() - compliance]
    chosen = touched[_spread(points[touched], limit)]
    # Away from its border a flat pad touches tangentially or at an edge of the body, and pushes along its own normal.
    inner = reach[~rim[facing]] >= reach.max() - _TIE
    normals = np.tile([-side, 0.0, 0.0], (len(chosen), 1)) if inner.any() else inward[chosen]
    angles = np.arccos(np.clip(-side * inward[touched, 0], -1.0, 1.0))
    return PadContact(points[chosen], normals, float(angles.mean()), side * float(reach.max()))


def _spread(points: Float[np.ndarray, "points 3"], limit: int) -> list[int]:
    """Return at most `limit` points, each as far as possible from those before it; starts far from the middle."""
    chosen = [int(np.argmax(((points - points.mean(0)) ** 2).sum(1)))]
    nearest = ((points - points[chosen[0]]) ** 2).sum(1)
    while len(chosen) < limit and nearest.max() > 1e-10:
        chosen.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, ((points - points[chosen[-1]]) ** 2).sum(1))
    return chosen
