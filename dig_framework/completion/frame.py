"""The upright frame in which an object is completed."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from numpy.typing import NDArray

from dig_framework.plane import Plane

Array = NDArray[np.floating]


@dataclasses.dataclass(frozen=True)
class UprightFrame:
    """A frame whose z axis points up and whose origin is on the table below (or, without a table, at) the object."""

    scene_from_upright: Array
    """Rigid 4 x 4 transform [m]."""
    floor: float
    """Height of the table in this frame [m]; minus infinity if there is none."""

    @property
    def rotation(self) -> Array:
        """Axes of this frame in the scene's frame, as columns."""
        return self.scene_from_upright[:3, :3]

    def from_scene(self, points: Array) -> Array:
        """Take points from the scene's frame to this one [m]."""
        return (points - self.scene_from_upright[:3, 3]) @ self.rotation

    def turned(self, yaw: float) -> UprightFrame:
        """Return this frame rotated about its z axis [rad]."""
        turn = np.eye(4)
        turn[:2, :2] = [[math.cos(yaw), -math.sin(yaw)], [math.sin(yaw), math.cos(yaw)]]
        return UprightFrame(self.scene_from_upright @ turn, self.floor)

    def shifted(self, origin: Array) -> UprightFrame:
        """Return this frame with its origin at a point given in it [m]."""
        shift = np.eye(4)
        shift[:3, 3] = origin
        return UprightFrame(self.scene_from_upright @ shift, self.floor - float(origin[2]))


def upright_frame(plane: Plane | None, around: Array) -> UprightFrame:
    """Return the frame of a table under points (n, 3); without a table, the image's up direction is up.

    The x axis is horizontal across the line of sight, so that rolling the camera does not change the frame.
    """
    centre = np.median(around, axis=0)
    up, origin, floor = np.array([0.0, -1.0, 0.0]), centre, -math.inf
    if plane is not None:
        up = plane.normal.detach().cpu().double().numpy()
        origin = centre - (centre @ up + float(plane.offset)) * up
        floor = 0.0
    across = np.cross(centre, up)
    if np.linalg.norm(across) < 0.05 * np.linalg.norm(centre):
        across = np.cross([0.0, 1.0, 0.0], up)
    across = across / np.linalg.norm(across)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([across, np.cross(up, across), up], 1)
    pose[:3, 3] = origin
    return UprightFrame(pose, floor)
