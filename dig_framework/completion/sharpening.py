"""Edges and corners that a coarse mesh cuts off."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Faces = NDArray[np.integer]

_PULL = 0.02
"""Weight of staying, so that vertices of flat parts keep their places along the surface."""
_NEAREST = 3
"""Vertices whose place each fine triangle has a say in."""


def sharpened(vertices: Array, faces: Faces, fine_vertices: Array, fine_faces: Faces) -> Array:
    """Return the vertices moved to where the planes of a finer surface around each meet, by half an edge at most.

    In the middle of a face that is a place on it, near an edge one on the edge, and a corner at a corner: the vertex
    least far from all planes in the sense of squares (Garland and Heckbert, SIGGRAPH 1997; Ju et al., SIGGRAPH 2002).
    Only fine triangles that face the same way count, so that walls do not pull at each other.

    Args:
        vertices: Of the coarse surface, shape (n, 3), any unit.
        faces: Of the coarse surface, shape (m, 3).
        fine_vertices: Of the fine one, shape (k, 3).
        fine_faces: Of the fine one, shape (l, 3).
    """
    from scipy.spatial import KDTree

    corners = fine_vertices[fine_faces]
    planes, areas = _normals_and_areas(corners)
    points, planes, areas = corners.mean(1)[areas > 0], planes[areas > 0], areas[areas > 0]
    outward, edge = _outward(vertices, faces)
    distance, nearest = KDTree(vertices).query(points, k=min(_NEAREST, len(vertices)))
    square, side, mass = np.zeros((len(vertices), 3, 3)), np.zeros((len(vertices), 3)), np.zeros(len(vertices))
    for near, away in zip(np.transpose(nearest), np.transpose(distance), strict=True):
        heard = ((outward[near] * planes).sum(1) > 0) & (away < edge)
        index, normal, area = near[heard], planes[heard], areas[heard]
        height = (normal * (points[heard] - vertices[index])).sum(1)
        np.add.at(square, index, area[:, None, None] * normal[:, :, None] * normal[:, None, :])
        np.add.at(side, index, (area * height)[:, None] * normal)
        np.add.at(mass, index, area)
    square += (_PULL * mass + np.finfo(float).tiny ** 0.5)[:, None, None] * np.eye(3)
    step = np.linalg.solve(square, side[..., None])[..., 0]
    length = np.linalg.norm(step, axis=1, keepdims=True)
    return vertices + step * np.minimum(1, 0.5 * edge / np.maximum(length, 0.5 * edge))


def _normals_and_areas(corners: Array) -> tuple[Array, Array]:
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    twice = np.linalg.norm(across, axis=1)
    return across / np.maximum(twice, np.finfo(float).tiny)[:, None], twice / 2


def _outward(vertices: Array, faces: Faces) -> tuple[Array, float]:
    """Return outward directions of the vertices, and the edge length of equal-sided triangles of the mean area."""
    normals, areas = _normals_and_areas(vertices[faces])
    outward = np.zeros_like(vertices)
    for corner in faces.T:
        np.add.at(outward, corner, normals * areas[:, None])
    return outward, float(np.sqrt(4 / np.sqrt(3) * areas.mean()))
