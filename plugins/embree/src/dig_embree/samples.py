"""Places in pixels, on lamps and on the sky, from seeds."""

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


def turned_lattice(
    number: int, count: int, rays: int, random: np.random.Generator
) -> tuple[Float[np.ndarray, "rays"], Float[np.ndarray, "rays"]]:
    """Return point `number` of `count` in the unit square, for each ray; a lattice that each ray shifts by chance."""
    shift = random.random((2, rays), dtype=np.float32)
    return ((number + 0.5) / count + shift[0]) % 1.0, (_GOLDEN * (number + 0.5) + shift[1]) % 1.0


def ball_places(first: Float[np.ndarray, "rays"], second: Float[np.ndarray, "rays"]) -> Float[np.ndarray, "rays 3"]:
    """Return points of the unit sphere from points of the unit square, evenly spread."""
    height, around = 1 - 2 * first, 2 * math.pi * second
    across = np.sqrt(np.maximum(0.0, 1 - height**2))
    return np.stack([across * np.cos(around), across * np.sin(around), height], 1)


def cosine_directions(
    normals: Float[np.ndarray, "rays 3"], first: Float[np.ndarray, "rays"], second: Float[np.ndarray, "rays"]
) -> Float[np.ndarray, "rays 3"]:
    """Return directions about unit normals, as dense as the cosine to them: a normal plus a point of the sphere."""
    directions = normals + 0.9999 * ball_places(first, second)
    return directions / np.linalg.norm(directions, axis=1, keepdims=True)
