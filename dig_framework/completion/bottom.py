"""Continuing an object down to the table it stands on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dig_framework.completion.free_space import FreeSpace, contradictions

Array = NDArray[np.floating]


def down_to_floor(space: FreeSpace, points: Array, turned_over: float, carried: float) -> Array:
    """Return points (n, 3) together with those that close the object towards its floor.

    If the points reflected about half height contradict nothing, the object is the same upside down and they are
    added. Otherwise each point is dropped onto the floor, unless it would fall through what the image shows as free;
    where low points already carry the object, only these are dropped.

    Args:
        space: What the image allows; its floor must be finite.
        points: Visible and mirrored points in the upright frame [m].
        turned_over: Largest mean contradiction (1 for 10 mm) up to which the reflection is accepted.
        carried: Least share of the footprint's area that low points must cover to carry the object.
    """
    top = np.quantile(points[:, 2], 0.995)
    reflected = points * np.array([1, 1, -1]) + np.array([0, 0, float(top) + space.floor])
    if np.minimum(contradictions(space, reflected), 0.015).mean() / 0.01 < turned_over:
        reflected[:, 2] = np.maximum(reflected[:, 2], space.floor)
        return np.concatenate([points, reflected])
    low = points[points[:, 2] - space.floor < max(0.02, 0.12 * (top - space.floor))]
    falling = low if _carries(low, points, carried) else points
    dropped = np.concatenate([falling[:, :2], np.full((len(falling), 1), space.floor)], 1)
    if falling is points:
        dropped = dropped[contradictions(space, dropped) <= 0.003]
    return np.concatenate([points, dropped])


def _carries(low: Array, points: Array, share: float) -> bool:
    """Whether the low points surround the centre of all and cover enough of their footprint."""
    from scipy.spatial import ConvexHull, QhullError

    try:
        feet, footprint = ConvexHull(low[:, :2]), ConvexHull(points[:, :2])
    except (QhullError, ValueError):
        return False
    centre = points[:, :2].mean(0)
    surrounds = (feet.equations[:, :2] @ centre + feet.equations[:, 2] < 0.003).all()
    # A hull's `volume` in the plane is its area.
    return bool(surrounds and feet.volume > share * footprint.volume)
