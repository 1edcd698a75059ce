"""The trusted part of what the camera measured of an object."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from dig_framework.completion.frame import UprightFrame
from dig_framework.completion.local_fit import fit_inverse_depth
from dig_framework.completion.window import Window

Array = NDArray[np.floating]
Pixels = NDArray[np.bool_]

_SOME_SUPPORT = 0.2
"""Share of a pixel's neighbourhood that must lie on its surface for its depth to count as measured."""


@dataclasses.dataclass(frozen=True)
class VisibleSurface:
    """Smoothed depth of trusted pixels and how squarely they face the camera."""

    measured: Array
    """Smoothed depth [m], also of pixels that are too few or too grazing to be trusted, such as a rim's; else 0."""

    depth: Array
    """Smoothed depth [m], 0 where it is not trusted."""
    cosine: Array
    """Cosine between the surface's normal and the ray, in [0, 1]."""
    slope: Array
    """Change of the inverse of the smoothed depth from pixel to pixel along u and v [1/m], shape (height, width, 2)."""
    points: Array
    """Trusted points in the upright frame [m], shape (n, 3)."""

    @property
    def trusted(self) -> Pixels:
        """Pixels whose depth is trusted."""
        return self.depth > 0


def visible_surface(view: Window, frame: UprightFrame, sigma: float, erosion: int, reach: int) -> VisibleSurface:
    """Smooth the masked depth and drop what misleads: borders, flying pixels, grazing ones, table, far pieces.

    Args:
        view: Depth and masks around the object.
        frame: Upright frame; what lies within two standard deviations of its floor belongs to the table.
        sigma: Standard deviation of depth at the object [m].
        erosion: Border pixels to drop, where the mask does not border on an occluder [px].
        reach: Half the size of the smoothing neighbourhood [px].
    """
    used = view.mask & (view.depth > 0) & _inner(view, erosion)
    rays = view.rays()
    used &= _heights(view.depth, rays, frame) > frame.floor - 0.01
    smooth, support, slope_u, slope_v = fit_inverse_depth(
        np.where(used, view.depth, 0.0), used, reach, max(0.01, 5 * sigma)
    )
    cosine = _cosine(smooth, slope_u, slope_v, view, rays)
    trusted = (smooth > 0) & (support > 0.45) & (cosine > 0.12)
    trusted &= _heights(smooth, rays, frame) > frame.floor + max(0.002, sigma)
    trusted &= _near_main_piece(smooth, trusted, rays, frame, _visible_width(view))
    points = frame.from_scene((rays * smooth[..., None])[trusted])
    measured = np.where((smooth > 0) & (support > _SOME_SUPPORT), smooth, 0.0)
    slope = np.stack([slope_u, slope_v], -1)
    return VisibleSurface(measured, np.where(trusted, smooth, 0.0), cosine, slope, points)


def _inner(view: Window, erosion: int) -> Pixels:
    from scipy import ndimage

    covered = view.mask | view.occluder
    return np.asarray(ndimage.binary_erosion(covered, iterations=erosion), bool) if erosion else covered


def _heights(depth: Array, rays: Array, frame: UprightFrame) -> Array:
    return frame.from_scene(rays * depth[..., None])[..., 2]


def _cosine(depth: Array, slope_u: Array, slope_v: Array, view: Window, rays: Array) -> Array:
    """Cosine of incidence: 1/z = a + b u + c v is a plane with normal (b fx, c fy, a + b cx + c cy)."""
    x, y = slope_u * view.focal[0], slope_v * view.focal[1]
    inverse = np.where(depth > 0, 1 / np.maximum(depth, 1e-6), 0)
    normal = np.stack([x, y, inverse - x * rays[..., 0] - y * rays[..., 1]], -1)
    length = np.linalg.norm(normal, axis=-1) * np.linalg.norm(rays, axis=-1)
    return np.abs((normal * rays).sum(-1)) / np.maximum(length, 1e-9)


def _visible_width(view: Window) -> float:
    """Return the side of the square that covers as much of the image as the mask, at its median depth [m]."""
    measured = view.depth[view.mask & (view.depth > 0)]
    return float(np.sqrt(view.mask.sum()) * np.median(measured) / view.focal[0])


def _near_main_piece(depth: Array, trusted: Pixels, rays: Array, frame: UprightFrame, width: float) -> Pixels:
    """Keep the largest continuous piece and those that are large enough and close to it.

    The near wall of a pot is a piece of its own, a visible width away from the far wall's inside.
    """
    from scipy.spatial import KDTree

    pieces = _pieces(depth, trusted)
    names, counts = np.unique(pieces[pieces > 0], return_counts=True)
    if not len(names):
        return trusted
    points = frame.from_scene(rays * depth[..., None])
    main = pieces == names[counts.argmax()]
    around, below = KDTree(points[main][::3]), KDTree(points[main][::3, :2])
    keep = main.copy()
    for name, count in zip(names, counts, strict=True):
        piece = pieces == name
        if count < max(15, 0.02 * counts.max()) or main[piece].any():
            continue
        distance = around.query(points[piece][::3])[0]
        reach = 0.5 * width if count > 0.2 * counts.max() else 0.02
        touching = distance.min() < reach and np.median(distance) < max(0.06, width)
        stacked = count > 0.08 * counts.max() and np.median(below.query(points[piece][::3, :2])[0]) < 0.03
        if touching or stacked:
            keep |= piece
    return keep


def _pieces(depth: Array, trusted: Pixels, step: float = 0.008) -> NDArray[np.integer]:
    """Number the pieces within which depth changes by less than `step` [m] from pixel to pixel; 0 is no piece."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    index = np.arange(depth.size).reshape(depth.shape)
    right = trusted[:, 1:] & trusted[:, :-1] & (np.abs(np.diff(depth, axis=1)) < step)
    down = trusted[1:] & trusted[:-1] & (np.abs(np.diff(depth, axis=0)) < step)
    start = np.concatenate([index[:, :-1][right], index[:-1][down]])
    end = np.concatenate([index[:, 1:][right], index[1:][down]])
    graph = coo_matrix((np.ones(len(start)), (start, end)), shape=(depth.size, depth.size))
    return np.where(trusted, connected_components(graph, directed=False)[1].reshape(depth.shape) + 1, 0)
