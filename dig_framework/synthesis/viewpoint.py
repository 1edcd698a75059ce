"""Where the camera is."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from jaxtyping import Float

from dig_framework.camera import Camera

WIDTH, HEIGHT = 640, 480
"""Of all images [px]."""


@dataclasses.dataclass(frozen=True)
class Viewpoint:
    """A camera and its pose above the table."""

    camera: Camera
    camera_from_table: Float[np.ndarray, "4 4"]

    def rolled(self, angle: float) -> Viewpoint:
        """Return the same camera turned clockwise about its axis [rad], as is what it sees the other way."""
        c, s = math.cos(angle), math.sin(angle)
        turn = np.eye(4)
        turn[:2, :2] = [[c, s], [-s, c]]
        return dataclasses.replace(self, camera_from_table=turn @ self.camera_from_table)

    def sees(self, points: Float[np.ndarray, "points 3"], margin: float = 12.0) -> bool:
        """Whether all points of the table's frame [m] are in the image, away from its border [px]."""
        local = points @ self.camera_from_table[:3, :3].T + self.camera_from_table[:3, 3]
        pixels = local @ self.camera.intrinsics.double().numpy().T
        if (local[:, 2] < 0.1).any():
            return False
        u, v = pixels[:, 0] / pixels[:, 2], pixels[:, 1] / pixels[:, 2]
        inside = (u > margin) & (u < WIDTH - 1 - margin) & (v > margin) & (v < HEIGHT - 1 - margin)
        return bool(inside.all())


def looking_at(
    target: Float[np.ndarray, "3"], distance: float, elevation: float, azimuth: float, camera: Camera, roll: float = 0.0
) -> Viewpoint:
    """Return a view of a point of the table's frame [m].

    Args:
        target: What is on the camera's axis.
        distance: To it [m].
        elevation: Of the camera above the horizon of the target [rad].
        azimuth: Of the camera about the vertical [rad].
        camera: Its intrinsics.
        roll: As of `Viewpoint.rolled` [rad].
    """
    c, s = math.cos(elevation), math.sin(elevation)
    away = np.array([c * math.cos(azimuth), c * math.sin(azimuth), s])
    right = np.array([-math.sin(azimuth), math.cos(azimuth), 0.0])
    rotation = np.stack([right, np.cross(-away, right), -away])
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = rotation, -rotation @ (np.asarray(target) + distance * away)
    return Viewpoint(camera, pose).rolled(roll)


def random_camera(rng: np.random.Generator) -> Camera:
    """Return intrinsics like those of a D435's colour stream at 640 x 480, each a little different."""
    focal = float(rng.uniform(600.0, 625.0))
    cx, cy = (WIDTH - 1) / 2 + rng.uniform(-8, 8), (HEIGHT - 1) / 2 + rng.uniform(-8, 8)
    return Camera.from_focal(focal, focal * float(rng.uniform(0.998, 1.002)), float(cx), float(cy), WIDTH, HEIGHT)


def random_viewpoint(
    rng: np.random.Generator, points: Float[np.ndarray, "points 3"], elevation: tuple[float, float] = (0.35, 1.15)
) -> Viewpoint:
    """Return a view from 0.5 to 0.8 m that has all points of the table's frame [m] in the image where that can be."""
    target = (points.min(0) + points.max(0)) / 2 + rng.uniform(-0.02, 0.02, 3)
    camera, azimuth, height = random_camera(rng), rng.uniform(0, 2 * math.pi), rng.uniform(*elevation)
    roll, start = rng.normal(0, 0.03), rng.uniform(0.5, 0.8)
    distances = (*np.arange(start, 0.8, 0.04).tolist(), 0.8, 0.9, 1.0)
    views = (looking_at(target, distance, height, azimuth, camera, roll) for distance in distances)
    last = looking_at(target, distances[-1], height, azimuth, camera, roll)
    return next((view for view in views if view.sees(points)), last)
