"""What a stereo depth camera of the D4xx kind makes of an exact depth map."""

from __future__ import annotations

import cv2
import numpy as np

Array = np.ndarray

BASELINE = 0.05
"""Distance between the two imagers [m]."""


def measured_depth(depth: Array, focal: float, rng: np.random.Generator) -> Array:
    """Return sensor depth [m] of exact depth [m]: axial noise, stereo shadow, ragged edges and holes; 0 is none."""
    sigma = 0.0012 + 0.0019 * (depth - 0.4) ** 2
    noisy = depth + sigma * rng.standard_normal(depth.shape)
    lost = stereo_shadow(depth, focal) | ragged_edges(depth, rng) | holes(depth.shape, rng) | (depth <= 0)
    return np.where(lost, 0.0, noisy)


def stereo_shadow(depth: Array, focal: float) -> Array:
    """Return which pixels the second imager, to the right of the first, cannot see."""
    columns = np.arange(depth.shape[1])
    seen_at = columns - focal * BASELINE / np.maximum(depth, 1e-3)
    nearest = np.minimum.accumulate(seen_at[:, ::-1], axis=1)[:, ::-1]
    return np.concatenate([nearest[:, 1:] < seen_at[:, :-1], np.zeros((len(depth), 1), bool)], 1)


def ragged_edges(depth: Array, rng: np.random.Generator, jump: float = 0.015, chance: float = 0.5) -> Array:
    """Return a random half of the pixels within two pixels of a depth jump [m]."""
    kernel = np.ones((3, 3), np.uint8)
    near = cv2.dilate(depth, kernel) - cv2.erode(depth, kernel) > jump
    band = cv2.dilate(near.astype(np.uint8), kernel) > 0
    return band & (rng.random(depth.shape) < chance)


def holes(shape: tuple[int, ...], rng: np.random.Generator, share: float = 0.004) -> Array:
    """Return smooth random spots that cover the given share of the image."""
    field = cv2.GaussianBlur(rng.standard_normal(shape), (0, 0), 3)
    return field > np.quantile(field, 1 - share)
