"""Mirrors and rotations of the upright frame, as 3 x 4 transforms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def mirrors(normals: Array, offsets: Array) -> Array:
    """Return the reflections in the planes normal . x = offset, for (k, 3) unit normals and (k,) offsets [m]."""
    linear = np.eye(3) - 2 * normals[:, :, None] * normals[:, None, :]
    return np.concatenate([linear, 2 * (offsets[:, None] * normals)[:, :, None]], 2)


def upright_normals(yaws: Array) -> Array:
    """Return the unit normals (k, 3) of vertical planes at yaw angles [rad]."""
    return np.stack([np.cos(yaws), np.sin(yaws), np.zeros_like(yaws)], -1)


def turns(centres: Array, angles: Array) -> Array:
    """Return all rotations about vertical axes through (k, 2) centres [m] by (m,) angles [rad], shape (k, m, 3, 4)."""
    cosine, sine = np.cos(angles), np.sin(angles)
    result = np.zeros((len(centres), len(angles), 3, 4))
    result[..., 0, 0] = result[..., 1, 1] = cosine
    result[..., 1, 0], result[..., 0, 1] = sine, -sine
    result[..., 2, 2] = 1
    turned = np.einsum("...ij,kj->k...i", result[0, :, :2, :2], centres)
    result[..., :2, 3] = centres[:, None] - turned
    return result


def composed(after: Array, before: Array) -> Array:
    """Return the 3 x 4 transform that does `before` first."""
    linear = after[:, :3] @ before
    linear[:, 3] += after[:, 3]
    return linear


def moved(transform: Array, points: Array) -> Array:
    """Return points (n, 3) under one 3 x 4 transform [m]."""
    return points @ transform[:, :3].T + transform[:, 3]
