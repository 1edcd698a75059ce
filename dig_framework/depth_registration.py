"""Depth of one camera as another camera sees it."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.camera import Camera

_SAME_SURFACE = 0.03
"""Neighbouring depths that differ by more than this share of their distance belong to different surfaces."""


def registered_depth(
    depth: Float[Tensor, "rows columns"],
    depth_camera: Camera,
    color_camera: Camera,
    color_from_depth: Float[Tensor, "4 4"],
) -> Float[Tensor, "height width"]:
    """Return the depth map [m] that the colour camera would have measured; zero where nothing is known.

    Every measured pixel is splatted as a small rectangle with a z-buffer, so that magnification leaves no holes and
    near hides far. Each hit is then traced back into the measured map, where depth is interpolated within a surface and
    hits beyond its silhouette are dropped. Not differentiable.

    Args:
        depth: As measured, in the depth camera [m].
        depth_camera: Intrinsics of the measured map.
        color_camera: Intrinsics and size of the result.
        color_from_depth: Rigid transform from the depth camera's frame to the colour camera's [m].
    """
    transform = color_from_depth.double().numpy()
    source = depth.double().numpy()
    splatted = _splatted(source, depth_camera, color_camera, transform)
    return torch.from_numpy(_refined(splatted, source, depth_camera, color_camera, transform)).to(depth)


def _splatted(source: np.ndarray, depth_camera: Camera, color_camera: Camera, transform: np.ndarray) -> np.ndarray:
    v, u = np.nonzero(source > 0)
    points = _points(u, v, source[v, u], depth_camera) @ transform[:3, :3].T + transform[:3, 3]
    ahead = points[:, 2] > 1e-6
    points, z_source = points[ahead], source[v, u][ahead]
    k, k_depth = color_camera.intrinsics.double().numpy(), depth_camera.intrinsics.double().numpy()
    pixels = (points @ k.T)[:, :2] / points[:, 2:]
    # Half a source pixel, magnified, plus a margin for surfaces that lean; the refinement trims what is too much.
    half = 0.5 * np.diag(k)[:2] / np.diag(k_depth)[:2] * (z_source / points[:, 2])[:, None] + 0.5
    result = np.full((color_camera.height, color_camera.width), np.inf)
    _nearest_into(result, np.ceil(pixels - half).astype(int), np.floor(pixels + half).astype(int), points[:, 2])
    return np.where(np.isfinite(result), result, 0.0)


def _nearest_into(result: np.ndarray, low: np.ndarray, high: np.ndarray, z: np.ndarray) -> None:
    height, width = result.shape
    reach = np.minimum((high - low).max(0, initial=0), 32)
    for dy in range(reach[1] + 1):
        for dx in range(reach[0] + 1):
            column, row = low[:, 0] + dx, low[:, 1] + dy
            inside = (column <= high[:, 0]) & (row <= high[:, 1])
            inside &= (column >= 0) & (column < width) & (row >= 0) & (row < height)
            np.minimum.at(result, (row[inside], column[inside]), z[inside])


def _refined(
    splatted: np.ndarray, source: np.ndarray, depth_camera: Camera, color_camera: Camera, transform: np.ndarray
) -> np.ndarray:
    v, u = np.nonzero(splatted > 0)
    start = splatted[v, u]
    z, known = start.copy(), np.ones(len(start), bool)
    rotation, shift = transform[:3, :3], transform[:3, 3]
    k_depth = depth_camera.intrinsics.double().numpy()
    for _ in range(4):
        local = (_points(u, v, z, color_camera) - shift) @ rotation
        pixels = (local @ k_depth.T)[:, :2] / np.maximum(local[:, 2:], 1e-6)
        measured, found = _sampled(source, pixels, local[:, 2])
        known &= found
        # The depth camera's z of the point is replaced by what it measured there; the colour camera's z follows.
        there = local * (measured / np.maximum(local[:, 2], 1e-6))[:, None]
        moved = there @ rotation.T + shift
        close = np.abs(moved[:, 2] - start) < _SAME_SURFACE * start
        z = np.where(known & close, moved[:, 2], z)
    result = np.zeros_like(splatted)
    result[v[known], u[known]] = z[known]
    return result


def _sampled(source: np.ndarray, pixels: np.ndarray, expected: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the measured depth at sub-pixel places, interpolated on one surface, and where there is any."""
    rows, columns = source.shape
    nearest = np.round(pixels).astype(int)
    found = ((nearest >= 0) & (nearest < [columns, rows])).all(1)
    inside = np.clip(pixels, 0, [columns - 1, rows - 1])
    corner = np.minimum(inside.astype(int), [columns - 2, rows - 2])
    fraction = inside - corner
    total, weight = np.zeros(len(pixels)), np.zeros(len(pixels))
    for dy in (0, 1):
        for dx in (0, 1):
            value = source[corner[:, 1] + dy, corner[:, 0] + dx]
            share = np.abs(1 - dx - fraction[:, 0]) * np.abs(1 - dy - fraction[:, 1])
            share *= (value > 0) & (np.abs(value - expected) < _SAME_SURFACE * expected)
            total, weight = total + share * value, weight + share
    # Less than a quarter of the neighbourhood on this surface means that the place lies beyond its silhouette.
    found &= weight > 0.25
    return np.where(found, total / np.maximum(weight, 1e-12), expected), found


def _points(u: np.ndarray, v: np.ndarray, z: np.ndarray, camera: Camera) -> np.ndarray:
    inverse = np.linalg.inv(camera.intrinsics.double().numpy())
    return np.stack([u, v, np.ones_like(u)], 1) @ inverse.T * z[:, None]
