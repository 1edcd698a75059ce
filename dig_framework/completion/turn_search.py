"""The upright axis of an object of revolution."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from dig_framework.completion.free_space import FreeSpace, Score, score_transforms
from dig_framework.completion.isometry import turns
from dig_framework.completion.mirror_search import Credit

Array = NDArray[np.floating]

ANGLES = np.deg2rad([40.0, 90.0, 140.0, 180.0, 220.0, 270.0, 320.0])


@dataclasses.dataclass(frozen=True)
class Axis:
    """An upright axis and how well turning about it explains the image."""

    centre: Array
    """Where it crosses the floor, in the upright frame [m], shape (2,)."""
    overlap: float
    """Share of turned points that land on the visible surface."""
    violation: float
    """Mean contradiction of turned points with image and table, 1 for 10 mm."""


def best_axis(space: FreeSpace, points: Array, credit: Credit) -> Axis:
    """Return the axis about which turned copies of the visible points (n, 3) score best, coarse to fine."""
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    extent = float((high - low).max())
    centre, best = (low + high) / 2, -np.inf
    for reach, steps in ((0.55 * extent, 15), (0.04 * extent, 5), (0.015 * extent, 5)):
        grid = np.linspace(-reach, reach, steps)
        centres = centre + np.stack(np.meshgrid(grid, grid), -1).reshape(-1, 2)
        score = credit.total(_mean_score(space, points, centres))
        if score.max() > best:
            centre, best = centres[score.argmax()], score.max()
    share = _mean_score(space, points, centre[None])
    return Axis(centre, float(share.overlap[0]), float(share.violation[0]))


def _mean_score(space: FreeSpace, points: Array, centres: Array) -> Score:
    transforms = turns(centres, ANGLES).reshape(-1, 3, 4)
    score = score_transforms(space, points, transforms)
    return Score(*(share.reshape(len(centres), -1).mean(1) for share in score))
