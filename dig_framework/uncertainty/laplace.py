"""The covariance of displacements around the best surface, from everything that pins it down."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dig_framework.uncertainty.displacement import prior_precision, rows_of
from dig_framework.uncertainty.settings import UncertaintySettings
from dig_framework.uncertainty.witnesses import Witnesses

Array = NDArray[np.floating]


def precision(
    terms: Array, normals: Array, areas: Array, seen: Witnesses, settings: UncertaintySettings, radius: float, up: Array
) -> Array:
    """Return the inverse covariance of the coefficients, shape (30, 30) [1/m^2].

    The negative log posterior around the best surface is quadratic (MacKay, Information Theory, Inference, and Learning
    Algorithms, 2003, section 27): squared moves of what is seen along its normals, of the outline across the line of
    sight and of what stands along the table's normal, each over its variance, and the prior. Errors of neighbours go
    together, so that each of the three counts for a number of independent ones, however many vertices it has.

    Args:
        terms: Monomials at the vertices, shape (n, 10).
        normals: Of the vertices, shape (n, 3).
        areas: Of the surface around each vertex [m^2].
        seen: What pins each vertex down.
        settings: Of spreads.
        radius: Of the surface [m].
        up: The table's normal.
    """
    result = np.diag(prior_precision(settings, radius))
    share = np.sqrt(np.minimum(areas / max(float(np.median(areas)), 1e-12), 10.0))
    upward = np.broadcast_to(up, normals.shape)
    for chosen, directions, sigma in (
        (seen.seen, normals, np.full(len(normals), settings.surface)),
        (seen.outline, seen.across, settings.outline * seen.pixel),
        (seen.standing, upward, np.full(len(normals), settings.table)),
    ):
        if not chosen.any():
            continue
        weight = (share / sigma)[chosen]
        rows = rows_of(terms[chosen], directions[chosen]) * weight[:, None]
        result += rows.T @ rows * (settings.looks / float((share[chosen] ** 2).sum()))
    return result


def drawn(inverse: Array, count: int, generator: np.random.Generator) -> Array:
    """Return coefficients (count, 30) of that inverse covariance and mean zero."""
    lower = np.linalg.cholesky(inverse)
    return np.linalg.solve(lower.T, generator.standard_normal((len(inverse), count))).T
