"""Convex hulls as closed meshes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dig_framework.errors import InputError

Array = NDArray[np.floating]


def convex_hull(points: Array) -> tuple[Array, NDArray[np.int64]]:
    """Return the vertices (n, 3) [m] and the outward faces of the convex hull of points.

    Raises:
        InputError: If all lie in one plane.
    """
    from scipy.spatial import ConvexHull, QhullError

    try:
        hull = ConvexHull(points)
    except QhullError as error:
        raise InputError("the object's points lie in one plane and there is no table to drop them on") from error
    number = np.full(len(points), -1)
    number[hull.vertices] = np.arange(len(hull.vertices))
    a, b, c = points[hull.simplices].transpose(1, 0, 2)
    inward = (np.cross(b - a, c - a) * hull.equations[:, :3]).sum(1) < 0
    simplices = np.where(inward[:, None], hull.simplices[:, ::-1], hull.simplices)
    return points[hull.vertices], number[simplices].astype(np.int64)
