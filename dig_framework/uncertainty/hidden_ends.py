"""How far an object may go on behind what hides it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dig_framework.completion.free_space import FreeSpace, contradictions
from dig_framework.uncertainty.settings import UncertaintySettings
from dig_framework.uncertainty.witnesses import covered

Array = NDArray[np.floating]

STEPS = 48
"""Lengths that are tried."""
LEAST_COVERED = 0.2
"""Share of an end's vertices that an occluder would hide if it were a little longer."""
LONGER = 1.12
"""How much longer that is."""


class HiddenEnd(NamedTuple):
    """An end of which only one side of where it may be is known."""

    direction: Array
    """Outward, level, shape (3,)."""
    start: float
    """Place of the opposite end along it [m]."""
    stretches: Array
    """Lengths that are possible, as multiples of the best surface's, shape (n,)."""
    weights: Array
    """How much each is believed; sum to one."""


def hidden_ends(space: FreeSpace, vertices: Array, points: Array, settings: UncertaintySettings) -> list[HiddenEnd]:
    """Return the ends of a surface that an occluder hides, along its two level principal axes.

    Lengths of things are spread evenly over orders of magnitude, and a border at a random place leaves a visible part
    of length v with a density of 1 / length, so that a whole length L above v has density v / L^2. Lengths at which
    the surface contradicts the image are less likely.

    Args:
        space: What the image allows.
        vertices: Of the best surface in the upright frame [m], shape (n, 3).
        points: Visible points in the upright frame [m], shape (m, 3).
        settings: Of spreads.
    """
    found = []
    for axis in _level_axes(vertices):
        for direction in (axis, -axis):
            end = _end(space, vertices, points, direction, settings)
            if end is not None:
                found.append(end)
    return found


def _level_axes(vertices: Array) -> Array:
    """Return the axes of the smallest upright box around vertices, shape (2, 3)."""
    yaws = np.arange(30) * np.pi / 60
    normals = np.stack([np.cos(yaws), np.sin(yaws)], 1)
    along, across = vertices[:, :2] @ normals.T, vertices[:, :2] @ np.stack([-normals[:, 1], normals[:, 0]])
    k = int((np.ptp(along, axis=0) * np.ptp(across, axis=0)).argmin())
    c, s = normals[k]
    return np.array([[c, s, 0.0], [-s, c, 0.0]])


def _end(
    space: FreeSpace, vertices: Array, points: Array, direction: Array, settings: UncertaintySettings
) -> HiddenEnd | None:
    along = vertices @ direction
    start, length = float(along.min()), float(np.ptp(along))
    far = vertices[along > start + 0.85 * length] + (LONGER - 1) * length * direction
    if length < 1e-4 or covered(space, far).mean() < LEAST_COVERED:
        return None
    visible = float(np.clip(np.quantile(points @ direction, 0.99) - start, 0.2 * length, length))
    lengths = np.geomspace(0.95 * visible, max(settings.longest * visible, 1.05 * length), STEPS)
    few = vertices[:: max(1, len(vertices) // 300)]
    shift = (few @ direction - start)[:, None] * direction
    costs = np.array(
        [
            np.minimum(contradictions(space, np.ascontiguousarray(few + (x / length - 1) * shift)), 0.015).mean() / 0.01
            for x in lengths
        ]
    )
    # Evenly spaced logarithms turn the density v / L^2 into 1 / L.
    weights = np.exp((costs.min() - costs) / settings.doubt) / np.maximum(lengths, visible)
    return HiddenEnd(direction, start, lengths / length, weights / weights.sum())
