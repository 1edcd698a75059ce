"""Signed distance to a convex hull, compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dig_framework.kernel import kernel

Array = NDArray[np.floating]


def hull_planes(points: Array) -> Array:
    """Return the outward half-space planes (k, 4) of the convex hull of points (n, 3) [m], near duplicates left out.

    Flat point sets are thickened by 1 mm on each side first.
    """
    from scipy.spatial import ConvexHull, QhullError

    try:
        equations = ConvexHull(points).equations
    except QhullError:
        thick = [points + 0.001 * side * axis for axis in np.eye(3) for side in (-1, 1)]
        equations = ConvexHull(np.concatenate(thick)).equations
    digits = 3 if len(equations) > 1500 else 5
    return equations[np.unique(np.round(equations, digits), axis=0, return_index=True)[1]]


@kernel
def inside_planes(points, planes, limit):  # noqa: ANN001, ANN201
    """Return the distance to the nearest plane, positive inside all (n, 3) -> (n,), clipped to +-`limit` [m].

    Outside, it is a lower bound of the distance's magnitude.
    """
    result = np.empty(len(points), np.float32)
    for n in range(len(points)):
        value = limit
        for k in range(len(planes)):
            p = planes[k]
            value = min(value, -(p[0] * points[n, 0] + p[1] * points[n, 1] + p[2] * points[n, 2] + p[3]))
            if value <= -limit:
                value = -limit
                break
        result[n] = value
    return result
