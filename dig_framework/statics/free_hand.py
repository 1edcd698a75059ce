"""Hand poses that are free of everything but the object between the pads."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from jaxtyping import Bool, Float

from dig_framework.grasp import Grasp, ParallelJaw
from dig_framework.scene import Scene
from dig_framework.statics.body import Body
from dig_framework.statics.gravity import heights_of
from dig_framework.statics.hand_collision import hand_clearance, to_hand_frame, touched_box
from dig_framework.statics.pad_contact import close_pads

_SLACK = 0.005
"""How far a pose may still be moved before it is looked at closely [m]."""


@dataclasses.dataclass(frozen=True)
class HandSpace:
    """A scene as a hand sees it that looks for room."""

    scene: Scene
    bodies: dict[int, Body]
    """All rigid bodies by `SceneObject.index`."""
    hand: ParallelJaw
    clearance: float
    """Wanted room between each pad and the object before closing [m]."""
    table_margin: float
    """Least height of the hand above the plane [m]."""
    approach: float
    """Length of the straight approach [m]."""

    def plausible(self, poses: Float[np.ndarray, "poses 4 4"]) -> Bool[np.ndarray, "poses"]:
        """Return which poses are worth a closer look: no surface in the palm and no fingertip deep in the table.

        What it throws away, `grasp_at` would throw away too, but for a few millimetres.
        """
        points = np.concatenate([body.vertices[:: max(1, len(body.vertices) // 300)] for body in self.bodies.values()])
        palm = self.hand.boxes(self.hand.opening, self.approach)[2]
        half = palm.half - np.minimum(_SLACK, palm.half / 2)
        free = np.array([not self._has_point(points, pose, palm.center, half) for pose in poses], dtype=bool)
        corners = np.concatenate([box.corners() for box in self.hand.boxes(self.hand.opening)])
        lowest = heights_of(self.scene, corners @ poses[:, :3, :3].transpose(0, 2, 1) + poses[:, None, :3, 3]).min(1)
        return free & (lowest > -self.hand.fingertip)

    @staticmethod
    def _has_point(
        points: Float[np.ndarray, "points 3"],
        pose: Float[np.ndarray, "4 4"],
        center: Float[np.ndarray, "3"],
        half: Float[np.ndarray, "3"],
    ) -> bool:
        return bool((np.abs(to_hand_frame(points, pose) - center) < half).all(1).any())

    def grasp_at(self, target: Body, scene_from_hand: Float[np.ndarray, "4 4"]) -> Grasp | None:
        """Return a free grasp near a pose of the hand, or None.

        The hand is drawn back along its approach until it clears the table, centred on what is between its pads, and
        opened by `clearance` on both sides, or by half of that where there is no room.
        """
        pose = self._drawn_back(scene_from_hand)
        if pose is None:
            return None
        contact = close_pads(target, pose, self.hand, self.hand.opening)
        if contact is None:
            return None
        low, high = contact[0].position, contact[1].position
        pose[:3, 3] += pose[:3, 0] * (low + high) / 2
        if high - low < self.hand.opening:
            for room in (self.clearance, self.clearance / 2):
                width = min(high - low + 2 * room, self.hand.opening)
                if self._is_free(pose, width):
                    return Grasp(target.index, torch.from_numpy(pose).float(), width, self.approach)
        return None

    def _drawn_back(self, scene_from_hand: Float[np.ndarray, "4 4"]) -> Float[np.ndarray, "4 4"] | None:
        """Return the pose moved back along z until it clears the table, if the pads still hold the object then."""
        low = hand_clearance(self.scene, scene_from_hand, self.hand.boxes(self.hand.opening))
        back = np.array(scene_from_hand)
        if low < self.table_margin:
            tips = self.hand.boxes(self.hand.opening)
            rise = hand_clearance(self.scene, _shifted(back, -1.0), tips) - low
            needed = (self.table_margin - low) / rise if rise > 1e-6 else np.inf
            if needed > self.hand.fingertip:
                return None
            back = _shifted(back, -float(needed) - 1e-6)
        return back

    def _is_free(self, pose: Float[np.ndarray, "4 4"], width: float) -> bool:
        boxes = self.hand.boxes(width, self.approach)
        if hand_clearance(self.scene, pose, boxes) < self.table_margin:
            return False
        return not any(touched_box(body, pose, boxes) for body in self.bodies.values())


def hand_pose(
    origin: Float[np.ndarray, "3"], closing: Float[np.ndarray, "3"], approach: Float[np.ndarray, "3"]
) -> Float[np.ndarray, "4 4"]:
    """Return scene_from_hand for an origin [m], the unit closing axis x and the unit approach z across it."""
    pose = np.eye(4)
    pose[:3, 0], pose[:3, 1], pose[:3, 2], pose[:3, 3] = closing, np.cross(approach, closing), approach, origin
    return pose


def approaches(
    closing: Float[np.ndarray, "3"], up: Float[np.ndarray, "3"], tilts: Float[np.ndarray, "tilts"]
) -> Float[np.ndarray, "tilts 3"]:
    """Return unit approach directions across a closing axis, tilted about it [rad] from the most downward one."""
    down = -up + (up @ closing) * closing
    if np.linalg.norm(down) < 1e-6:  # Closing straight up: every horizontal approach is as good as another.
        down = np.cross(closing, np.eye(3)[np.argmin(np.abs(closing))])
    down = down / np.linalg.norm(down)
    return np.cos(tilts)[:, None] * down + np.sin(tilts)[:, None] * np.cross(closing, down)


def _shifted(pose: Float[np.ndarray, "4 4"], along: float) -> Float[np.ndarray, "4 4"]:
    moved = np.array(pose)
    moved[:3, 3] += along * moved[:3, 2]
    return moved
