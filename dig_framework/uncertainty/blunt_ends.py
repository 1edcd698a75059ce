"""What smoothing takes off the ends of a surface, and what may be beyond those that nobody sees."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dig_framework.uncertainty.settings import UncertaintySettings
from dig_framework.uncertainty.witnesses import Witnesses

Array = NDArray[np.floating]

PART = 0.3
"""Share of an extent that is drawn out with its end."""
LAST = 0.1
"""Share of an extent that counts as its end."""


class BluntEnd(NamedTuple):
    """One end of a surface along an axis of its frame."""

    direction: Array
    """Outward, shape (3,)."""
    begin: float
    """Place along it from which on the surface is drawn out [m]."""
    length: float
    """From there to the end [m]."""
    spread: float
    """Scale of how far the end may be beyond; half normal [m]."""

    def shares(self, points: Array) -> Array:
        """Return how much of the end's move each point (n, 3) makes, from 0 to 1 without a kink."""
        along = np.clip((points @ self.direction - self.begin) / self.length, 0.0, 1.0)
        return along * along * (3 - 2 * along)


def blunt_ends(vertices: Array, axes: Array, found: Witnesses, settings: UncertaintySettings) -> list[BluntEnd]:
    """Return the two ends along each axis (columns, 3 x 3) of a surface (n, 3), by what is seen of them.

    Corners and edges of the true surface lie outside a smoothed one, never inside, so that ends move outward only.
    """
    known = found.seen | found.outline | found.standing
    ends = []
    for axis in axes.T:
        for direction in (axis, -axis):
            along = vertices @ direction
            extent = max(float(np.ptp(along)), 1e-4)
            last = along > along.max() - LAST * extent
            share = settings.rounding + settings.unseen * (1 - float(known[last].mean()))
            ends.append(BluntEnd(direction, float(along.max()) - PART * extent, PART * extent, share * extent))
    return ends
