"""Smoothing depth by local planes, compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dig_framework.kernel import kernel

Array = NDArray[np.floating]


@kernel
def _median_around(depth, used, row, column, reach):  # noqa: ANN001, ANN202
    values = np.empty((2 * reach + 1) ** 2)
    count = 0
    for i in range(max(0, row - reach), min(depth.shape[0], row + reach + 1)):
        for j in range(max(0, column - reach), min(depth.shape[1], column + reach + 1)):
            if used[i, j]:
                values[count] = depth[i, j]
                count += 1
    return np.median(values[:count]), count


@kernel
def _solve3(a, y):  # noqa: ANN001, ANN202
    """Solve a symmetric 3 x 3 system by Cramer's rule; LAPACK would take longer to compile than to run."""
    c0 = a[1, 1] * a[2, 2] - a[1, 2] * a[1, 2]
    c1 = a[0, 2] * a[1, 2] - a[0, 1] * a[2, 2]
    c2 = a[0, 1] * a[1, 2] - a[0, 2] * a[1, 1]
    c3 = a[0, 0] * a[2, 2] - a[0, 2] * a[0, 2]
    c4 = a[0, 1] * a[0, 2] - a[0, 0] * a[1, 2]
    c5 = a[0, 0] * a[1, 1] - a[0, 1] * a[0, 1]
    determinant = a[0, 0] * c0 + a[0, 1] * c1 + a[0, 2] * c2
    x = (c0 * y[0] + c1 * y[1] + c2 * y[2]) / determinant
    b = (c1 * y[0] + c3 * y[1] + c4 * y[2]) / determinant
    c = (c2 * y[0] + c4 * y[1] + c5 * y[2]) / determinant
    return x, b, c


@kernel
def _normal_equations(depth, used, row, column, reach, middle, gate):  # noqa: ANN001, ANN202
    """Weighted least squares of 1/z = a + b du + c dv over neighbours within `gate` of `middle`."""
    a, y = np.zeros((3, 3)), np.zeros(3)
    a[1, 1] = a[2, 2] = 0.5
    present, kept = 0, 0
    for i in range(max(0, row - reach), min(depth.shape[0], row + reach + 1)):
        for j in range(max(0, column - reach), min(depth.shape[1], column + reach + 1)):
            if not used[i, j]:
                continue
            present += 1
            if abs(depth[i, j] - middle) > gate:
                continue
            kept += 1
            du, dv = float(j - column), float(i - row)
            weight = np.exp(-(du * du + dv * dv) / (2 * (0.6 * reach) ** 2))
            inverse = 1 / depth[i, j]
            a[0, 0] += weight
            a[0, 1] += weight * du
            a[0, 2] += weight * dv
            a[1, 1] += weight * du * du
            a[1, 2] += weight * du * dv
            a[2, 2] += weight * dv * dv
            y[0] += weight * inverse
            y[1] += weight * inverse * du
            y[2] += weight * inverse * dv
    return a, y, kept, present


@kernel
def fit_inverse_depth(depth, used, reach, gate):  # noqa: ANN001, ANN201
    """Fit 1/z linearly, which is exact for planes in perspective, around every used pixel.

    Args:
        depth: Depth [m], shape (height, width).
        used: Pixels to fit and to fit to.
        reach: Half the size of the neighbourhood [px].
        gate: Neighbours whose depth differs more from the local median are left out [m].

    Returns:
        Smoothed depth [m] (0 where a fit is impossible), share of neighbours kept, slopes of 1/z along u and v
        [1/(m px)]; shape (height, width) each.
    """
    smooth, support = np.zeros(depth.shape), np.zeros(depth.shape)
    slope_u, slope_v = np.zeros(depth.shape), np.zeros(depth.shape)
    for i in range(depth.shape[0]):
        for j in range(depth.shape[1]):
            if not used[i, j]:
                continue
            middle, count = _median_around(depth, used, i, j, 2)
            if count < 4:
                continue
            a, y, kept, present = _normal_equations(depth, used, i, j, reach, middle, gate)
            if kept < 8:
                continue
            inverse, du, dv = _solve3(a, y)
            if inverse <= 0:
                continue
            value = 1 / inverse
            smooth[i, j] = value if abs(value - middle) <= gate else middle
            support[i, j], slope_u[i, j], slope_v[i, j] = kept / present, du, dv
    return smooth, support, slope_u, slope_v
