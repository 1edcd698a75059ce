"""What two flat pads touch when they close."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float, Int

from dig_framework.grasp import ParallelJaw
from dig_framework.statics.body import Body
from dig_framework.statics.box_collision import faces_near_box
from dig_framework.statics.hand_collision import to_hand_frame
from dig_framework.statics.rays import ray_hits

_OUTERMOST = 24
"""Corners of the body that each pad looks at, besides its grid."""


@dataclasses.dataclass(frozen=True, eq=False)
class PadContact:
    """Where one pad presses on a body, as a few point contacts in the hand's frame."""

    points: Float[np.ndarray, "contacts 3"]
    """Positions [m]."""
    normals: Float[np.ndarray, "contacts 3"]
    """Unit normals into the body."""
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
    left, right = (_patch(points, -normals, side, compliance, limit) for side in (-1.0, 1.0))
    return None if left is None or right is None else (left, right)


def _faces_between(
    vertices: Float[np.ndarray, "vertices 3"], faces: Int[np.ndarray, "faces 3"], hand: ParallelJaw, width: float
) -> Int[np.ndarray, "near 3"]:
    half = np.array([width / 2, hand.finger_width / 2, hand.finger_length / 2]) + 1e-9
    return faces_near_box(vertices, faces, np.array([0.0, 0.0, hand.fingertip - hand.finger_length / 2]), half)


def _pad_points(
    corners: Float[np.ndarray, "vertices 3"], hand: ParallelJaw, width: float
) -> Float[np.ndarray, "points 3"]:
    """Return points of a pad with x = 0: a grid of 3 mm, and the body's own outermost corners."""
    low, high = hand.fingertip - hand.finger_length, hand.fingertip
    y = np.linspace(-hand.finger_width / 2, hand.finger_width / 2, max(3, round(hand.finger_width / 0.003) + 1))
    z = np.linspace(low, high, max(3, round(hand.finger_length / 0.003) + 1))
    grid = np.stack(np.meshgrid([0.0], y, z, indexing="ij"), -1).reshape(-1, 3)
    inside = (np.abs(corners[:, 1]) <= hand.finger_width / 2) & (corners[:, 2] >= low) & (corners[:, 2] <= high)
    inside &= np.abs(corners[:, 0]) <= width / 2
    own = corners[inside]
    # What the pads meet first may be between the points of the grid, but then it is one of the outermost corners.
    order = np.argsort(own[:, 0], kind="stable")
    own = own[np.unique([*order[:_OUTERMOST], *order[-_OUTERMOST:]]).astype(int)] * [0.0, 1.0, 1.0]
    return np.concatenate([grid, own])


def _patch(
    points: Float[np.ndarray, "hits 3"], inward: Float[np.ndarray, "hits 3"], side: float, compliance: float, limit: int
) -> PadContact | None:
    facing = inward[:, 0] * side < -1e-6
    if not facing.any():
        return None
    points, inward = points[facing], inward[facing]
    reach = points[:, 0] * side
    touched = reach >= reach.max() - compliance
    chosen = _spread(points[touched], limit)
    return PadContact(points[touched][chosen], inward[touched][chosen], side * float(reach.max()))


def _spread(points: Float[np.ndarray, "points 3"], limit: int) -> list[int]:
    """Return at most `limit` points, each as far as possible from those before it; starts far from the middle."""
    chosen = [int(np.argmax(((points - points.mean(0)) ** 2).sum(1)))]
    nearest = ((points - points[chosen[0]]) ** 2).sum(1)
    while len(chosen) < limit and nearest.max() > 1e-10:
        chosen.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, ((points - points[chosen[-1]]) ** 2).sum(1))
    return chosen
