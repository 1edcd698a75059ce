"""Surfaces that may be instead of the best one, as numbers."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from dig_framework.uncertainty.blunt_ends import BluntEnd, blunt_ends
from dig_framework.uncertainty.displacement import displacements, monomials
from dig_framework.uncertainty.hidden_ends import HiddenEnd
from dig_framework.uncertainty.laplace import drawn, precision
from dig_framework.uncertainty.settings import UncertaintySettings
from dig_framework.uncertainty.surface import Surface
from dig_framework.uncertainty.witnesses import Witnesses

Array = NDArray[np.floating]

INWARD = 0.3
"""How much less the end of a surface may be too far out than too far in."""


@dataclasses.dataclass(frozen=True)
class Draws:
    """Displacements as numbers: of whole fields, and by how much each hidden end is drawn out."""

    surface: Surface
    coefficients: Array
    """Of quadratic displacements, shape (draws, 30) [m]."""
    ends: list[HiddenEnd]
    stretches: Array
    """Shape (draws, ends)."""
    blunt: list[BluntEnd]
    moves: Array
    """Of blunt ends [m], shape (draws, 6)."""

    @classmethod
    def of(
        cls,
        surface: Surface,
        found: Witnesses,
        ends: list[HiddenEnd],
        settings: UncertaintySettings,
        generator: np.random.Generator,
    ) -> Draws:
        """Return draws around a surface, given what pins it down and its hidden ends."""
        terms = monomials(surface.vertices, surface.centre, surface.radius)
        up = np.array([0.0, 0.0, 1.0])
        inverse = precision(terms, surface.normals, surface.areas, found, settings, surface.radius, up)
        coefficients = drawn(inverse, settings.draws, generator)
        even = (np.arange(settings.draws) + 0.5) / settings.draws
        stretches = [
            np.interp(generator.permutation(even), np.cumsum(end.weights) - end.weights / 2, end.stretches)
            for end in ends
        ]
        blunt = blunt_ends(surface.vertices, surface.upright_from_object, found, settings)
        moves = generator.standard_normal((settings.draws, len(blunt)))
        moves = np.where(moves > 0, moves, INWARD * moves) * [end.spread for end in blunt]
        stretched = np.reshape(stretches, (len(ends), settings.draws)).T
        return cls(surface, coefficients, ends, stretched, blunt, moves)

    def seen(self, points: Array) -> Array:
        """Return where points (n, 3) go without what is added at hidden ends, shape (draws, n, 3) [m]."""
        result = displacements(monomials(points, self.surface.centre, self.surface.radius), self.coefficients)
        for k, blunt in enumerate(self.blunt):
            result += (self.moves[:, k][:, None] * blunt.shares(points))[..., None] * blunt.direction
        return result

    def whole(self, points: Array) -> Array:
        """Return where points (n, 3) of the surface go, shape (draws, n, 3) [m]."""
        result = self.seen(points)
        for k, end in enumerate(self.ends):
            along = points @ end.direction - end.start
            result += ((self.stretches[:, k] - 1)[:, None] * along)[..., None] * end.direction
        return result

    def some(self, chosen: NDArray[np.integer] | slice) -> Draws:
        """Return some of the draws."""
        return dataclasses.replace(
            self,
            coefficients=self.coefficients[chosen],
            stretches=self.stretches[chosen],
            moves=self.moves[chosen],
        )

    @property
    def yaws(self) -> Array:
        """Turn of each draw about upright [rad]."""
        linear = self.coefficients.reshape(-1, 10, 3)
        return (linear[:, 1, 1] - linear[:, 2, 0]) / (2 * self.surface.radius)
