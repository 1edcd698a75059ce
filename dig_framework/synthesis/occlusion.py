"""A thing put between the camera and another."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from dig_framework.synthesis.photograph import Studio
from dig_framework.synthesis.placed import Placed
from dig_framework.synthesis.viewpoint import Viewpoint

HIDDEN = 0.4
"""Share of the target's pixels that an occluder hides."""
_TOLERANCE = 0.03
_COARSE = 0.25
"""Size of the images on which an occluder is placed, as a share of the whole."""


def occluded(target: Placed, other: Placed, view: Viewpoint, studio: Studio, rng: np.random.Generator) -> Placed | None:
    """Return the other thing where it hides 40 % of the target, without touching it; None if it cannot.

    It stands before the target, seen from the camera, and is moved aside until it hides neither more nor less.
    """
    camera = -view.camera_from_table[:3, :3].T @ view.camera_from_table[:3, 3]
    forward = camera[:2] / np.linalg.norm(camera[:2])
    aside = np.array([-forward[1], forward[0]]) * rng.choice([-1.0, 1.0])
    reach = float((target.points()[:, :2] @ forward).max() - (other.points()[:, :2] @ forward).min())
    distance = reach + float(rng.uniform(0.006, 0.05))
    small = Viewpoint(view.camera.scaled(_COARSE), view.camera_from_table)
    whole = studio.silhouette(target, small)

    def placed(offset: float) -> Placed:
        return other.moved((*(distance * forward + offset * aside), 0.0))

    def hidden(offset: float) -> float:
        in_front = studio.silhouette(placed(offset), small)
        return float((whole & in_front).sum() / max(int(whole.sum()), 1))

    if not whole.any() or hidden(0.0) < HIDDEN:
        return None
    low, high = 0.0, 0.3
    for _ in range(9):
        middle = (low + high) / 2
        low, high = (middle, high) if hidden(middle) > HIDDEN else (low, middle)
    found = placed((low + high) / 2)
    return found if _hides_right(target, found, view, studio) and view.sees(target.points(), 2.0) else None


def _hides_right(target: Placed, occluder: Placed, view: Viewpoint, studio: Studio) -> bool:
    alone = studio.silhouette(target, view)
    seen: Float[np.ndarray, "height width"] = studio.exact([target, occluder], None, view).owner == 0
    return abs(1 - float(seen.sum() / alone.sum()) - HIDDEN) < _TOLERANCE
