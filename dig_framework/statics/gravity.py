"""Which way is up."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from dig_framework.scene import Scene

STANDARD_GRAVITY = 9.81
"""Magnitude of gravity [m/s^2]."""


def up_of(scene: Scene) -> Float[np.ndarray, "3"]:
    """Return the unit vector against gravity: the plane's normal, or the image's upward direction without a plane."""
    if scene.plane is None:
        return np.array([0.0, -1.0, 0.0])
    normal = scene.plane.normal.detach().double().cpu().numpy()
    return normal / np.linalg.norm(normal)


def heights_of(scene: Scene, points: Float[np.ndarray, "*batch 3"]) -> Float[np.ndarray, "*batch"]:
    """Return heights above the support plane [m]; infinite without a plane."""
    if scene.plane is None:
        return np.full(points.shape[:-1], np.inf)
    length = float(scene.plane.normal.detach().double().norm())
    return points @ up_of(scene) + float(scene.plane.offset.detach()) / length
