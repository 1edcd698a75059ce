"""A solid between the hull of its points and what the image carves away, on a grid."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dig_framework.completion.convex_distance import hull_planes, inside_planes
from dig_framework.completion.free_space import FreeSpace, carved_distance, wall_distance
from dig_framework.completion.isometry import moved
from dig_framework.completion.symmetry import Explanation

Array = NDArray[np.floating]

LIMIT = 0.012
"""Distances are clipped to this [m], so that averaging explanations moves surfaces instead of blurring depths."""

SLACK = 0.005
"""What is free at a copy of a point must be so by this much, because symmetries are found to about as much [m]."""


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

    Each explanation is the convex hull of its points without what is free at a copy of a point: the near wall of a
    bowl is as hollow as the far one, into which the camera looks. The weighted mean of their signed distances, carved
    by the visible surface, the silhouette and the floor, is smoothed. Behind the visible surface there is at least a
    wall of 5 mm, so that thin things hold together; the wall of a thin bottom reaches one sample below the floor.

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
    believed = np.zeros(int(possible.sum()))
    total = sum(item.weight for item in explanations)
    for item in explanations:
        believed += item.weight / total * _explained(space, item, samples[possible])
    field[possible] = np.minimum(field[possible], believed)
    wall = wall_distance(space, samples, max(0.005, 2.5 * step), LIMIT)
    field = np.maximum(field, np.minimum(wall, samples[:, 2] - space.floor + step))
    values: Any = field.reshape([len(axis) for axis in axes])
    if smoothing > 0:
        values = np.asarray(ndimage.gaussian_filter(values, smoothing))
    return Grid(np.pad(values, 1, constant_values=-LIMIT).astype(np.float32), low - step, step)


def _explained(space: FreeSpace, explanation: Explanation, samples: Array) -> Array:
    """Return the signed distance to a prism, or to the hull of the points without what is free at a copy [m]."""
    if explanation.prism is not None:
        return np.clip(-explanation.prism.distance(samples), -LIMIT, LIMIT)
    field = inside_planes(samples, hull_planes(explanation.points), LIMIT)
    for isometry in explanation.isometries:
        inside = field > -LIMIT
        copies = np.ascontiguousarray(moved(isometry, samples[inside]))
        field[inside] = np.minimum(field[inside], carved_distance(space, copies, LIMIT) + SLACK)
    return field
