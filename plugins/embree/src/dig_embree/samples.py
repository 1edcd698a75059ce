"""Places in pixels."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

_GOLDEN = (math.sqrt(5) - 1) / 2


def pixel_places(count: int) -> Float[np.ndarray, "count 2"]:
    """Return places in a pixel, from its centre [px], balanced about it; the centre itself for one."""
    steps = np.arange(count) + 0.5
    places = np.stack([steps / count, (_GOLDEN * steps) % 1.0], 1)
    return places - places.mean(0)
