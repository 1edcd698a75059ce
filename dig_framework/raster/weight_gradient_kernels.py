"""Kernel of the gradient of `rasterize`."""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel
from dig_framework.raster.rows import BAND, GROUPS
from dig_framework.raster.triangle_ids import decode_id
from dig_framework.raster.weights import (
    SETUP,
    add_cross_gradient,
    add_normals_gradient,
    clamped_backward,
    raw_weights,
    read_corners,
    set_up,
)


@kernel
def weights_backward(part, parts, positions, triangles, base, rast, grad_rast, grad_slope, wide, into):
    """Add the gradient of weights and slopes with respect to positions.

    Args:
        part: Of the threads.
        parts: Their number.
        positions: Of all vertices [P, 4].
        triangles: Vertex indices [F, 3].
        base: First vertex of each image [N].
        rast: Output of the forward pass [N, height, width, 4].
        grad_rast: Its gradient, of which u and v count [N, height, width, 4], or without channels.
        grad_slope: Gradient of the slopes [N, height, width, 4], or without channels.
        wide: Whether `rast` is float64.
        into: Receives the sums [GROUPS, P, 4].
    """
    for group in range(part, GROUPS, parts):
        _add_group(positions, triangles, base, rast, grad_rast, grad_slope, wide, group, into)


@kernel
def _add_group(positions, triangles, base, rast, grad_rast, grad_slope, wide, group, into):
    """Add the gradient of the rows of one group."""
    images, height, width = rast.shape[0], rast.shape[1], rast.shape[2]
    bands = (height + BAND - 1) // BAND
    corners, row, normals = np.empty((3, 4)), np.empty(SETUP), np.zeros(9)
    grad, grad_x, grad_y = np.zeros(2), np.zeros(2), np.zeros(2)
    for job in range(group, images * bands, GROUPS):
        n, current, solid = job // bands, 0, False
        for y in range(job % bands * BAND, min((job % bands + 1) * BAND, height)):
            for x in range(width):
                number = decode_id(rast[n, y, x, 3], wide)
                if number == 0 or number > triangles.shape[0]:
                    continue
                if number != current:
                    if solid:
                        _spread(corners, normals, triangles, current - 1, base[n], group, into)
                    current = number
                    read_corners(positions, base[n], triangles, number - 1, corners)
                    solid = set_up(corners, row)
                if solid and _read(grad_rast, grad_slope, n, y, x, grad, grad_x, grad_y):
                    _add_pixel(row, x, y, width, height, grad, grad_x, grad_y, normals)
        if solid:
            _spread(corners, normals, triangles, current - 1, base[n], group, into)


@kernel
def _read(grad_rast, grad_slope, n, y, x, grad, grad_x, grad_y):
    """Read the gradient of one pixel; return whether it has any."""
    some = False
    for k in range(2):
        if grad_rast.shape[3]:
            grad[k] = grad_rast[n, y, x, k]
        if grad_slope.shape[3]:
            grad_x[k], grad_y[k] = grad_slope[n, y, x, 2 * k], grad_slope[n, y, x, 2 * k + 1]
        some = some or grad[k] != 0 or grad_x[k] != 0 or grad_y[k] != 0
    return some


@kernel
def _add_pixel(row, x, y, width, height, grad, grad_x, grad_y, normals):
    step_x, step_y = 2.0 / width, 2.0 / height
    center_x, center_y = (x + 0.5) * step_x - 1, (y + 0.5) * step_y - 1
    u, v, total = raw_weights(row, center_x, center_y)
    if total == 0:
        return
    grad[0], grad[1] = clamped_backward(u, v, grad[0], grad[1])
    for k in range(2):
        grad_x[k] *= step_x
        grad_y[k] *= step_y
    add_normals_gradient(row, center_x, center_y, (u, v), total, grad, grad_x, grad_y, normals)


@kernel
def _spread(corners, normals, triangles, triangle, base, group, into):
    """Hand the gradient of a triangle's normals to its corners, and clear it."""
    for k in range(3):
        p, q = (k + 1) % 3, (k + 2) % 3
        target_p, target_q = base + triangles[triangle, p], base + triangles[triangle, q]
        add_cross_gradient(
            corners[p], corners[q], normals[3 * k : 3 * k + 3], into[group, target_p], into[group, target_q]
        )
    for k in range(9):
        normals[k] = 0
