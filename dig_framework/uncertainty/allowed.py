"""Keeping displaced surfaces where the image allows them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dig_framework.completion.free_space import FreeSpace, contradictions

Array = NDArray[np.floating]

HALVINGS = 5
"""Of a move into free space, before it is not made."""


def allowed(space: FreeSpace, points: Array, offsets: Array) -> Array:
    """Return displacements (draws, n, 3) of points (n, 3), halved until the image allows where they end.

    A place is allowed if it contradicts the image no more than the point does that goes there.
    """
    least = np.broadcast_to(contradictions(space, np.ascontiguousarray(points)), offsets.shape[:2])
    result = offsets.copy()
    for step in range(HALVINGS + 1):
        ends = np.ascontiguousarray((points + result).reshape(-1, 3))
        wrong = contradictions(space, ends).reshape(offsets.shape[:2]) > least + 1e-6
        result[wrong] *= 0.5 if step < HALVINGS else 0.0
    return result
