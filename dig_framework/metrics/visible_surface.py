"""Visible surface discrepancy between depth images (Hodan et al., ECCV 2018, Sec. 2.2; BOP 2019 visibility)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

from dig_framework.metrics.recall import THRESHOLDS

DELTA = 0.015
"""How far behind the measured surface a pixel still counts as visible [m]."""

Image = Float[np.ndarray, "height width"]


def ray_distances(depth: Image, intrinsics: Float[np.ndarray, "3 3"]) -> Image:
    """Return distances from the camera's centre [m] from distances along the optical axis [m]; zeros stay zero."""
    rows, columns = np.indices(depth.shape)
    rays = np.stack([columns, rows, np.ones_like(rows)], -1) @ np.linalg.inv(intrinsics).T
    return depth * np.linalg.norm(rays, axis=-1)


def vsd(
    estimate: Image,
    truth: Image,
    measured: Image,
    intrinsics: Float[np.ndarray, "3 3"],
    tolerances: Sequence[float],
    diameter: float | None = None,
    delta: float = DELTA,
) -> list[float]:
    """Return the visible surface discrepancy, from 0 to 1, for each tolerance.

    Args:
        estimate: Depth of the object alone as it was recovered [m]; zero where it is not.
        truth: Depth of the true object alone [m].
        measured: Depth of the whole scene [m]; zero where nothing was measured, which hides nothing.
        intrinsics: Camera matrix [px].
        tolerances: Distances that do not count yet [m]; shares of the diameter if that is given.
        diameter: Largest distance between two points of the object [m].
        delta: How far behind the measured surface the object is still visible [m].
    """
    guess, true, scene = (ray_distances(image, intrinsics) for image in (estimate, truth, measured))
    seen = _visible(true, scene, delta)
    guessed = _visible(guess, scene, delta) | (seen & (guess > 0))
    both, union = seen & guessed, np.count_nonzero(seen | guessed)
    if not union:
        return [1.0] * len(tolerances)
    distances = np.abs(true[both] - guess[both]) / (diameter or 1.0)
    alone = union - np.count_nonzero(both)
    return [float((np.count_nonzero(distances >= tau) + alone) / union) for tau in tolerances]


def vsd_recall(estimate: Image, truth: Image, measured: Image, intrinsics: Float[np.ndarray, "3 3"],
               diameter: float) -> float:  # fmt: skip
    """Return the average recall of `vsd` over tolerances and thresholds .05, .10, ..., .50."""
    errors = np.asarray(vsd(estimate, truth, measured, intrinsics, THRESHOLDS, diameter))
    return float((errors[:, None] < np.asarray(THRESHOLDS)).mean())


def _visible(distances: Image, scene: Image, delta: float) -> Bool[np.ndarray, "height width"]:
    return ((distances - scene <= delta) | (scene == 0)) & (distances > 0)
