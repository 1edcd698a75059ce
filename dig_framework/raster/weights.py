"""Perspective-correct weights of a triangle's corners at points of the image, and their derivatives.

For corners p_k = (x_k, y_k, w_k) in clip space let n_0 = p_1 x p_2, n_1 = p_2 x p_0, n_2 = p_0 x p_1. At the point
(X, Y) of the image, in normalised coordinates, a_k = n_k . (X, Y, 1); the weights are u_k = a_k / (a_0 + a_1 + a_2),
and z/w = sum z_k a_k / sum w_k a_k, whose denominator is the determinant of the three corners everywhere (Olano and
Greer, Graphics Hardware 1997).
"""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel

SETUP = 12
"""Numbers kept of a triangle: n_0, n_1, n_2, and the coefficients of z/w in (X, Y, 1)."""

_FLAT = 1e-12


@kernel
def read_corners(positions, base, triangles, triangle, corners):
    """Copy the clip-space positions of a triangle's corners [3, 4]."""
    for k in range(3):
        vertex = base + triangles[triangle, k]
        for c in range(4):
            corners[k, c] = positions[vertex, c]


@kernel
def set_up(corners, row):
    """Fill `row` [SETUP]; return whether the triangle has an inside.

    One without, seen exactly from the side, has equal weights everywhere and the mean z/w of its corners.
    """
    determinant, size = 0.0, 0.0
    for k in range(3):
        p, q = corners[(k + 1) % 3], corners[(k + 2) % 3]
        row[3 * k] = p[1] * q[3] - p[3] * q[1]
        row[3 * k + 1] = p[3] * q[0] - p[0] * q[3]
        row[3 * k + 2] = p[0] * q[1] - p[1] * q[0]
    for c in range(3):
        part = row[c] * corners[0, c if c < 2 else 3]
        determinant += part
        size += abs(part)
    if not abs(determinant) > _FLAT * size or not np.isfinite(size):
        for k in range(SETUP):
            row[k] = 0
        for k in range(3):
            row[11] += corners[k, 2] / corners[k, 3] / 3 if corners[k, 3] > 0 else 0.0
        return False
    for c in range(3):
        total = 0.0
        for k in range(3):
            total += corners[k, 2] * row[3 * k + c]
        row[9 + c] = total / determinant
    return True


@kernel
def raw_weights(row, x, y):
    """Return the weights of corners 0 and 1 at a point, and the sum a_0 + a_1 + a_2 (0 if there are no weights)."""
    a0 = row[0] * x + (row[1] * y + row[2])
    a1 = row[3] * x + (row[4] * y + row[5])
    a2 = row[6] * x + (row[7] * y + row[8])
    total = a0 + a1 + a2
    size = abs(a0) + abs(a1) + abs(a2)
    if not abs(total) > _FLAT * size or size < 1e-290:
        return 1 / 3, 1 / 3, 0.0
    return a0 / total, a1 / total, total


@kernel
def clamped(u, v):
    """Return weights with u >= 0, v >= 0 and u + v <= 1."""
    u, v = min(max(u, 0.0), 1.0), min(max(v, 0.0), 1.0)
    total = max(u + v, 1.0)
    return u / total, v / total


@kernel
def clamped_backward(u, v, grad_u, grad_v):
    """Return the gradient with respect to the weights before `clamped`."""
    u1, v1 = min(max(u, 0.0), 1.0), min(max(v, 0.0), 1.0)
    total = u1 + v1
    if total > 1:
        mean = (grad_u * u1 + grad_v * v1) / total
        grad_u, grad_v = (grad_u - mean) / total, (grad_v - mean) / total
    return grad_u if u == u1 else 0.0, grad_v if v == v1 else 0.0


@kernel
def slopes(row, u, v, total, step_x, step_y):
    """Return (du/dX, du/dY, dv/dX, dv/dY) per pixel, which measures `step_x` by `step_y`; zeros without weights."""
    if total == 0:
        return 0.0, 0.0, 0.0, 0.0
    sum_x, sum_y = row[0] + row[3] + row[6], row[1] + row[4] + row[7]
    scale_x, scale_y = step_x / total, step_y / total
    return (
        (row[0] - u * sum_x) * scale_x,
        (row[1] - u * sum_y) * scale_y,
        (row[3] - v * sum_x) * scale_x,
        (row[4] - v * sum_y) * scale_y,
    )


@kernel
def add_normals_gradient(row, x, y, weights, total, grad_weights, grad_x, grad_y, into):
    """Add the gradient with respect to n_0, n_1, n_2 [9] at one point.

    Args:
        row: Of the triangle [SETUP].
        x: Normalised, of the point.
        y: Normalised, of the point.
        weights: u and v as in `raw_weights`.
        total: a_0 + a_1 + a_2, not zero.
        grad_weights: Gradients with respect to u and v.
        grad_x: Gradients with respect to the slopes of u and v along x, per unit of x.
        grad_y: Gradients with respect to the slopes of u and v along y, per unit of y.
        into: Receives the sum [9].
    """
    sum_x, sum_y = row[0] + row[3] + row[6], row[1] + row[4] + row[7]
    total_grad, sum_x_grad, sum_y_grad = 0.0, 0.0, 0.0
    for k in range(2):
        slope_x, slope_y = (row[3 * k] - weights[k] * sum_x) / total, (row[3 * k + 1] - weights[k] * sum_y) / total
        share = (grad_weights[k] - (grad_x[k] * sum_x + grad_y[k] * sum_y) / total) / total
        sum_x_grad -= grad_x[k] * weights[k] / total
        sum_y_grad -= grad_y[k] * weights[k] / total
        total_grad -= share * weights[k] + (grad_x[k] * slope_x + grad_y[k] * slope_y) / total
        into[3 * k] += grad_x[k] / total + share * x
        into[3 * k + 1] += grad_y[k] / total + share * y
        into[3 * k + 2] += share
    for k in range(3):
        into[3 * k] += sum_x_grad + total_grad * x
        into[3 * k + 1] += sum_y_grad + total_grad * y
        into[3 * k + 2] += total_grad


@kernel
def add_cross_gradient(p, q, grad, grad_p, grad_q):
    """Add the gradient of p x q, where p and q are (x, y, w) of clip-space positions [4]; z gets none."""
    grad_p[0] += q[1] * grad[2] - q[3] * grad[1]
    grad_p[1] += q[3] * grad[0] - q[0] * grad[2]
    grad_p[3] += q[0] * grad[1] - q[1] * grad[0]
    grad_q[0] += grad[1] * p[3] - grad[2] * p[1]
    grad_q[1] += grad[2] * p[0] - grad[0] * p[3]
    grad_q[3] += grad[0] * p[1] - grad[1] * p[0]
