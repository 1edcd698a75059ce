"""Kernels of `interpolate` and of its gradient.

With the weights (u, v, 1 - u - v) an attribute is A = u (a_0 - a_2) + v (a_1 - a_2) + a_2, and its slope along X is
dA/dX = du/dX (a_0 - a_2) + dv/dX (a_1 - a_2).
"""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel
from dig_framework.raster.rows import BAND, GROUPS
from dig_framework.raster.triangle_ids import decode_id


@kernel
def spread_attributes(part, parts, attributes, triangles, rast, slope, listed, wide, out, out_slope):
    """Fill attributes of pixels.

    Args:
        part: Of the threads.
        parts: Their number.
        attributes: Of vertices [N or 1, V, A].
        triangles: Vertex indices [F, 3].
        rast: First output of `rasterize` [N, height, width, 4].
        slope: Second output [N, height, width, 4], or without channels.
        listed: Attributes whose slopes are wanted, -1 for none that exists [K].
        wide: Whether `rast` is float64.
        out: Zeros, receives attributes [N, height, width, A].
        out_slope: Zeros, receives slopes along X and Y of each listed attribute [N, height, width, 2 K].
    """
    for line in range(part, rast.shape[0] * rast.shape[1], parts):
        _spread_line(attributes, triangles, rast, slope, listed, wide, line, out, out_slope)


@kernel
def _spread_line(attributes, triangles, rast, slope, listed, wide, line, out, out_slope):
    n, y = line // rast.shape[1], line % rast.shape[1]
    source = n if attributes.shape[0] > 1 else 0
    for x in range(rast.shape[2]):
        face = decode_id(rast[n, y, x, 3], wide) - 1
        if face < 0 or face >= triangles.shape[0]:
            continue
        i, j, k = triangles[face, 0], triangles[face, 1], triangles[face, 2]
        u, v = np.float64(rast[n, y, x, 0]), np.float64(rast[n, y, x, 1])
        w = 1 - u - v
        for c in range(attributes.shape[2]):
            out[n, y, x, c] = u * attributes[source, i, c] + v * attributes[source, j, c] + w * attributes[source, k, c]
        for at in range(len(listed)):
            c = listed[at]
            if c < 0:
                continue
            along_u = np.float64(attributes[source, i, c]) - attributes[source, k, c]
            along_v = np.float64(attributes[source, j, c]) - attributes[source, k, c]
            out_slope[n, y, x, 2 * at] = slope[n, y, x, 0] * along_u + slope[n, y, x, 2] * along_v
            out_slope[n, y, x, 2 * at + 1] = slope[n, y, x, 1] * along_u + slope[n, y, x, 3] * along_v


@kernel
def attributes_backward(
    part, parts, attributes, triangles, rast, slope, listed, wide, grad, grad_out_slope, into, grad_rast, grad_slope
):
    """Add or fill the gradient with respect to all inputs of `spread_attributes`.

    Args:
        part: Of the threads.
        parts: Their number.
        attributes: As there.
        triangles: As there.
        rast: As there.
        slope: As there.
        listed: As there.
        wide: As there.
        grad: Gradient of the attributes [N, height, width, A].
        grad_out_slope: Gradient of their slopes [N, height, width, 2 K].
        into: Receives the sums for attributes of vertices [GROUPS, N or 1, V, A], or no groups.
        grad_rast: Zeros, receives the gradient with respect to u and v [N, height, width, 4].
        grad_slope: Zeros, receives the gradient with respect to slopes [N, height, width, 4], or without channels.
    """
    for group in range(part, GROUPS, parts):
        _add_group(
            attributes, triangles, rast, slope, listed, wide, grad, grad_out_slope, group, into, grad_rast, grad_slope
        )


@kernel
def _add_group(
    attributes, triangles, rast, slope, listed, wide, grad, grad_out_slope, group, into, grad_rast, grad_slope
):
    """Add the gradient of the rows of one group."""
    images, height, width = rast.shape[0], rast.shape[1], rast.shape[2]
    bands = (height + BAND - 1) // BAND
    for job in range(group, images * bands, GROUPS):
        n = job // bands
        source = n if attributes.shape[0] > 1 else 0
        for y in range(job % bands * BAND, min((job % bands + 1) * BAND, height)):
            for x in range(width):
                face = decode_id(rast[n, y, x, 3], wide) - 1
                if face < 0 or face >= triangles.shape[0]:
                    continue
                _add_values(attributes, triangles, face, source, rast, grad, n, y, x, group, into, grad_rast)
                if len(listed):
                    _add_slopes(
                        attributes, triangles, face, source, slope, listed, grad_out_slope, n, y, x, group, into,
                        grad_slope,
                    )  # fmt: skip


@kernel
def _add_values(attributes, triangles, face, source, rast, grad, n, y, x, group, into, grad_rast):
    i, j, k = triangles[face, 0], triangles[face, 1], triangles[face, 2]
    u, v = np.float64(rast[n, y, x, 0]), np.float64(rast[n, y, x, 1])
    w = 1 - u - v
    grad_u, grad_v = 0.0, 0.0
    for c in range(grad.shape[3]):
        g = np.float64(grad[n, y, x, c])
        if into.shape[0]:
            into[group, source, i, c] += g * u
            into[group, source, j, c] += g * v
            into[group, source, k, c] += g * w
        grad_u += g * (np.float64(attributes[source, i, c]) - attributes[source, k, c])
        grad_v += g * (np.float64(attributes[source, j, c]) - attributes[source, k, c])
    grad_rast[n, y, x, 0], grad_rast[n, y, x, 1] = grad_u, grad_v


@kernel
def _add_slopes(attributes, triangles, face, source, slope, listed, grad_out_slope, n, y, x, group, into, grad_slope):
    i, j, k = triangles[face, 0], triangles[face, 1], triangles[face, 2]
    ux, uy = np.float64(slope[n, y, x, 0]), np.float64(slope[n, y, x, 1])
    vx, vy = np.float64(slope[n, y, x, 2]), np.float64(slope[n, y, x, 3])
    sum_ux, sum_uy, sum_vx, sum_vy = 0.0, 0.0, 0.0, 0.0
    for at in range(len(listed)):
        c = listed[at]
        if c < 0:
            continue
        gx, gy = np.float64(grad_out_slope[n, y, x, 2 * at]), np.float64(grad_out_slope[n, y, x, 2 * at + 1])
        along_u = np.float64(attributes[source, i, c]) - attributes[source, k, c]
        along_v = np.float64(attributes[source, j, c]) - attributes[source, k, c]
        if into.shape[0]:
            grad_i, grad_j = gx * ux + gy * uy, gx * vx + gy * vy
            into[group, source, i, c] += grad_i
            into[group, source, j, c] += grad_j
            into[group, source, k, c] -= grad_i + grad_j
        sum_ux += gx * along_u
        sum_uy += gy * along_u
        sum_vx += gx * along_v
        sum_vy += gy * along_v
    grad_slope[n, y, x, 0], grad_slope[n, y, x, 1] = sum_ux, sum_uy
    grad_slope[n, y, x, 2], grad_slope[n, y, x, 3] = sum_vx, sum_vy
