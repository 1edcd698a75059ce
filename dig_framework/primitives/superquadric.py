"""Superquadrics: boxes, cylinders, ellipsoids and octahedra in one family."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from dig_framework.icosphere import icosphere
from dig_framework.mesh import Mesh

Array = NDArray[np.floating]

_TINY = 1e-12


class SuperquadricFit(NamedTuple):
    """A superquadric with a pose (Barr, IEEE CG&A 1981).

    With semi-axes a and exponents e, its surface is where F = 1,

    F(x, y, z) = ((x / a_1)^(2 / e_2) + (y / a_2)^(2 / e_2))^(e_2 / e_1) + (z / a_3)^(2 / e_1).
    """

    exponents: Array
    """e_1 and e_2: near 0 for edges, 1 for round, 2 for facets, shape (2,)."""
    axes: Array
    """Semi-axes [m], shape (3,)."""
    rotation: Array
    """Axes as columns, shape (3, 3)."""
    centre: Array
    """Shape (3,) [m]."""

    def residuals(self, points: Array) -> Array:
        """Return the signed radial distance of points (n, 3) to the surface [m], positive outside.

        It is the length of p times 1 - F(p)^(-e_1 / 2) for points p in the own frame (Gross and Boult, ICCV 1988).
        """
        local = (points - self.centre) @ self.rotation
        return np.linalg.norm(local, axis=1) * (1 - _radius(local / self.axes, self.exponents))


def superquadric(axes: Float[Tensor, "3"], exponents: Float[Tensor, "2"], subdivisions: int = 4) -> Mesh:
    """Return the closed mesh of a superquadric in its own frame, differentiable in semi-axes [m] and exponents.

    The vertices of an icosphere of 20 * 4^subdivisions faces are moved along their radii, in units of the semi-axes.
    """
    sphere = icosphere(subdivisions, axes.dtype).to(axes.device)
    direction = sphere.vertices
    first, second = exponents.unbind()
    powers = (direction.square() + _TINY).unbind(-1)
    flat = powers[0] ** (1 / second) + powers[1] ** (1 / second)
    level = flat ** (second / first) + powers[2] ** (1 / first)
    return sphere.replace(vertices=direction * (level ** (-first / 2))[:, None] * axes)


def _radius(unit: Array, exponents: Array) -> Array:
    """Return by what points in units of the semi-axes must be multiplied to lie on the surface."""
    first, second = exponents
    powers = unit**2 + _TINY
    # Of the largest power nothing overflows, however small the exponents are.
    largest = powers.max(1)
    x, y, z = (powers / largest[:, None]).T
    level = (x ** (1 / second) + y ** (1 / second)) ** (second / first) + z ** (1 / first)
    return level ** (-first / 2) / np.sqrt(largest)
