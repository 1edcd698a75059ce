"""How much of their volume two solids share."""

from __future__ import annotations

import numpy as np

from dig_framework.metrics.solid_grid import enclosed_cells
from dig_framework.metrics.surface import Surface

CELLS = 64
"""Points along each side of the grid."""


def volume_iou(truth: Surface, guess: Surface, cells: int = CELLS) -> float:
    """Return the intersection over union of two solids, on `cells` cubed points over their common bounds.

    A point is inside where the winding number exceeds one half, which closes holes; a surface that is turned inside
    out encloses nothing. Zero if neither encloses a point.
    """
    low = np.minimum(truth.vertices.min(0), guess.vertices.min(0))
    high = np.maximum(truth.vertices.max(0), guess.vertices.max(0))
    first, second = (enclosed_cells(item, low, high, cells) for item in (truth, guess))
    union = np.count_nonzero(first | second)
    return float(np.count_nonzero(first & second) / union) if union else 0.0
