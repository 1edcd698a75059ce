"""Errors of an object's pose, as the BOP challenge defines them; lengths in metres.

Sources: Hinterstoisser et al., ACCV 2012 (ADD, ADD-S); Hodan et al., CVPR 2020 workshops, Sec. 2.2 (MSSD, MSPD).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

Transform = Float64[np.ndarray, "4 4"]
Transforms = Float64[np.ndarray, "symmetries 4 4"]
Points = Float64[np.ndarray, "points 3"]

IDENTITY = np.eye(4)[None]
"""The symmetries of what has none."""


def transformed(transform: Float64[np.ndarray, "*batch 4 4"], points: Points) -> Float64[np.ndarray, "*batch points 3"]:
    """Return points moved by one or several rigid transforms [m]."""
    return points @ np.swapaxes(transform[..., :3, :3], -1, -2) + transform[..., None, :3, 3]


def add(estimate: Transform, truth: Transform, points: Points) -> float:
    """Return the mean distance between corresponding model points under two poses [m]."""
    return float(np.linalg.norm(transformed(estimate, points) - transformed(truth, points), axis=1).mean())


def add_s(estimate: Transform, truth: Transform, points: Points) -> float:
    """Return the mean distance from model points under the true pose to the nearest under the estimate [m]."""
    from scipy.spatial import KDTree

    distances, _ = KDTree(transformed(estimate, points)).query(transformed(truth, points))
    return float(np.mean(distances))


def mssd(estimate: Transform, truth: Transform, points: Points, symmetries: Transforms = IDENTITY) -> float:
    """Return the largest distance between model points, under the symmetry that makes it smallest [m]."""
    moved = transformed(truth @ symmetries, points)
    return float(np.linalg.norm(transformed(estimate, points) - moved, axis=-1).max(-1).min())


def mspd(
    estimate: Transform,
    truth: Transform,
    points: Points,
    intrinsics: Float64[np.ndarray, "3 3"],
    symmetries: Transforms = IDENTITY,
) -> float:
    """Return the largest distance between projections, under the symmetry that makes it smallest [px]."""
    pixels = _projected(transformed(estimate, points), intrinsics)
    moved = _projected(transformed(truth @ symmetries, points), intrinsics)
    return float(np.linalg.norm(pixels - moved, axis=-1).max(-1).min())


def rotation_error(estimate: Transform, truth: Transform, symmetries: Transforms = IDENTITY) -> float:
    """Return the angle between two orientations, under the symmetry that makes it smallest [rad]."""
    between = np.swapaxes((truth @ symmetries)[..., :3, :3], -1, -2) @ estimate[:3, :3]
    # Unlike the arc cosine of the trace, this is exact for small angles too.
    chord = np.linalg.norm(between - np.eye(3), axis=(-2, -1)) / np.sqrt(8)
    return float(2 * np.arcsin(np.clip(chord, 0, 1)).min())


def translation_error(estimate: Transform, truth: Transform, symmetries: Transforms = IDENTITY) -> float:
    """Return the distance between two origins, under the symmetry that makes it smallest [m]."""
    return float(np.linalg.norm((truth @ symmetries)[..., :3, 3] - estimate[:3, 3], axis=-1).min())


def _projected(points: np.ndarray, intrinsics: np.ndarray) -> np.ndarray:
    pixels = points @ intrinsics.T
    return pixels[..., :2] / pixels[..., 2:]
