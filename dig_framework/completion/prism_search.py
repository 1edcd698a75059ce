"""The prism on the table that explains the visible points of an object best."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dig_framework.completion.free_space import FreeSpace, contradictions
from dig_framework.completion.prism import Prism, prism_distance, prism_surface, surface_pattern
from dig_framework.kernel import kernel

Array = NDArray[np.floating]

YAWS = 4
"""Starts of the search in a quarter turn."""
COARSE, FINE = 5, 8
"""Densities of the surface points that must not be in free space, in the search and at its end."""
FEW = 90
"""Visible points that the search looks at."""
LEAST = 0.002
"""Least half extent [m]."""
LONGEST = 2.2
"""Largest believed ratio of an extent to its visible part."""
STEP = 0.001
"""Between the places of an end that are tried [m]."""
TEMPERATURE = 0.01
"""Difference of cost that makes a place of an end e times less likely."""
SIMPLICITY = 0.03
"""By how much a prism must cost less than a cylinder to be preferred."""
WIDE, NARROW = 4.0, 1.0
"""Tolerances of the search and of its end, as multiples of the given one."""
STEPS = np.array([math.radians(12), 0.01, 0.01, 0.01, 0.01, 0.005, 0.25, 0.05, 0.05])
"""First steps of the search: yaw [rad], five sides [m], rounding, and both leans."""

ANY, ROUND = 0, 1
STANDING, LYING = 0, 1


class Sought(NamedTuple):
    """What prisms are compared with, as a compiled function takes it."""

    space: FreeSpace
    points: Array
    """Visible points in the upright frame [m], shape (n, 3)."""
    pattern: Array
    """Of surface points, shape (m, 4)."""


class Family(NamedTuple):
    """Prisms of one kind."""

    lying: int
    round: int
    """Whether the section is a circle."""


@dataclasses.dataclass(frozen=True)
class PrismFit:
    """A prism and how well it explains an image."""

    prism: Prism
    explained: float
    """Share of visible points within twice the tolerance of its surface."""
    violation: float
    """Mean contradiction of its surface with the image, 1 for 10 mm."""
    cost: float
    hidden: float
    """Largest relative growth of an extent behind an occluder."""


def best_prism(space: FreeSpace, points: Array, tolerance: float) -> PrismFit:
    """Return the prism on the floor that explains visible points (n, 3) best, from several starts.

    Args:
        space: What the image allows; its floor must be finite.
        points: In the upright frame [m].
        tolerance: Distance at which a point counts half [m].
    """
    sought = Sought(space, np.ascontiguousarray(points), surface_pattern(FINE))
    rough = Sought(space, np.ascontiguousarray(points[:: max(1, len(points) // FEW)]), surface_pattern(COARSE))
    found = []
    for family in (Family(a, b) for a in (STANDING, LYING) for b in (ANY, ROUND)):
        coarse = [descended(rough, start, family, STEPS, WIDE * tolerance) for start in _starts(points, space, family)]
        best = sorted(coarse, key=lambda item: item[0])[:2]
        fine = [descended(sought, sides, family, 0.4 * STEPS, NARROW * tolerance) for _, sides in best]
        cost, sides = min(fine, key=lambda item: item[0])
        found.append((cost - SIMPLICITY * family.round, sides, family))
    _, sides, family = min(found, key=lambda item: item[0])
    return fit_of(sought, sides, family, tolerance)


def fit_of(sought: Sought, sides: Array, family: Family, tolerance: float) -> PrismFit:
    """Return how well the prism between some sides explains the points and the image, its hidden ends believed."""
    whole = with_hidden_ends(sought, sides, family, tolerance)
    visible, numbers = (prism_between(each, sought.space.floor, family) for each in (sides, whole))
    prism = Prism.of_numbers(numbers)
    explained = float((np.abs(prism.distance(sought.points)) < 2 * tolerance).mean())
    wrong = contradictions(sought.space, prism_surface(numbers, sought.pattern))
    cost = float(prism_cost(sought, numbers, tolerance))
    growth = float((numbers[12:14] / visible[12:14]).max() - 1)
    return PrismFit(prism, explained, float(np.minimum(wrong, 0.015).mean() / 0.01), cost, growth)


def with_hidden_ends(sought: Sought, sides: Array, family: Family, tolerance: float) -> Array:
    """Return the sides with each upright one at the median of where it may be, given that the others are right.

    Of an object whose end an occluder hides, the visible part is the same however long it is. Lengths of things are
    spread evenly over orders of magnitude, and a border at a random place leaves a visible part of length v with a
    density of 1 / length, so that a whole length L above v has density v / L^2.
    """
    sides = sides.copy()
    for side in (1, 2, 3, 4):
        if family.round and not (family.lying and side < 3):
            continue
        other = side + 1 if side % 2 else side - 1
        outward = 1 if side % 2 == 0 else -1
        visible = outward * (sides[side] - sides[other])
        if visible < 2 * LEAST:
            continue
        lengths = np.arange(0.9 * visible, LONGEST * visible, STEP)
        costs = end_costs(sought, sides, family, side, sides[other] + outward * lengths, tolerance)
        weight = np.exp((costs.min() - costs) / TEMPERATURE) / np.maximum(lengths, visible) ** 2
        total = np.cumsum(weight)
        sides[side] = sides[other] + outward * lengths[np.searchsorted(total, total[-1] / 2)]
    return sides


def _starts(points: Array, space: FreeSpace, family: Family) -> Iterator[Array]:
    """Yield the sides of prisms around all points (n, 3) in several directions."""
    turns = 1 if family.round and not family.lying else YAWS * (1 + family.lying)
    for k in range(turns):
        yaw = k * math.pi / 2 / YAWS
        c, s = math.cos(yaw), math.sin(yaw)
        middle = (points.min(0) + points.max(0)) / 2
        turned = (points - middle) @ np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
        low, high = np.quantile(turned, 0.01, 0), np.quantile(turned, 0.99, 0)
        height = high[2] + middle[2] - space.floor
        for rounding in (0.95,) if family.round else (0.05, 0.8):
            yield np.array([yaw, low[0], high[0], low[1], high[1], height, rounding, 0.0, 0.0, *middle[:2]])


@kernel
def prism_between(sides, floor, family):  # noqa: ANN001, ANN201
    """Return the numbers of the prism between sides (11,).

    The sides are the yaw, the places of four upright ones from a point, the height, the rounding, how much it leans
    along its first and second axis, and the point.
    """
    result = np.empty(17)
    c, s = math.cos(sides[0]), math.sin(sides[0])
    a, b = sides[7], sides[8]
    third = np.array([c * a - s * b, s * a + c * b, 1.0])
    third /= math.sqrt((third**2).sum())
    second = np.array([-s, c, 0.0])
    second -= (second * third).sum() * third
    second /= math.sqrt((second**2).sum())
    result[0], result[3], result[6] = (
        second[1] * third[2] - second[2] * third[1],
        second[2] * third[0] - second[0] * third[2],
        second[0] * third[1] - second[1] * third[0],
    )
    result[1], result[4], result[7] = second
    result[2], result[5], result[8] = third
    x, y = (sides[1] + sides[2]) / 2, (sides[3] + sides[4]) / 2
    result[9] = c * x - s * y + sides[9]
    result[10] = s * x + c * y + sides[10]
    result[11] = floor + sides[5] / 2
    result[12] = max((sides[2] - sides[1]) / 2, LEAST)
    result[13] = max((sides[4] - sides[3]) / 2, LEAST)
    result[14] = max(sides[5] / 2, LEAST)
    result[15] = min(max(sides[6], 0.0), 1.0)
    result[16] = family.lying
    if family.round > 0:
        mean = (result[12] + result[13]) / 2 if family.lying == 0 else (result[13] + result[14]) / 2
        result[13], result[15] = mean, 1.0
        if family.lying == 0:
            result[12] = mean
        else:
            result[14], result[11] = mean, floor + mean
    return result


@kernel
def prism_cost(sought, prism, tolerance):  # noqa: ANN001, ANN201
    """Return a robust mean of visible points' squared distances, and the mean contradiction of the surface.

    Points that are far count one (Geman and McClure 1987), and a contradiction of 10 mm does.
    """
    far = 0.0
    for n in range(len(sought.points)):
        p = sought.points[n]
        ratio = (prism_distance(prism, p[0], p[1], p[2]) / tolerance) ** 2
        far += ratio / (1 + ratio)
    wrong = contradictions(sought.space, prism_surface(prism, sought.pattern))
    contradicted = 0.0
    for n in range(len(wrong)):
        contradicted += min(wrong[n], 0.02) / 0.01
    return far / len(sought.points) + contradicted / len(wrong)


@kernel
def end_costs(sought, sides, family, side, places, tolerance):  # noqa: ANN001, ANN201
    """Return the cost with one side at each of several places."""
    sides, result = sides.copy(), np.empty(len(places))
    for n in range(len(places)):
        sides[side] = places[n]
        result[n] = prism_cost(sought, prism_between(sides, sought.space.floor, family), tolerance)
    return result


@kernel
def descended(sought, sides, family, steps, tolerance):  # noqa: ANN001, ANN201
    """Return the cost and the sides of the prism reached by steps along single sides, which halve where none helps."""
    sides, steps = sides.copy(), steps.copy()
    best = prism_cost(sought, prism_between(sides, sought.space.floor, family), tolerance)
    for _ in range(80):
        improved = False
        for k in range(len(steps)):
            before = sides[k]
            for sign in (1, -1):
                sides[k] = before + sign * steps[k]
                cost = prism_cost(sought, prism_between(sides, sought.space.floor, family), tolerance)
                if cost < best:
                    best, improved = cost, True
                    break
                sides[k] = before
        if not improved:
            steps /= 2
            if steps[1] < 0.0004:
                break
    return best, sides
