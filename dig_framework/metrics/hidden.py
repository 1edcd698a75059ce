"""Which part of a surface the camera can see."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float64

from dig_framework.errors import InputError
from dig_framework.metrics.sight_lines import highest_below
from dig_framework.metrics.surface import Surface

_TOLERANCE = 0.002


def seen_from_camera(
    points: Float64[np.ndarray, "points 3"], surfaces: Sequence[Surface], tolerance: float = _TOLERANCE
) -> Bool[np.ndarray, "points"]:
    """Return to which points of a surface a ray from the camera's centre comes before it meets anything else.

    The image's edges hide nothing.

    Args:
        points: On one of the surfaces, in the camera's frame [m].
        surfaces: What may hide them: the object itself and, if wanted, others.
        tolerance: A point this little behind what a ray meets first is seen too [m].

    Raises:
        InputError: If a surface reaches behind the camera.
    """
    vertices = np.concatenate([item.vertices[item.faces].reshape(-1, 3, 3) for item in surfaces])
    turn = _towards(vertices.reshape(-1, 3).mean(0))
    corners, targets = vertices @ turn.T, points @ turn.T
    if not (corners[..., 2] > 0).all() or not (targets[:, 2] > 0).all():
        raise InputError("a surface reaches behind the camera, so what is seen of it is undefined; check its pose.")
    inverse = 1 / corners[..., 2]
    flat, at = corners[..., :2] * inverse[..., None], targets[:, :2] / targets[:, 2:]
    nearest = highest_below(flat, inverse, at, np.full(len(at), np.inf))
    distance = np.linalg.norm(targets, axis=1)
    # The inverse of depth is linear in the image; depth and distance along a ray are proportional.
    met = distance / np.maximum(nearest * targets[:, 2], 1e-30)
    return met > distance - tolerance


def hidden_completeness(to_guess: Float64[np.ndarray, "samples"], seen: Bool[np.ndarray, "samples"]) -> float | None:
    """Return completeness over what cannot be seen [m]; None where all of it is seen."""
    return float(to_guess[~seen].mean()) if not seen.all() else None


def visible_completeness(to_guess: Float64[np.ndarray, "samples"], seen: Bool[np.ndarray, "samples"]) -> float | None:
    """Return completeness over what can be seen [m]; None where nothing of it is seen."""
    return float(to_guess[seen].mean()) if seen.any() else None


def _towards(center: np.ndarray) -> np.ndarray:
    """Return the rotation of the camera that looks at a point."""
    z = center / np.linalg.norm(center)
    x = np.cross([0.0, 1.0, 0.0] if abs(z[1]) < 0.9 else [1.0, 0.0, 0.0], z)
    x /= np.linalg.norm(x)
    return np.stack([x, np.cross(z, x), z])
