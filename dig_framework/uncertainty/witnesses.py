"""What parts of a surface the image pins down, and how."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dig_framework.completion.free_space import FREE, HIDDEN, OBJECT, FreeSpace

Array = NDArray[np.floating]
Choice = NDArray[np.bool_]

NEAR = 0.008
"""A vertex this far from the visible surface is part of it [m]."""
GAP = 4.0
"""Pixels between a vertex and the next trusted depth."""
GRAZING = 0.35
"""Cosine below which a vertex is at the outline."""
EDGE = 4.0
"""Distance to the border of the mask below which it is [px]."""
STANDING = 0.008
"""Height below which it touches the table [m]."""


class Witnesses(NamedTuple):
    """Vertices that the image pins down along a direction."""

    seen: Choice
    """On the visible surface, along their normals."""
    outline: Choice
    """At the silhouette where nothing hides it, across the line of sight."""
    standing: Choice
    """On the table, along its normal."""
    covered: Choice
    """Behind an occluder."""
    pixel: Array
    """Size of a pixel at each vertex [m]."""
    across: Array
    """Normals without their part along the line of sight, unit, shape (n, 3)."""


def witnesses(space: FreeSpace, vertices: Array, normals: Array) -> Witnesses:
    """Return what the image says about vertices (n, 3) with normals in the upright frame."""
    camera = space.camera_from_upright
    points, depth = _projected(space, vertices)
    rows, columns, inside = _pixels(space, points)
    kind = np.where(inside, space.label[rows, columns], FREE)
    front = (depth - space.surface[rows, columns]) * space.cosine[rows, columns]
    trusted = (kind == OBJECT) & (space.gap[rows, columns] <= GAP)
    sight = vertices + camera[:, :3].T @ camera[:, 3]
    sight /= np.linalg.norm(sight, axis=1, keepdims=True)
    facing = -(normals * sight).sum(1)
    across = normals + facing[:, None] * sight
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    edge = inside & (np.abs(space.silhouette[rows, columns]) < EDGE) & (kind != HIDDEN)
    return Witnesses(
        seen=trusted & (facing > 0.2) & (np.abs(front) < NEAR),
        outline=edge & (np.abs(facing) < GRAZING),
        standing=np.isfinite(space.floor) & (vertices[:, 2] < space.floor + STANDING),
        covered=kind == HIDDEN,
        pixel=depth / space.lens[0],
        across=across,
    )


def covered(space: FreeSpace, points: Array) -> Choice:
    """Return which points (n, 3) in the upright frame are behind an occluder, or beyond the image."""
    rows, columns, inside = _pixels(space, _projected(space, points)[0])
    return inside & (space.label[rows, columns] == HIDDEN)


def _projected(space: FreeSpace, vertices: Array) -> tuple[Array, Array]:
    camera = space.camera_from_upright
    points = vertices @ camera[:, :3].T + camera[:, 3]
    depth = np.maximum(points[:, 2], 1e-3)
    return points[:, :2] / depth[:, None] * space.lens[:2] + space.lens[2:], depth


def _pixels(space: FreeSpace, points: Array) -> tuple[NDArray[np.intp], NDArray[np.intp], Choice]:
    height, width = space.label.shape
    columns, rows = np.rint(points).astype(np.intp).T
    inside = (rows >= 0) & (columns >= 0) & (rows < height) & (columns < width)
    return np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1), inside
