"""What Embree finds along rays."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from dig_embree.hit_kernels import met
from dig_embree.surfaces import Surfaces
from dig_framework.errors import ComponentError


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
        self._heights = np.stack([a[:, 2], b[:, 2], c[:, 2]], 1)
        self._across = np.stack([np.cross(b, c), np.cross(c, a), np.cross(a, b)], 1)
        across = np.cross(b - a, c - a)
        self._normals = across / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-300)

    def hits(self, directions: Float[np.ndarray, "rays 3"], near: float) -> Hits:
        """Return what rays from the camera meet, whose directions have a depth of 1, from a depth `near` [m] on."""
        found = self._first(near * directions, directions)
        face, hit = np.where(found >= 0, found, -2), found >= 0
        distance, weights = np.zeros(len(directions)), np.zeros((len(directions), 3))
        met(face, directions, self._across, self._heights, distance, weights)
        if self._surfaces.has_plane:
            down = directions @ self._surfaces.plane[:3]
            with np.errstate(divide="ignore", invalid="ignore"):
                reached = np.where(down != 0, -self._surfaces.plane[3] / down, 0.0)
            nearer = (reached >= near) & (~hit | (reached < distance))
            face[nearer], distance[nearer], weights[nearer] = -1, reached[nearer], 0.0
        return Hits(face, distance, weights)

    def blocked(
        self, starts: Float[np.ndarray, "rays 3"], ways: Float[np.ndarray, "rays 3"]
    ) -> Bool[np.ndarray, "rays"]:
        """Return where something is between points and the ends of ways from there [m]."""
        stopped = self._stopped(starts, ways)
        if self._surfaces.has_plane:
            height = starts @ self._surfaces.plane[:3] + self._surfaces.plane[3]
            end = height + ways @ self._surfaces.plane[:3]
            stopped |= height * end < 0
        return stopped

    def face_normals(self, face: Int[np.ndarray, "rays"]) -> Float[np.ndarray, "rays 3"]:
        """Return unit normals of faces, zero for those without area."""
        return self._normals[face]

    def _first(self, origins: np.ndarray, directions: np.ndarray) -> Int[np.ndarray, "rays"]:
        if self._scene is None or len(origins) == 0:
            return np.full(len(origins), -1, np.int64)
        found = self._scene.run(origins.astype(np.float32), directions.astype(np.float32), output=True)
        return np.where(found["geomID"] == 0, found["primID"].astype(np.int64), -1)

    def _stopped(self, origins: np.ndarray, ways: np.ndarray) -> Bool[np.ndarray, "rays"]:
        if self._scene is None or len(origins) == 0:
            return np.zeros(len(origins), bool)
        lengths = np.ones(len(origins), np.float32)
        found = self._scene.run(origins, ways, lengths, query="OCCLUDED")
        return np.asarray(found) != -1


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
