"""The smallest rectangle around points of a plane."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dig_framework.errors import InputError

Array = NDArray[np.floating]


class Rectangle(NamedTuple):
    """A rectangle in a plane."""

    yaw: float
    """Angle of its first side [rad]."""
    centre: Array
    """Shape (2,) [m]."""
    half: Array
    """Half of both side lengths [m], shape (2,)."""


def smallest_rectangle(points: Array) -> Rectangle:
    """Return the rectangle of least area around points (n, 2) [m].

    One of its sides lies along an edge of their convex hull (Freeman and Shapira, CACM 1975), so all are tried.

    Raises:
        InputError: If the points lie on a line.
    """
    from scipy.spatial import ConvexHull, QhullError

    try:
        corners = points[ConvexHull(points).vertices]
    except QhullError as error:
        raise InputError("the object's points lie above one line of the table; check the mask and the plane") from error
    edges = np.roll(corners, -1, 0) - corners
    yaws = np.arctan2(edges[:, 1], edges[:, 0]) % (math.pi / 2)
    along = np.stack([np.cos(yaws), np.sin(yaws)], 1)
    across = np.stack([-np.sin(yaws), np.cos(yaws)], 1)
    spans = np.stack([corners @ along.T, corners @ across.T])
    low, high = spans.min(1), spans.max(1)
    best = int(np.prod(high - low, 0).argmin())
    middle = (low + high)[:, best] / 2
    centre = middle[0] * along[best] + middle[1] * across[best]
    return Rectangle(float(yaws[best]), centre, (high - low)[:, best] / 2)
