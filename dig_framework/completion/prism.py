"""Prisms with rounded rectangular sections: boxes, cans that stand or lie, and what is between them."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from numpy.typing import NDArray

from dig_framework.kernel import kernel

Array = NDArray[np.floating]


@dataclasses.dataclass(frozen=True)
class Prism:
    """A rectangle with rounded corners, drawn out along a straight line, in the upright frame.

    Without rounding it is a box; with the section's half width as radius a cylinder.
    """

    axes: Array
    """Its three axes as columns of a rotation, the third one about upright, shape (3, 3)."""
    centre: Array
    """[m], shape (3,)."""
    half: Array
    """Half extents along the axes [m], shape (3,)."""
    rounding: float
    """Radius of the section's corners, as a share of its smaller half width, in [0, 1]."""
    lying: bool
    """Whether it is drawn out along its first axis instead of the third."""

    @property
    def numbers(self) -> Array:
        """Everything as a compiled function takes it, shape (17,)."""
        return np.array([*self.axes.ravel(), *self.centre, *self.half, self.rounding, float(self.lying)])

    @classmethod
    def of_numbers(cls, numbers: Array) -> Prism:
        """Return the prism of some `numbers`."""
        return cls(numbers[:9].reshape(3, 3), numbers[9:12], numbers[12:15], float(numbers[15]), bool(numbers[16]))

    @property
    def radius(self) -> float:
        """Radius of the section's corners [m]."""
        return self.rounding * float(min(self.half[1], self.half[2 if self.lying else 0]))

    def distance(self, points: Array) -> Array:
        """Return the signed distance of points (n, 3) in the upright frame, positive outside [m]."""
        return prism_distances(self.numbers, np.ascontiguousarray(points))

    def surface(self, count: int) -> Array:
        """Return some 6 ``count * count`` points (n, 3) all over the surface, in the upright frame [m]."""
        return prism_surface(self.numbers, surface_pattern(count))


@kernel
def prism_distance(prism, x, y, z):  # noqa: ANN001, ANN201
    """Return the signed distance of a point to the prism of some `numbers`, positive outside [m]."""
    x, y, z = x - prism[9], y - prism[10], z - prism[11]
    first = abs(prism[0] * x + prism[3] * y + prism[6] * z)
    second = abs(prism[1] * x + prism[4] * y + prism[7] * z)
    third = abs(prism[2] * x + prism[5] * y + prism[8] * z)
    width, depth, length = prism[12], prism[13], prism[14]
    if prism[16] > 0:
        first, third, width, length = third, first, length, width
    radius = prism[15] * min(width, depth)
    a, b = first - width + radius, second - depth + radius
    across = min(max(a, b), 0.0) + math.sqrt(max(a, 0.0) ** 2 + max(b, 0.0) ** 2) - radius
    along = third - length
    return min(max(across, along), 0.0) + math.sqrt(max(across, 0.0) ** 2 + max(along, 0.0) ** 2)


@kernel
def prism_distances(prism, points):  # noqa: ANN001, ANN201
    """Return the signed distance of points (n, 3) to the prism of some `numbers`, positive outside [m]."""
    result = np.empty(len(points))
    for n in range(len(points)):
        result[n] = prism_distance(prism, points[n, 0], points[n, 1], points[n, 2])
    return result


@kernel
def prism_surface(prism, pattern):  # noqa: ANN001, ANN201
    """Return where the points of a pattern (n, 4) lie on the surface of a prism, in the upright frame [m]."""
    result = np.empty((len(pattern), 3))
    width, depth, length = prism[12], prism[13], prism[14]
    if prism[16] > 0:
        width, length = length, width
    radius = prism[15] * min(width, depth)
    for n in range(len(pattern)):
        x, y = pattern[n, 0] * width, pattern[n, 1] * depth
        core_x, core_y = min(max(x, radius - width), width - radius), min(max(y, radius - depth), depth - radius)
        beyond = max(math.sqrt((x - core_x) ** 2 + (y - core_y) ** 2), 1e-12)
        x = (core_x + radius * (x - core_x) / beyond) * pattern[n, 2]
        y = (core_y + radius * (y - core_y) / beyond) * pattern[n, 2]
        z = pattern[n, 3] * length
        if prism[16] > 0:
            x, z = z, x
        for k in range(3):
            result[n, k] = prism[3 * k] * x + prism[3 * k + 1] * y + prism[3 * k + 2] * z + prism[9 + k]
    return result


def surface_pattern(count: int) -> Array:
    """Return where surface points lie on any prism, shape (n, 4).

    The rows are a point on the rim of the square from -1 to 1, the share of it that is taken towards the middle, and
    the place between both ends, -1 to 1.
    """
    turn = 4 * (np.arange(4 * count) + 0.5) / (4 * count)
    side, along = turn.astype(int), 2 * (turn % 1) - 1
    one = np.ones_like(along)
    rim = np.stack([np.choose(side, [along, one, -along, -one]), np.choose(side, [-one, along, one, -along])], 1)
    heights = np.linspace(-1, 1, count)
    wall = [np.tile(rim, (count, 1)), np.ones((len(rim) * count, 1)), np.repeat(heights, len(rim))[:, None]]
    shares = np.repeat((np.arange(count // 2) + 0.5) / (count // 2), len(rim[::2]))[:, None]
    cap = np.concatenate([np.tile(rim[::2], (count // 2, 1)), shares], 1)
    ends = [np.concatenate([cap, np.full((len(cap), 1), end)], 1) for end in (-1.0, 1.0)]
    return np.concatenate([np.concatenate(wall, 1), *ends])
