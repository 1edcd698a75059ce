"""Ways in which a surface may differ from the best one: displacements that are quadratic in place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dig_framework.uncertainty.settings import UncertaintySettings

Array = NDArray[np.floating]

TERMS = 10
"""Monomials of degree up to two in three variables."""


def monomials(points: Array, centre: Array, radius: float) -> Array:
    """Return the monomials up to degree two at points (n, 3), shape (n, TERMS); without unit."""
    x, y, z = ((points - centre) / radius).T
    return np.stack([np.ones_like(x), x, y, z, x * x, y * y, z * z, x * y, y * z, z * x], 1)


def prior_precision(settings: UncertaintySettings, radius: float) -> Array:
    """Return the inverse variance of each coefficient, component by component within a monomial, shape (30,) [1/m^2].

    Args:
        settings: Spreads before looking.
        radius: Root mean square distance of the surface from its middle [m].
    """
    spread = np.repeat([settings.place, settings.form, settings.bend], [1, 3, 6]) * radius
    return np.repeat(spread**-2.0, 3)


def rows_of(terms: Array, directions: Array) -> Array:
    """Return how far each point moves along its direction for each coefficient, shape (n, 30)."""
    return (terms[:, :, None] * directions[:, None, :]).reshape(len(terms), -1)


def displacements(terms: Array, coefficients: Array) -> Array:
    """Return where points (n, TERMS) go for coefficients (draws, 30), shape (draws, n, 3) [m]."""
    return np.einsum("nt,dtk->dnk", terms, coefficients.reshape(-1, TERMS, 3))
