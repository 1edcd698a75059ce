"""What one view says about where a known mesh is, as arrays in the camera's frame."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from dig_framework.errors import InputError
from dig_framework.evidence import Evidence
from dig_framework.nearest import nearest_known

_LEAST = 30
_MOST = 1200


class Sighting(NamedTuple):
    """The measured points, the outline and the table."""

    points: Float[np.ndarray, "points 3"]
    """Measured on the object, away from its border [m]."""
    allowed: Bool[np.ndarray, "height width"]
    """Pixels that show the object or something that may hide it."""
    nearest: Int[np.ndarray, "2 height width"]
    """Row and column of the nearest allowed pixel."""
    depth: Float[np.ndarray, "height width"]
    """Measured [m]; zero where unknown."""
    intrinsics: Float[np.ndarray, "3 3"]
    table: Float[np.ndarray, "4"] | None
    """Normal, and height of the camera above the table [m]."""

    def thinned(self, count: int) -> Sighting:
        """Return it with about so many of the points."""
        return self._replace(points=self.points[:: max(1, len(self.points) // count)])

    def heights(self, points: Float[np.ndarray, "points 3"]) -> Float[np.ndarray, "points"]:
        """Return heights above the table [m]; infinity without one."""
        return np.full(len(points), np.inf) if self.table is None else points @ self.table[:3] + self.table[3]

    def pixels(self, points: Float[np.ndarray, "points 3"]) -> Float[np.ndarray, "points 2"]:
        """Return columns and rows of points before the camera [px]."""
        flat = points @ self.intrinsics.T
        return flat[:, :2] / np.maximum(flat[:, 2:], 1e-6)

    def outside(self, points: Float[np.ndarray, "points 3"]) -> Float[np.ndarray, "points 3"]:
        """Return how far points must move across the line of sight to be where the object may be [m].

        What the image does not show is left where it is.
        """
        at = np.rint(self.pixels(points)).astype(int)
        height, width = self.allowed.shape
        within = (at >= 0).all(1) & (at[:, 0] < width) & (at[:, 1] < height) & (points[:, 2] > 0)
        column, row = np.where(within[:, None], at, 0).T
        target = self.nearest[:, row, column]
        steps = np.stack([target[1] - column, target[0] - row], 1) * within[:, None]
        move = np.zeros_like(points)
        move[:, :2] = steps * points[:, 2:] / np.diagonal(self.intrinsics)[:2]
        return move

    def ahead(self, points: Float[np.ndarray, "points 3"], slack: float = 0.004) -> Float[np.ndarray, "points"]:
        """Return by how much points stand in front of measured depth [m], less a slack [m]; at least zero."""
        at = np.rint(self.pixels(points)).astype(int)
        height, width = self.depth.shape
        within = (at >= 0).all(1) & (at[:, 0] < width) & (at[:, 1] < height)
        column, row = np.where(within[:, None], at, 0).T
        measured = self.depth[row, column] * within
        return np.where(measured > 0, measured - points[:, 2] - slack, 0.0).clip(0)


def sighting(evidence: Evidence, seed: int) -> Sighting:
    """Return what one view says about an object.

    Raises:
        InputError: If fewer than 30 points were measured on it.
    """
    observation, camera = evidence.observation, evidence.observation.camera
    mask, depth = evidence.mask.cpu().numpy(), observation.depth.cpu().double().numpy()
    intrinsics = camera.intrinsics.cpu().double().numpy()
    rows, columns = np.nonzero(_inner(mask) & (depth > 0))
    if len(rows) < _LEAST:
        raise InputError(
            f"only {len(rows)} pixels of the object have depth, {_LEAST} are needed to place a mesh; check its mask."
        )
    if len(rows) > _MOST:
        kept = np.random.default_rng(seed).choice(len(rows), _MOST, replace=False)
        rows, columns = rows[kept], columns[kept]
    rays = np.stack([columns, rows, np.ones_like(rows)], 1) @ np.linalg.inv(intrinsics).T
    allowed = mask | evidence.occluder.cpu().numpy()
    nearest = np.stack(nearest_known(allowed)[1])
    points = rays * depth[rows, columns][:, None]
    return Sighting(points, allowed, nearest, depth, intrinsics, _table(evidence))


def _inner(mask: Bool[np.ndarray, "height width"]) -> Bool[np.ndarray, "height width"]:
    """Return a mask without its border, where depth mixes with what is behind; the mask where little is left."""
    from scipy import ndimage

    inner = np.asarray(ndimage.binary_erosion(mask, np.ones((3, 3))))
    return inner if inner.sum() >= max(_LEAST, mask.sum() // 4) else mask


def _table(evidence: Evidence) -> Float[np.ndarray, "4"] | None:
    if evidence.plane is None:
        return None
    camera_from_scene = evidence.observation.camera.camera_from_scene.cpu().double().numpy()
    normal = camera_from_scene[:3, :3] @ evidence.plane.normal.cpu().double().numpy()
    offset = float(evidence.plane.offset) - float(normal @ camera_from_scene[:3, 3])
    return np.array([*normal, offset])
