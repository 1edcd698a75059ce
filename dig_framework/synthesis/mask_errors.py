"""Wrong outlines and boxes, as detectors and segmenters give them."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool

from dig_framework.synthesis.prints import noise

Mask = Bool[np.ndarray, "height width"]
Corners = tuple[float, float, float, float]


def ragged_mask(mask: Mask, error: float, rng: np.random.Generator) -> Mask:
    """Return a mask whose outline is off by a normal error [px], alike over some 12 px of it; never empty.

    Args:
        mask: The true one.
        error: Standard deviation [px].
        rng: Chance.
    """
    import cv2

    if error <= 0 or not mask.any():
        return mask
    bits = mask.astype(np.uint8)
    inside = cv2.distanceTransform(bits, cv2.DIST_L2, 5)
    outside = cv2.distanceTransform(1 - bits, cv2.DIST_L2, 5)
    signed = np.where(mask, inside - 0.5, 0.5 - outside)
    found = signed + error * noise(rng, mask.shape[0], mask.shape[1], 6.0) > 0
    return found if found.any() else mask


def shaken_box(box: Corners, share: float, width: int, height: int, rng: np.random.Generator) -> Corners:
    """Return a box, as left, top, right, bottom [px], each side moved by up to a share of its width or height."""
    left, top, right, bottom = box
    wide, high = right - left, bottom - top
    shift = share * rng.uniform(-1, 1, 4) * [wide, high, wide, high]
    moved = np.array(box) + shift
    left, right = np.clip(np.sort(moved[[0, 2]]), 0, width)
    top, bottom = np.clip(np.sort(moved[[1, 3]]), 0, height)
    return float(left), float(top), float(max(right, left + 1)), float(max(bottom, top + 1))
