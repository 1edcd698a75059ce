"""Motions of an arm as configurations, and whether the hand stays clear of everything on the way."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.errors import ReachError
from dig_framework.grasp import HandBox
from dig_framework.kinematics.chain import Chain
from dig_framework.scene import Scene
from dig_framework.statics.body import Body
from dig_framework.statics.gravity import heights_of
from dig_framework.statics.hand_collision import hand_clearance, touched_box

_STEP = 0.05
"""Largest turn of a joint between two checked configurations [rad]."""
_JUMP = 0.6
"""Largest turn of a joint between neighbours on a straight line [rad]; more means another branch."""


def straight_line(
    start: Float[np.ndarray, "4 4"], end: Float[np.ndarray, "4 4"], step: float = 0.02
) -> list[Float[np.ndarray, "4 4"]]:
    """Return poses after the start, up to the end, at most `step` [m] apart; the orientation is that of the end."""
    count = max(1, math.ceil(float(np.linalg.norm(end[:3, 3] - start[:3, 3])) / step))
    poses = [np.array(end) for _ in range(count)]
    for number, pose in enumerate(poses, 1):
        pose[:3, 3] = start[:3, 3] + number / count * (end[:3, 3] - start[:3, 3])
    return poses


def followed(
    first: Float[Tensor, "joints"],
    poses: Sequence[Float[np.ndarray, "4 4"]],
    solve: Callable[[Float[Tensor, "4 4"]], list[Float[Tensor, "joints"]]],
) -> list[Float[Tensor, "joints"]] | None:
    """Return configurations for poses along a line, each the nearest to the one before, or None where they break off.

    Args:
        first: Configuration from which the line is entered [rad].
        poses: Of what `solve` takes [m].
        solve: Gives all configurations for a pose.
    """
    path = [first]
    for pose in poses:
        found = [(float((joints - path[-1]).abs().max()), joints) for joints in solve(torch.from_numpy(pose))]
        if not found:
            return None
        turn, nearest = min(found, key=lambda item: item[0])
        if turn > _JUMP:
            return None
        path.append(nearest)
    return path[1:]


def interpolated(start: Float[Tensor, "joints"], end: Float[Tensor, "joints"]) -> Float[Tensor, "steps joints"]:
    """Return configurations from start to end, both included, close enough to be checked one by one."""
    count = max(1, math.ceil(float((end - start).abs().max()) / _STEP))
    share = torch.linspace(0.0, 1.0, count + 1, dtype=start.dtype)[:, None]
    return start + share * (end - start)


@dataclasses.dataclass(frozen=True)
class Surroundings:
    """What an arm must stay clear of."""

    scene: Scene
    bodies: dict[int, Body]
    scene_from_base: Float[np.ndarray, "4 4"]
    arm: Chain
    flange_from_hand: Float[np.ndarray, "4 4"]
    link_radius: float
    """Least height of the elbow and the wrist above the plane [m]."""
    table_margin: float
    """Least height of the hand above the plane [m]."""

    def check(self, path: Float[Tensor, "steps joints"], boxes: Sequence[HandBox], touch: bool, where: str) -> None:
        """Make sure that elbow, wrist and hand stay above the plane, and, unless `touch`, the hand off all objects.

        Raises:
            ReachError: With what would touch, and where.
        """
        frames = self.scene_from_base @ self.arm.frames(path).detach().double().numpy()
        self._check_links(frames, where)
        for hand in frames[:, -1] @ self.flange_from_hand:
            low = hand_clearance(self.scene, hand, boxes)
            if low < self.table_margin:
                raise ReachError(
                    f"{where}: the hand would be {low:.3f} m above the support plane; the limit is "
                    f"{self.table_margin:.3f} m. Choose another grasp, or place the base elsewhere."
                )
            if not touch:
                self._check_objects(hand, boxes, where)

    def _check_links(self, frames: Float[np.ndarray, "steps frames 4 4"], where: str) -> None:
        # The first two frames are the base and the shoulder, which stand on the plane.
        heights = heights_of(self.scene, frames[:, 2:, :3, 3]).min(0)
        lowest = int(heights.argmin())
        if heights[lowest] < self.link_radius:
            raise ReachError(
                f"{where}: the end of link {self.arm.names[lowest + 1]!r} would be {heights[lowest]:.3f} m above the "
                f"support plane; the limit is {self.link_radius:.3f} m. Choose another grasp or start."
            )

    def _check_objects(self, hand: Float[np.ndarray, "4 4"], boxes: Sequence[HandBox], where: str) -> None:
        for index, body in self.bodies.items():
            touched = touched_box(body, hand, boxes)
            if touched is not None:
                raise ReachError(f"{where}: the {touched} would touch object {index}. Choose another grasp or start.")
