"""Evenly spread points, in a pixel and on a light."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

_GOLDEN = (math.sqrt(5) - 1) / 2


def pixel_points(count: int) -> Float[np.ndarray, "count 2"]:
    """Return places in a pixel, from its centre [px]: a lattice by the golden ratio, balanced about the centre."""
    steps = np.arange(count) + 0.5
    points = np.stack([steps / count, (_GOLDEN * steps) % 1.0], 1)
    return points - points.mean(0)


def scattered_points(count: int, shape: tuple[int, int], seed: int) -> Float[np.ndarray, "count height width 2"]:
    """Return places in each pixel of an image, from its centre [px]: the lattice, moved about at random in each."""
    steps = np.arange(count) + 0.5
    lattice = np.stack([steps / count, _GOLDEN * steps], 1)[:, None, None]
    return (lattice + np.random.default_rng(seed).random((*shape, 2))) % 1.0 - 0.5


def glow_points(count: int, seed: int) -> Float[np.ndarray, "count 3"]:
    """Return points of a ball of radius 1 that look like an evenly bright disc from every side, in random order.

    Their density is proportional to 1 / sqrt(1 - r^2), the only one whose projection is constant on the disc; so does
    a glowing sphere look from afar.
    """
    steps = np.arange(count) + 0.5
    radii = np.linspace(0.0, 1.0, 1025)
    within = 2 / math.pi * (np.arcsin(radii) - radii * np.sqrt(1 - radii**2))
    around, height = 2 * math.pi * _GOLDEN * steps, 1 - 2 * steps / count
    across = np.sqrt(1 - height**2)
    directions = np.stack([across * np.cos(around), across * np.sin(around), height], 1)
    random = np.random.default_rng(seed)
    return random.permutation(directions * np.interp(random.permutation(steps) / count, within, radii)[:, None])
