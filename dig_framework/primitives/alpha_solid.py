"""Alpha shapes as fields on a grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dig_framework.errors import InputError

Array = NDArray[np.floating]


def alpha_occupancy(points: Array, alpha: float, samples: Array) -> NDArray[np.bool_]:
    """Return which samples (m, 3) lie in the alpha shape of points (n, 3).

    It is the union of the tetrahedra of their Delaunay triangulation whose circumscribed ball has at most the radius
    `alpha` [m] (Edelsbrunner and Muecke, ACM TOG 1994); infinity gives the convex hull.

    Raises:
        InputError: If all points lie in one plane.
    """
    from scipy.spatial import Delaunay, QhullError

    try:
        cells = Delaunay(points)
    except QhullError as error:
        raise InputError("the object's points lie in one plane and there is no table to drop them on") from error
    kept = circumscribed_radii(points[cells.simplices]) <= alpha
    found = cells.find_simplex(samples)
    return (found >= 0) & kept[found]


def circumscribed_radii(tetrahedra: Array) -> Array:
    """Return the radius of the ball through the corners of tetrahedra (n, 4, 3) [m]; infinity for flat ones."""
    edges = tetrahedra[:, 1:] - tetrahedra[:, :1]
    size = np.linalg.det(edges)
    squares = (edges**2).sum(-1, keepdims=True)
    a, b, c = edges[:, 0], edges[:, 1], edges[:, 2]
    sums = squares[:, 0] * np.cross(b, c) + squares[:, 1] * np.cross(c, a) + squares[:, 2] * np.cross(a, b)
    with np.errstate(divide="ignore", invalid="ignore"):
        radii = np.linalg.norm(sums, axis=1) / (2 * np.abs(size))
    return np.where(np.isfinite(radii), radii, np.inf)
