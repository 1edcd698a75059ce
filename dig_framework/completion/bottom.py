"""Continuing an object down to the table it stands on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dig_framework.completion.free_space import FreeSpace, contradictions
from dig_framework.completion.isometry import mirrors, moved

Array = NDArray[np.floating]


def turned_over(space: FreeSpace, points: Array, violation: float) -> Array | None:
    """Return the reflection about half the height of points (n, 3), or None if it contradicts the image.

    Args:
        space: What the image allows; its floor must be finite.
        points: Visible and mirrored points in the upright frame [m].
        violation: Largest mean contradiction (1 for 10 mm) up to which the object is the same upside down.
    """
    reflection = mirrors(np.array([[0.0, 0.0, 1.0]]), np.array([(_top(points) + space.floor) / 2]))[0]
    wrong = contradictions(space, moved(reflection, points))
    return reflection if np.minimum(wrong, 0.015).mean() / 0.01 < violation else None


def down_to_floor(space: FreeSpace, points: Array, carried: float) -> Array:
    """Return points (n, 3) together with those that close the object towards its floor.

    Each point is dropped onto the floor, unless it would fall through what the image shows as free; where low points
    already carry the object, only these are dropped.

    Args:
        space: What the image allows; its floor must be finite.
        points: Visible and mirrored points in the upright frame [m].
        carried: Least share of the footprint's area that low points must cover to carry the object.
    """
    low = points[points[:, 2] - space.floor < max(0.02, 0.12 * (_top(points) - space.floor))]
    falling = low if _carries(low, points, carried) else points
    dropped = np.concatenate([falling[:, :2], np.full((len(falling), 1), space.floor)], 1)
    if falling is points:
        dropped = dropped[contradictions(space, dropped) <= 0.003]
    return np.concatenate([points, dropped])


def _top(points: Array) -> float:
    return float(np.quantile(points[:, 2], 0.995))


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
