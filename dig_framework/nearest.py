"""Distances and nearest neighbours on pixel and voxel grids."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def nearest_known(known: NDArray[np.bool_]) -> tuple[NDArray[np.float64], tuple[NDArray[np.integer], ...]]:
    """Return, for every cell, the distance [cells] to the nearest known one and that cell's index along each axis.

    Indexing an array with the second result carries known values to all cells. At least one cell must be known.
    """
    from scipy import ndimage

    result: Any = ndimage.distance_transform_edt(~known, return_indices=True)
    return result[0], tuple(result[1])


def signed_distance(inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the distance [cells] to the nearest cell on the other side, positive inside and negative outside."""
    from scipy import ndimage

    within: Any = ndimage.distance_transform_edt(inside)
    beyond: Any = ndimage.distance_transform_edt(~inside)
    return np.where(inside, within, -beyond).astype(np.float32)
