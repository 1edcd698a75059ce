"""Which points of a regular grid a surface encloses, by the winding number, from signed crossings of grid lines.

Along a line the winding number of a closed surface changes by one at each crossing, so that counting gives it exactly.
An open surface is closed by a fan over its borders first, whose own share (Jacobson et al., SIGGRAPH 2013, Eq. 5) is
taken off again: winding numbers of surfaces add up.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Bool, Float64, Int64

from dig_framework.kernel import kernel
from dig_framework.metrics.surface import Surface
from dig_framework.metrics.winding_number import winding_numbers

_ASIDE = (1.7e-7 * math.sqrt(2), 1.7e-7 * math.sqrt(3))
"""Lines pass this share of a cell beside the centres, so that none goes through an edge along the axes."""


def enclosed_cells(
    surface: Surface, low: Float64[np.ndarray, "3"], high: Float64[np.ndarray, "3"], cells: int
) -> Bool[np.ndarray, "x y z"]:
    """Return at which cell centres of a grid between two corners [m] the winding number exceeds one half."""
    step = np.maximum(high - low, 1e-12) / cells
    welded = _welded(surface)
    caps = _caps(welded)
    closed = np.concatenate([welded.vertices[welded.faces], caps.vertices[caps.faces]])
    number = _crossings((closed - low) / step, cells, *_ASIDE).astype(np.float64)
    if len(caps.faces):
        centers = (np.stack(np.meshgrid(*[np.arange(cells) + 0.5] * 3, indexing="ij"), -1) * step + low).reshape(-1, 3)
        number -= winding_numbers(caps.vertices, caps.faces, centers).reshape(number.shape)
    return number > 0.5


def _welded(surface: Surface) -> Surface:
    """Return a surface in which vertices at one place are one."""
    vertices, same = np.unique(surface.vertices, axis=0, return_inverse=True)
    return Surface(vertices, np.asarray(same).reshape(-1)[surface.faces].astype(np.int64))


def _caps(surface: Surface) -> Surface:
    """Return a fan of triangles with which a surface has no border, as often as a side lacks its partner."""
    sides = np.concatenate([surface.faces[:, [0, 1]], surface.faces[:, [1, 2]], surface.faces[:, [2, 0]]])
    turned = sides[:, 0] > sides[:, 1]
    pairs, which = np.unique(np.sort(sides, axis=1), axis=0, return_inverse=True)
    excess = np.bincount(np.asarray(which).reshape(-1), np.where(turned, -1, 1), len(pairs)).astype(np.int64)
    # Each missing side, from the start of its pair to the end if the pair has too few of these.
    missing = np.concatenate([_repeated(pairs[:, ::-1], excess), _repeated(pairs, -excess)])
    if not len(missing):
        return Surface(surface.vertices, np.zeros((0, 3), np.int64))
    vertices = np.concatenate([surface.vertices, surface.vertices[missing].reshape(-1, 3).mean(0, keepdims=True)])
    apex = np.full((len(missing), 1), len(surface.vertices))
    return Surface(vertices, np.concatenate([missing, apex], 1).astype(np.int64))


def _repeated(pairs: Int64[np.ndarray, "pairs 2"], counts: Int64[np.ndarray, "pairs"]) -> np.ndarray:
    return np.repeat(pairs, np.maximum(counts, 0), axis=0)


@kernel
def _crossings(triangles, cells, aside_x, aside_y):
    """Return winding numbers at cell centres of a closed surface, whose unit is the cell."""
    number = np.zeros((cells, cells, cells), np.int32)
    for face in range(len(triangles)):
        ax, ay, az = triangles[face, 0]
        bx, by, bz = triangles[face, 1]
        cx, cy, cz = triangles[face, 2]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area == 0.0:
            continue
        sign = 1 if area < 0.0 else -1
        first = max(0, math.floor(min(ax, bx, cx) - 0.5))
        last = min(cells - 1, math.ceil(max(ax, bx, cx) - 0.5))
        lower = max(0, math.floor(min(ay, by, cy) - 0.5))
        upper = min(cells - 1, math.ceil(max(ay, by, cy) - 0.5))
        for i in range(first, last + 1):
            x = i + 0.5 + aside_x
            for j in range(lower, upper + 1):
                y = j + 0.5 + aside_y
                second = ((x - ax) * (cy - ay) - (y - ay) * (cx - ax)) / area
                third = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / area
                if second < 0.0 or third < 0.0 or second + third > 1.0:
                    continue
                height = az + second * (bz - az) + third * (cz - az)
                # The first centre above the crossing.
                k = max(0, math.floor(height - 0.5) + 1)
                if k < cells:
                    number[i, j, k] += sign
    for i in range(cells):
        for j in range(cells):
            for k in range(1, cells):
                number[i, j, k] += number[i, j, k - 1]
    return number
