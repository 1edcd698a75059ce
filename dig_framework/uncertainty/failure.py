"""How likely a reconstruction is useless."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]

FULLNESS, SPREAD, OFFSET = -7.3, 0.45, 4.0
"""Weights of both signs of a failure and their offset, by logistic regression over views of nine meshes."""


def failure_signs(vertices: Array, areas: Array, normals: Array, deviation: Array) -> tuple[float, float]:
    """Return what tells a failure beforehand; both are without unit.

    Args:
        vertices: Of the best surface in the upright frame [m], shape (n, 3).
        areas: Of the surface around each vertex [m^2].
        normals: Outward, unit, shape (n, 3).
        deviation: Standard deviation of the surface at each vertex [m].

    Returns:
        Which share of its smallest upright box the solid fills, since what is thin, hollow or forked is rarely right;
        and the log of the surface's standard deviation over three times volume per area, the radius of a ball.
    """
    area = max(float(areas.sum()), 1e-12)
    volume = float((areas * (normals * (vertices - vertices.mean(0))).sum(1)).sum()) / 3
    volume = max(volume, 1e-3 * area**1.5)
    spread = float(np.sqrt((areas * deviation**2).sum() / area))
    return volume / max(_box_volume(vertices), volume), float(np.log(max(spread, 1e-6) * area / (3 * volume)))


def failure_probability(fullness: float, spread: float) -> float:
    """Return how likely the volumetric IoU is below .5 or the chamfer distance above 10 mm, from both signs."""
    return float(1 / (1 + np.exp(-(FULLNESS * fullness + SPREAD * spread + OFFSET))))


def _box_volume(vertices: Array) -> float:
    """Return the volume of the smallest upright box around vertices [m^3]."""
    yaws = np.arange(30) * np.pi / 60
    cosine, sine = np.cos(yaws), np.sin(yaws)
    along = np.ptp(vertices[:, :2] @ np.stack([cosine, sine]), axis=0)
    across = np.ptp(vertices[:, :2] @ np.stack([-sine, cosine]), axis=0)
    return float((along * across).min() * np.ptp(vertices[:, 2]))
