"""Superquadrics from points by expectation and maximisation."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from dig_framework.primitives.superquadric import SuperquadricFit

Array = NDArray[np.floating]

_LEAST, _LARGEST = 0.1, 1.9
"""Exponents that are tried: what is sharper than the one is a box, what is beyond the other is no longer convex."""


def fit_superquadric(points: Array, outliers: float = 0.1, rounds: int = 20) -> SuperquadricFit:
    """Return the superquadric that explains points (n, 3) [m], some of which are outliers, most probably.

    Liu, Wu, Ruan and Chirikjian, CVPR 2022: points lie on the surface with isotropic noise, or anywhere in the volume.
    Expectation weighs every point by the probability that it belongs (Eq. 9), maximisation moves the 11 parameters to
    the least weighted squares of radial distances and sets the noise (Eq. 10, 11), and where that gets stuck, shapes
    that look alike under other parameters are tried: other axes as the third one, and a turn by 45 degrees.

    Args:
        points: On a surface, or a part of it.
        outliers: Prior probability of an outlier.
        rounds: Largest number of rounds of expectation and maximisation.
    """
    centre = points.mean(0)
    scale = float(np.sqrt(((points - centre) ** 2).sum(1).mean()))
    unit = (points - centre) / scale
    fit, variance = _start(unit), float(np.prod(np.ptp(unit, axis=0)) ** (1 / 3) / 10) ** 2
    # A point that does not belong lies anywhere in the bounds.
    elsewhere = outliers / (1 - outliers) / float(np.prod(np.ptp(unit, axis=0) + 0.1))
    last = math.inf
    for _ in range(rounds):
        weights = _weights(fit.residuals(unit), variance, elsewhere)
        fit, cost = _maximised(fit, unit, weights)
        variance = _variance(fit, unit, weights)
        if last - cost > 0.01 * cost:
            last = cost
            continue
        better = _switched(fit, unit, weights, cost)
        if better is None:
            break
        fit, last = better
        variance = _variance(fit, unit, weights)
    return SuperquadricFit(fit.exponents, fit.axes * scale, fit.rotation, fit.centre * scale + centre)


def _start(points: Array) -> SuperquadricFit:
    """Return the ellipsoid of the points' moments; the third axis is the one least like the others."""
    mean = points.mean(0)
    _, values, rows = np.linalg.svd(points - mean, full_matrices=False)
    spread = values / math.sqrt(len(points))
    order = [1, 2, 0] if spread[0] - spread[1] > spread[1] - spread[2] else [0, 1, 2]
    rows, spread = rows[order], spread[order]
    rows[2] = np.cross(rows[0], rows[1])
    return SuperquadricFit(np.ones(2), 1.5 * spread.clip(min=0.1), rows.T, mean)


def _weights(residuals: Array, variance: float, elsewhere: float) -> Array:
    near = np.exp(-(residuals**2) / (2 * variance)) / (2 * math.pi * variance) ** 1.5
    return near / (near + elsewhere)


def _variance(fit: SuperquadricFit, points: Array, weights: Array) -> float:
    squares = (weights * fit.residuals(points) ** 2).sum() / (3 * weights.sum() + 1e-12)
    return float(max(squares, 1e-6))


def _maximised(fit: SuperquadricFit, points: Array, weights: Array) -> tuple[SuperquadricFit, float]:
    """Return the fit of least weighted squares near a fit, and their mean."""
    from scipy.optimize import least_squares

    root, size = np.sqrt(weights), np.ptp(points, axis=0).max()
    start = np.concatenate([fit.exponents, fit.axes, np.zeros(3), fit.centre])
    low = np.array([_LEAST] * 2 + [0.02] * 3 + [-math.pi] * 3 + [-size] * 3)
    high = np.array([_LARGEST] * 2 + [size] * 3 + [math.pi] * 3 + [size] * 3)
    start = start.clip(low + 1e-6, high - 1e-6)

    def residuals(values: Array) -> Array:
        return root * _moved(fit, values).residuals(points)

    found = least_squares(residuals, start, bounds=(low, high), max_nfev=5)
    return _moved(fit, found.x), 2 * float(found.cost) / max(float(weights.sum()), 1e-12)


def _moved(fit: SuperquadricFit, values: Array) -> SuperquadricFit:
    """Return the fit with 11 parameters, of which the rotation vector turns the old axes."""
    return SuperquadricFit(values[:2], values[2:5], _turn(values[5:8]) @ fit.rotation, values[8:])


def _turn(vector: Array) -> Array:
    from scipy.spatial.transform import Rotation

    return np.asarray(Rotation.from_rotvec(vector).as_matrix())


def _switched(fit: SuperquadricFit, points: Array, weights: Array, cost: float) -> tuple[SuperquadricFit, float] | None:
    """Return the best of the shapes that look like a fit, if it is better."""
    tried = [_maximised(other, points, weights) for other in _alike(fit)]
    best = min(tried, key=lambda item: item[1])
    return best if best[1] < 0.99 * cost else None


def _alike(fit: SuperquadricFit) -> Iterator[SuperquadricFit]:
    """Yield superquadrics that look much like one: with each other axis as the third, and turned about the third."""
    exponents, axes, rotation, centre = fit
    for order in ([1, 2, 0], [2, 0, 1]):
        yield SuperquadricFit(exponents[::-1].copy(), axes[order], rotation[:, order], centre)
    if not 0.6 < axes[0] / axes[1] < 1.6:
        return
    # A square of side 2 a is a diamond of half diagonal sqrt(2) a, turned by 45 degrees, and the reverse.
    second = float(exponents[1])
    ratio = math.sqrt(2) + (1 - math.sqrt(2)) * second if second <= 1 else 1 + (math.sqrt(0.5) - 1) * (second - 1)
    turned = rotation @ _turn(np.array([0, 0, math.pi / 4]))
    side = ratio * float(min(axes[0], axes[1]))
    yield SuperquadricFit(np.array([exponents[0], 2 - second]), np.array([side, side, axes[2]]), turned, centre)
