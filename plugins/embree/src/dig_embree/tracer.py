"""What Embree finds along rays."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from dig_embree.surfaces import Surfaces
from dig_framework.errors import ComponentError

_CLEAR = 2e-5
"""How far shadow rays start above a surface, per metre of distance to the camera; Embree computes in float32."""


@dataclasses.dataclass(frozen=True)
class Hits:
    """What rays meet first."""

    face: Int[np.ndarray, "rays"]
    """Row of the faces; -1 for the plane, -2 for nothing."""
    distance: Float[np.ndarray, "rays"]
    """In lengths of the ray's direction; zero for nothing."""
    weights: Float[np.ndarray, "rays 3"]
    """Of the face's corners; zeros without one."""


class Tracer:
    """Surfaces that Embree has loaded."""

    def __init__(self, surfaces: Surfaces) -> None:
        """Build Embree's tree over the faces."""
        self._surfaces = surfaces
        self._scene = _embree_scene(surfaces)
        a, b, c = (surfaces.vertices[surfaces.faces[:, corner]] for corner in range(3))
        self._corners = (a, b, c)
        self._across = np.cross(b - a, c - a)

    def hits(self, directions: Float[np.ndarray, "rays 3"], near: float) -> Hits:
        """Return what rays from the camera meet, whose directions have a depth of 1, from a depth `near` [m] on."""
        found = self._first(near * directions, directions)
        face, hit = np.where(found >= 0, found, -2), found >= 0
        distance, weights = np.zeros(len(directions)), np.zeros((len(directions), 3))
        distance[hit], weights[hit] = self._met(found[hit], directions[hit])
        if self._surfaces.has_plane:
            down = directions @ self._surfaces.plane[:3]
            with np.errstate(divide="ignore", invalid="ignore"):
                reached = np.where(down != 0, -self._surfaces.plane[3] / down, 0.0)
            nearer = (reached >= near) & (~hit | (reached < distance))
            face[nearer], distance[nearer], weights[nearer] = -1, reached[nearer], 0.0
        return Hits(face, distance, weights)

    def blocked(
        self,
        points: Float[np.ndarray, "rays 3"],
        normals: Float[np.ndarray, "rays 3"],
        ways: Float[np.ndarray, "rays 3"],
    ) -> Bool[np.ndarray, "rays"]:
        """Return where something is between points of surfaces and the ends of ways from there [m]."""
        side = np.sign(np.einsum("ij,ij->i", normals, ways))[:, None]
        starts = points + _CLEAR * (1 + np.linalg.norm(points, axis=1, keepdims=True)) * side * normals
        stopped = self._stopped(starts, ways)
        if self._surfaces.has_plane:
            height = starts @ self._surfaces.plane[:3] + self._surfaces.plane[3]
            end = height + ways @ self._surfaces.plane[:3]
            stopped |= height * end < 0
        return stopped

    def face_normals(self, face: Int[np.ndarray, "rays"]) -> Float[np.ndarray, "rays 3"]:
        """Return unit normals of faces, zero for those without area."""
        across = self._across[face]
        return across / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-300)

    def _first(self, origins: np.ndarray, directions: np.ndarray) -> Int[np.ndarray, "rays"]:
        if self._scene is None or len(origins) == 0:
            return np.full(len(origins), -1, np.int64)
        found = self._scene.run(origins.astype(np.float32), directions.astype(np.float32), output=True)
        return np.where(found["geomID"] == 0, found["primID"].astype(np.int64), -1)

    def _stopped(self, origins: np.ndarray, ways: np.ndarray) -> Bool[np.ndarray, "rays"]:
        if self._scene is None or len(origins) == 0:
            return np.zeros(len(origins), bool)
        lengths = np.ones(len(origins), np.float32)
        found = self._scene.run(origins.astype(np.float32), ways.astype(np.float32), lengths, query="OCCLUDED")
        return np.asarray(found) != -1

    def _met(
        self, face: Int[np.ndarray, "hits"], rays: Float[np.ndarray, "hits 3"]
    ) -> tuple[Float[np.ndarray, "hits"], Float[np.ndarray, "hits 3"]]:
        """Return distance and weights in float64, which Embree itself does not have."""
        a, b, c = (corner[face] for corner in self._corners)
        volumes = np.stack([np.einsum("ij,ij->i", rays, np.cross(*pair)) for pair in ((b, c), (c, a), (a, b))], 1)
        total = volumes.sum(1, keepdims=True)
        # Within rounding a ray may pass beside the face that Embree says it meets.
        weights = np.clip(volumes / np.where(np.abs(total) > 0, total, 1.0), 0.0, 1.0)
        scale = weights.sum(1, keepdims=True)
        weights = np.where(scale > 0, weights / np.where(scale > 0, scale, 1.0), 1 / 3)
        points = weights[:, :1] * a + weights[:, 1:2] * b + weights[:, 2:] * c
        return points[:, 2], weights


def _embree_scene(surfaces: Surfaces) -> Any:
    try:
        from embreex.mesh_construction import TriangleMesh  # pyright: ignore[reportMissingImports]
        from embreex.rtcore_scene import EmbreeScene  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise ComponentError(
            f"renderer 'embree' needs Embree, which does not import ({error}): pip install embreex."
        ) from error
    if len(surfaces.faces) == 0:
        return None
    scene = EmbreeScene()
    TriangleMesh(scene, surfaces.vertices.astype(np.float32), surfaces.faces.astype(np.int32))
    return scene
