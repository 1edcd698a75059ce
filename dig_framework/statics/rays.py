"""Straight lines through triangles."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

_CHUNK = 1_000_000
"""Pairs of a ray and a triangle looked at together; bounds the memory."""


def ray_hits(
    origins: Float[np.ndarray, "rays 3"],
    directions: Float[np.ndarray, "rays 3"],
    triangles: Float[np.ndarray, "faces 3 3"],
) -> tuple[Int[np.ndarray, "hits"], Int[np.ndarray, "hits"], Float[np.ndarray, "hits"]]:
    """Return ray, face and signed distance of every crossing of every whole line with every triangle.

    Moeller and Trumbore, "Fast, minimum storage ray-triangle intersection", 1997. Distances are in lengths of the
    direction, negative behind the origin. Edges count as part of both neighbours.
    """
    step = max(1, _CHUNK // max(1, len(triangles)))
    parts = [
        _chunk_hits(origins[i : i + step], directions[i : i + step], triangles, i) for i in range(0, len(origins), step)
    ]
    if not parts:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    rays, faces, distances = zip(*parts, strict=True)
    return np.concatenate(rays), np.concatenate(faces), np.concatenate(distances)


def _chunk_hits(
    origins: Float[np.ndarray, "rays 3"],
    directions: Float[np.ndarray, "rays 3"],
    triangles: Float[np.ndarray, "faces 3 3"],
    first: int,
) -> tuple[Int[np.ndarray, "hits"], Int[np.ndarray, "hits"], Float[np.ndarray, "hits"]]:
    rays, faces = _candidates(origins, directions, triangles)
    corner, direction = triangles[faces, 0], directions[rays]
    edge1, edge2 = triangles[faces, 1] - corner, triangles[faces, 2] - corner
    across, offset = np.cross(direction, edge2), origins[rays] - corner
    determinant = (edge1 * across).sum(1)
    scale = np.where(np.abs(determinant) > 1e-18, determinant, np.inf)
    lifted = np.cross(offset, edge1)
    u, v = (offset * across).sum(1) / scale, (direction * lifted).sum(1) / scale
    inside = (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9) & np.isfinite(scale)
    return rays[inside] + first, faces[inside], ((edge2 * lifted).sum(1) / scale)[inside]


def _candidates(
    origins: Float[np.ndarray, "rays 3"],
    directions: Float[np.ndarray, "rays 3"],
    triangles: Float[np.ndarray, "faces 3 3"],
) -> tuple[Int[np.ndarray, "pairs"], Int[np.ndarray, "pairs"]]:
    """Return pairs of a line and a triangle whose bounding sphere it meets."""
    centers = triangles.mean(1)
    radii2 = ((triangles - centers[:, None]) ** 2).sum(2).max(1)
    unit = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    along = unit @ centers.T - (unit * origins).sum(1)[:, None]
    apart2 = (centers**2).sum(1) - 2 * origins @ centers.T + (origins**2).sum(1)[:, None] - along**2
    rays, faces = np.nonzero(apart2 <= radii2 * 1.0001 + 1e-12)
    return rays, faces
