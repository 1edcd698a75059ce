"""A solid between the hull of its points and what the image carves away, on a grid."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dig_framework.completion.convex_distance import hull_planes, inside_planes
from dig_framework.completion.free_space import FreeSpace, carved_distance, wall_distance
from dig_framework.completion.symmetry import Explanation

Array = NDArray[np.floating]

LIMIT = 0.012
"""Distances are clipped to this [m], so that averaging explanations moves surfaces instead of blurring depths."""


@dataclasses.dataclass(frozen=True)
class Grid:
    """A scalar field on a regular grid, positive inside."""

    values: NDArray[np.float32]
    origin: Array
    """Position of the first sample [m]."""
    step: float
    """Distance between samples [m]."""


def solid(space: FreeSpace, explanations: list[Explanation], resolution: int, smoothing: float) -> Grid:
    """Return the field whose zero level is the completed surface.

    Each explanation is the convex hull of its points; the weighted mean of their signed distances, carved by the
    visible surface, the silhouette and the floor, is smoothed. Behind the visible surface there is at least a wall of
    5 mm, so that thin things hold together.

    Args:
        space: What the image allows.
        explanations: Whose weighted mean is taken.
        resolution: Samples along the longest side.
        smoothing: Standard deviation of the smoothing [samples].
    """
    from scipy import ndimage

    points = np.concatenate([item.points for item in explanations])
    low, high = points.min(0) - 0.008, points.max(0) + 0.008
    step = float((high - low).max() / resolution)
    axes = [np.arange(a, b + step, step) for a, b in zip(low, high, strict=True)]
    samples = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
    field = carved_distance(space, samples, LIMIT)
    field = np.minimum(field, samples[:, 2] - space.floor + 1e-4)
    possible = field > -LIMIT
    hulls = np.zeros(int(possible.sum()))
    total = sum(item.weight for item in explanations)
    for item in explanations:
        hulls += item.weight / total * inside_planes(samples[possible], hull_planes(item.points), LIMIT)
    field[possible] = np.minimum(field[possible], hulls)
    wall = wall_distance(space, samples, max(0.005, 2.5 * step), LIMIT)
    field = np.minimum(np.maximum(field, wall), samples[:, 2] - space.floor + 1e-4)
    values: Any = field.reshape([len(axis) for axis in axes])
    if smoothing > 0:
        values = np.asarray(ndimage.gaussian_filter(values, smoothing))
    return Grid(np.pad(values, 1, constant_values=-LIMIT).astype(np.float32), low - step, step)
