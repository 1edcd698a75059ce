"""Triangle surfaces as arrays: samples, areas and sizes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float64, Int64

from dig_framework.errors import InputError
from dig_framework.mesh import Mesh

SAMPLES = 20_000
"""Samples that stand for a surface where nothing else is said."""

_ROWS = 1024


class Surface(NamedTuple):
    """A triangle mesh, usually in the camera's frame; `surface_of` makes one that every metric can measure."""

    vertices: Float64[np.ndarray, "vertices 3"]
    """Positions [m]."""
    faces: Int64[np.ndarray, "faces 3"]
    """Vertex indices; counter-clockwise seen from outside."""


def surface_of(mesh: Mesh) -> Surface:
    """Return a mesh as arrays, without vertices that no face uses.

    Raises:
        InputError: If it has no area, or a vertex is not finite.
    """
    vertices = mesh.vertices.detach().cpu().double().numpy()
    used, faces = np.unique(mesh.faces.detach().cpu().numpy().astype(np.int64), return_inverse=True)
    surface = Surface(vertices[used], np.asarray(faces).reshape(-1, 3))
    if not np.isfinite(surface.vertices).all():
        raise InputError("the mesh has a vertex that is not finite; it has no surface to measure.")
    if not len(surface.faces) or not face_areas(surface).sum() > 0:
        raise InputError(f"the mesh has {len(surface.faces)} faces and no area; it has no surface to measure.")
    return surface


def face_areas(surface: Surface) -> Float64[np.ndarray, "faces"]:
    """Return the area of each face [m^2]."""
    a, b, c = np.moveaxis(surface.vertices[surface.faces], 1, 0)
    return np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2


def surface_samples(surface: Surface, seed: int, count: int = SAMPLES) -> Float64[np.ndarray, "samples 3"]:
    """Return points on a surface [m], uniform by area; the same seed gives the same points."""
    import trimesh

    mesh = trimesh.Trimesh(surface.vertices, surface.faces, process=False)
    return np.asarray(trimesh.sample.sample_surface(mesh, count, seed=seed)[0], np.float64)


def diameter(surface: Surface) -> float:
    """Return the largest distance between two vertices [m]."""
    points = _outermost(surface.vertices)
    square = (points**2).sum(1)
    largest = 0.0
    for start in range(0, len(points), _ROWS):
        part = slice(start, start + _ROWS)
        largest = max(largest, float((square[part, None] + square - 2 * points[part] @ points.T).max()))
    return float(np.sqrt(largest))


def box_diagonal(surface: Surface) -> float:
    """Return the diagonal of the smallest oriented box around a surface [m]; never below `diameter`."""
    import trimesh

    box = trimesh.Trimesh(surface.vertices, surface.faces, process=False).bounding_box_oriented
    return float(np.linalg.norm(np.asarray(box.primitive.extents)))


def _outermost(points: np.ndarray) -> np.ndarray:
    """Return the corners of the convex hull, centred; all points if they lie in a plane."""
    from scipy.spatial import ConvexHull, QhullError

    points = points - points.mean(0)
    try:
        return points[ConvexHull(points).vertices]
    except (QhullError, ValueError):
        return points
