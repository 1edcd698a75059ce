"""Ellipsoids of which one half is seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def whole_from_half(mean: Array, deviation: Array, camera: Array) -> tuple[Array, Array]:
    """Return centre and semi-axes [m] of the ellipsoid whose half towards the camera has this mean and deviation.

    Uniform pixels on the near half of the unit sphere, seen along the unit vector d, have the mean -2/3 d and the
    covariance 1/4 (I - d d^T) + 1/18 d d^T. Stretching by the semi-axes a keeps both relations, with d along
    a^-1 times the line of sight, which a fixed point iteration finds.

    Args:
        mean: Of the visible points, in a frame along the axes of the ellipsoid, shape (3,) [m].
        deviation: Their standard deviation along each axis, shape (3,) [m].
        camera: Where the camera is in that frame, shape (3,) [m].
    """
    axes, centre = 2 * deviation, mean
    for _ in range(30):
        direction = (centre - camera) / axes
        direction = direction / np.linalg.norm(direction)
        axes = deviation / np.sqrt(1 / 4 - 7 / 36 * direction**2)
        centre = mean + 2 / 3 * axes * direction
    return centre, axes
