"""Where a hand would touch what it must not."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from jaxtyping import Float

from dig_framework.grasp import HandBox
from dig_framework.scene import Scene
from dig_framework.statics.body import Body
from dig_framework.statics.box_collision import faces_near_box, triangles_meet_box
from dig_framework.statics.gravity import heights_of


def to_hand_frame(
    points: Float[np.ndarray, "*batch 3"], scene_from_hand: Float[np.ndarray, "4 4"]
) -> Float[np.ndarray, "*batch 3"]:
    """Take points from the scene's frame to a hand's frame [m]."""
    return (points - scene_from_hand[:3, 3]) @ scene_from_hand[:3, :3]


def hand_clearance(scene: Scene, scene_from_hand: Float[np.ndarray, "4 4"], boxes: Iterable[HandBox]) -> float:
    """Return the height of the hand's lowest point above the plane [m]; negative inside, infinite without a plane."""
    corners = np.concatenate([box.corners() for box in boxes])
    return float(heights_of(scene, corners @ scene_from_hand[:3, :3].T + scene_from_hand[:3, 3]).min())


def touched_box(body: Body, scene_from_hand: Float[np.ndarray, "4 4"], boxes: Iterable[HandBox]) -> str | None:
    """Return the name of the first box of the hand that meets a body's surface, or None."""
    vertices, faces = to_hand_frame(body.vertices, scene_from_hand), body.faces
    for box in boxes:
        near = faces_near_box(vertices, faces, box.center, box.half)
        if len(near) and triangles_meet_box(vertices[near], box.center, box.half).any():
            return box.name
    return None
