"""What the image allows at any point in space, compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dig_framework.completion.frame import UprightFrame
from dig_framework.completion.visible_surface import VisibleSurface
from dig_framework.completion.window import Window
from dig_framework.kernel import kernel
from dig_framework.nearest import nearest_known, signed_distance

Array = NDArray[np.floating]

FREE, OBJECT, HIDDEN = 0, 1, 2
RIM = 0.02
"""How much nearer than what lies behind it an untrusted pixel must be to count as measured [m]."""
REACH = 0.01
"""Largest change of depth from a trusted pixel to those beside it [m]."""
FAR = 0.05
"""Distance that stands for clearly inside or outside [m]."""


class FreeSpace(NamedTuple):
    """Per-pixel maps and the camera, as a compiled function takes them."""

    label: NDArray[np.uint8]
    """FREE, OBJECT (in the mask) or HIDDEN (an occluder)."""
    surface: NDArray[np.float32]
    """Depth of the visible surface, filled in inside the mask [m]."""
    cosine: NDArray[np.float32]
    """Cosine of incidence on it, at least 0.25."""
    gap: NDArray[np.float32]
    """Distance to the next pixel whose depth is trusted [px]."""
    silhouette: NDArray[np.float32]
    """Signed distance to the border of mask and occluders, positive inside [px]."""
    barrier: NDArray[np.float32]
    """Measured depth outside the mask [m], 0 where there is none."""
    camera_from_upright: Array
    """Rigid transform, 3 x 4 [m]."""
    lens: Array
    """fx, fy, cx, cy [px]."""
    floor: float
    """Height of the table [m]."""
    tolerance: float
    """Distance within which noise explains a contradiction [m]."""


class Score(NamedTuple):
    """Shares of points, one a transform."""

    overlap: Array
    """On the visible surface."""
    behind: Array
    """Behind the visible surface."""
    hidden: Array
    """Behind an occluder."""
    violation: Array
    """Mean contradiction, 1 for 10 mm."""


def free_space(view: Window, surface: VisibleSurface, frame: UprightFrame, tolerance: float) -> FreeSpace:
    """Prepare the maps from a window and the trusted surface in it."""
    gap, nearest = nearest_known(surface.trusted)
    depth = _continued(surface, nearest)
    # The rim of a bowl is too narrow to be trusted, but what is nearest and trusted may lie far behind it.
    is_rim = (surface.measured > 0) & (surface.measured < depth - RIM)
    depth = np.where(is_rim, surface.measured, depth)
    rotation = frame.rotation
    scene_from_upright = frame.scene_from_upright
    return FreeSpace(
        label=np.where(view.mask, OBJECT, np.where(view.occluder, HIDDEN, FREE)).astype(np.uint8),
        surface=np.where(view.mask, depth, 0).astype(np.float32),
        cosine=np.clip(surface.cosine[nearest], 0.25, 1).astype(np.float32),
        gap=gap.astype(np.float32),
        silhouette=signed_distance(view.mask | view.occluder),
        barrier=np.where(view.mask, 0, view.depth).astype(np.float32),
        camera_from_upright=np.concatenate([rotation, scene_from_upright[:3, 3:]], 1),
        lens=np.array([*view.focal, *view.centre]),
        floor=frame.floor,
        tolerance=tolerance,
    )


def _continued(surface: VisibleSurface, nearest: tuple[NDArray[np.integer], ...]) -> Array:
    """Return the depth of each pixel on the plane around its nearest trusted pixel [m], where that is close."""
    depth = surface.depth[nearest]
    v, u = np.indices(depth.shape)
    slope = surface.slope[nearest]
    change = slope[..., 0] * (u - nearest[1]) + slope[..., 1] * (v - nearest[0])
    inverse = 1 / np.maximum(depth, 1e-6) + change
    there = 1 / np.maximum(inverse, 1e-6)
    return np.where(depth > 0, np.clip(there, depth - REACH, depth + REACH), depth)


@kernel
def _probe(space, x, y, z):  # noqa: ANN001, ANN202
    """Return kind of pixel, distance behind the visible surface and distance inside the silhouette [m], pixel size."""
    m = space.camera_from_upright
    depth = max(m[2, 0] * x + m[2, 1] * y + m[2, 2] * z + m[2, 3], 1e-3)
    u = (m[0, 0] * x + m[0, 1] * y + m[0, 2] * z + m[0, 3]) / depth * space.lens[0] + space.lens[2]
    v = (m[1, 0] * x + m[1, 1] * y + m[1, 2] * z + m[1, 3]) / depth * space.lens[1] + space.lens[3]
    pixel = depth / space.lens[0]
    height, width = space.label.shape
    if u < -0.5 or v < -0.5 or u > width - 0.51 or v > height - 0.51:
        return FREE, FAR, -FAR, pixel
    i, j = int(np.rint(v)), int(np.rint(u))
    kind = space.label[i, j]
    inside = space.silhouette[i, j] * pixel
    if kind == OBJECT:
        front = (depth - space.surface[i, j]) * space.cosine[i, j]
        if space.gap[i, j] > 4:
            front = front + 0.02 if front < -0.02 else 0.02
        return OBJECT, front, inside, pixel
    if kind == HIDDEN:
        if space.barrier[i, j] > depth + 0.01:
            return FREE, FAR, -0.01, pixel
        return HIDDEN, FAR, FAR, pixel
    return FREE, FAR, inside, pixel


@kernel
def _contradiction(space, kind, front, inside, pixel, z):  # noqa: ANN001, ANN202
    """Return by how much a point contradicts the image or the table [m]."""
    below = space.floor - z - space.tolerance
    if kind == OBJECT:
        return max(below, -front - space.tolerance, 0.0)
    if kind == FREE:
        return max(below, -inside - pixel - 0.001, 0.0)
    return max(below, 0.0)


@kernel
def contradictions(space, points):  # noqa: ANN001, ANN201
    """Return by how much each point (n, 3) in the upright frame contradicts the image or the table [m]."""
    result = np.empty(len(points))
    for n in range(len(points)):
        kind, front, inside, pixel = _probe(space, points[n, 0], points[n, 1], points[n, 2])
        result[n] = _contradiction(space, kind, front, inside, pixel, points[n, 2])
    return result


@kernel
def score_transforms(space, points, transforms):  # noqa: ANN001, ANN201
    """Score what the image says about transformed copies of the visible points.

    Args:
        space: What the image allows.
        points: Visible points in the upright frame [m], shape (n, 3).
        transforms: Isometries of the upright frame, shape (k, 3, 4).
    """
    count = len(transforms)
    overlap, behind = np.zeros(count), np.zeros(count)
    hidden, violation = np.zeros(count), np.zeros(count)
    for k in range(count):
        m = transforms[k]
        for n in range(len(points)):
            a, b, c = points[n, 0], points[n, 1], points[n, 2]
            x = m[0, 0] * a + m[0, 1] * b + m[0, 2] * c + m[0, 3]
            y = m[1, 0] * a + m[1, 1] * b + m[1, 2] * c + m[1, 3]
            z = m[2, 0] * a + m[2, 1] * b + m[2, 2] * c + m[2, 3]
            kind, front, inside, pixel = _probe(space, x, y, z)
            wrong = _contradiction(space, kind, front, inside, pixel, z)
            violation[k] += min(wrong, 0.015) / 0.01
            if kind == OBJECT and abs(front) < space.tolerance + 0.001:
                overlap[k] += 1
            elif kind == OBJECT and front > 0:
                behind[k] += 1
            elif kind == HIDDEN and wrong == 0:
                hidden[k] += 1
    total = len(points)
    return Score(overlap / total, behind / total, hidden / total, violation / total)


@kernel
def carved_distance(space, points, limit):  # noqa: ANN001, ANN201
    """Return the signed distance to what the image leaves possible, positive inside, clipped to `limit` [m]."""
    result = np.empty(len(points), np.float32)
    for n in range(len(points)):
        kind, front, inside, pixel = _probe(space, points[n, 0], points[n, 1], points[n, 2])
        value = inside + 0.5 * pixel
        if kind == OBJECT:
            value = min(value, front)
        result[n] = min(max(value, -limit), limit)
    return result


@kernel
def wall_distance(space, points, thickness, limit):  # noqa: ANN001, ANN201
    """Return the signed distance to the layer of some thickness [m] behind the trusted surface, positive inside it."""
    result = np.full(len(points), -limit, np.float32)
    for n in range(len(points)):
        kind, front, inside, pixel = _probe(space, points[n, 0], points[n, 1], points[n, 2])
        if kind == OBJECT:
            result[n] = max(min(front, thickness - front, inside + 0.5 * pixel), -limit)
    return result
