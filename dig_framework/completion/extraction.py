"""From a field on a grid to one well-shaped closed mesh."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dig_framework.completion.sharpening import sharpened
from dig_framework.completion.simplification import simplified
from dig_framework.completion.solid import Grid
from dig_framework.errors import InputError

Array = NDArray[np.floating]
Faces = NDArray[np.integer]

_THIN = 0.12
"""Share of the volume in walls of less than three samples that makes a thing thin; solid things have at most 0.08."""


def closed_mesh(grid: Grid, triangles: int, rounds: int = 8) -> tuple[Array, Faces]:
    """Return vertices (n, 3) [m] and outward faces of the largest piece of the field's zero level, without cavities.

    Marching cubes (Lewiner 2003) on a grid chosen for about the wanted number of triangles, whose slivers then vanish
    by moving vertices towards their neighbours' mean within the surface and back onto the zero level. Edges and corners
    are then those of the given grid. Walls too thin for such a grid are meshed on the given one, and edges are
    collapsed.

    Raises:
        InputError: If the field is positive nowhere.
    """
    field = _one_piece(grid.values)
    vertices, faces = _marching_cubes(field)
    factor = float(np.clip(np.sqrt(triangles / max(len(faces), 1)), 0.25, 2.0))
    if factor < 1 and _is_thin(field):
        vertices, faces = simplified(_relaxed(vertices, faces, field, rounds), faces, triangles)
        return grid.origin + vertices * grid.step, faces
    coarse, spacing = _resampled(field, factor)
    found, found_faces = _marching_cubes(_one_piece(coarse))
    found = _relaxed(found, found_faces, coarse, rounds) * spacing
    if factor < 1:
        sharp = sharpened(found, found_faces, vertices, faces)
        found = _near_level(field, found, sharp, 0.5 * grid.step)
    return grid.origin + found * grid.step, found_faces


def _near_level(field: Array, start: Array, end: Array, reach: float) -> Array:
    """Return how far points can go from start to end, in eighths of the way, with the field no less than -`reach`.

    Where noise makes two planes meet at a small angle, they do so far outside.
    """
    from scipy import ndimage

    result = start.copy()
    for share in np.arange(1, 9) / 8:
        there = start + share * (end - start)
        near = ndimage.map_coordinates(field, there.T, order=1, mode="nearest") >= -reach
        result[near] = there[near]
    return result


def _is_thin(field: Array) -> bool:
    """Whether much of the volume lies in walls of less than three samples."""
    from scipy import ndimage

    inside = field > 0
    thick = np.asarray(ndimage.binary_opening(inside, np.ones((3, 3, 3))))
    return float(thick.sum()) < (1 - _THIN) * float(inside.sum())


def _marching_cubes(field: Array) -> tuple[Array, Faces]:
    from skimage.measure import marching_cubes

    if not (field > 0).any():
        raise InputError("the visible points leave no volume; check the mask, the depth unit and the support plane")
    vertices, faces, _, _ = marching_cubes(field, 0.0, gradient_direction="ascent")
    return vertices.astype(np.float64), faces.astype(np.int64)


def _one_piece(field: Array) -> Array:
    """Return the field with all but the largest positive piece made negative and enclosed holes made positive."""
    from scipy import ndimage

    labels: Any = ndimage.label(field > 0)
    pieces, count = labels
    if count > 1:
        largest = np.bincount(pieces.ravel())[1:].argmax() + 1
        field = np.where((field > 0) & (pieces != largest), -1e-4, field)
    cavities = np.asarray(ndimage.binary_fill_holes(field > 0)) & (field <= 0)
    return np.where(cavities, 1e-4, field)


def _resampled(field: Array, factor: float) -> tuple[Array, Array]:
    """Return the field with `factor` times the samples along each axis, and the old samples a new one spans."""
    from scipy import ndimage

    size = np.array(field.shape)
    new = np.maximum(np.ceil((size - 1) * factor).astype(int) + 1, 6)
    spacing = (size - 1) / (new - 1)
    smooth = ndimage.gaussian_filter(field, 0.35 / factor) if factor < 0.9 else field
    places = np.meshgrid(*(np.arange(n) * s for n, s in zip(new, spacing, strict=True)), indexing="ij")
    return ndimage.map_coordinates(smooth, places, order=1, mode="nearest"), spacing


def _relaxed(vertices: Array, faces: Faces, field: Array, rounds: int) -> Array:
    """Even out the triangles: move vertices towards their neighbours' mean, keeping the field's value at zero."""
    from scipy import ndimage
    from scipy.sparse import coo_matrix

    count = len(vertices)
    start, end = faces.ravel(), faces[:, [1, 2, 0]].ravel()
    links = coo_matrix((np.ones(len(start)), (start, end)), shape=(count, count)).tocsr()
    links = links + links.T
    degree = np.asarray(links.sum(1))
    slopes: Any = np.gradient(field)
    for _ in range(rounds):
        moved = vertices + 0.5 * (links @ vertices / degree - vertices)
        slope = np.stack([ndimage.map_coordinates(s, moved.T, order=1, mode="nearest") for s in slopes], 1)
        value = ndimage.map_coordinates(field, moved.T, order=1, mode="nearest")
        square = np.maximum((slope**2).sum(1), 1e-12)
        correction = -(value / square)[:, None] * slope
        length = np.linalg.norm(correction, axis=1, keepdims=True)
        vertices = moved + correction * np.minimum(1, 0.3 / np.maximum(length, 1e-12))
    return vertices
