"""Which texels a sample reads, with what weights, and how the weights depend on where the sample is."""

from __future__ import annotations

import math

import numpy as np

from dig_framework.kernel import kernel
from dig_framework.raster.cube_map import across_seam

NEAREST, LINEAR, MIP_NEAREST, MIP_LINEAR = 0, 1, 2, 3
WRAP, CLAMP, ZERO, CUBE = 0, 1, 2, 3
TAPS = 8
"""Texels read at most."""
WEIGHT, ALONG_S, ALONG_T, ALONG_LEVEL = 0, 1, 2, 3
"""Rows of what is kept of a tap: its weight and the weight's derivatives."""


@kernel
def fill_taps(levels, faces, image, face, s, t, level, filtering, boundary, spare, texel, numbers):
    """Fill the taps of a sample; return their number.

    Args:
        levels: First texel, height and width of every level [L, 3]; the first level is an array of its own.
        faces: 6 for cube maps, else 1.
        image: Texture of the sample.
        face: Of the cube map.
        s: To the right, of the sample, in units of the texture.
        t: Up.
        level: Of the sample, within those that there are.
        filtering: NEAREST and so on.
        boundary: WRAP and so on.
        spare: For a direction [3].
        texel: Receives whether the tap is in the first level (0) or another (1), and the texel there [TAPS, 2], int64.
        numbers: Receives WEIGHT, ALONG_S, ALONG_T and ALONG_LEVEL [4, TAPS].
    """
    if filtering < MIP_NEAREST:
        return _fill_level(levels, 0, faces, image, face, s, t, filtering, boundary, spare, texel, numbers, 0)
    if filtering == MIP_NEAREST:
        which = np.int64(math.floor(level + 0.5))
        return _fill_level(levels, which, faces, image, face, s, t, LINEAR, boundary, spare, texel, numbers, 0)
    which = min(np.int64(math.floor(level)), len(levels) - 1)
    share = level - which
    count = _fill_level(levels, which, faces, image, face, s, t, LINEAR, boundary, spare, texel, numbers, 0)
    if which + 1 == len(levels):
        return count
    total = _fill_level(levels, which + 1, faces, image, face, s, t, LINEAR, boundary, spare, texel, numbers, count)
    for k in range(total):
        numbers[ALONG_LEVEL, k] = -numbers[WEIGHT, k] if k < count else numbers[WEIGHT, k]
        for row in range(ALONG_LEVEL):
            numbers[row, k] *= 1 - share if k < count else share
    return total


@kernel
def _fill_level(levels, which, faces, image, face, s, t, filtering, boundary, spare, texel, numbers, count):
    """Add the taps of one level; return the number of taps."""
    first, height, width = levels[which, 0], levels[which, 1], levels[which, 2]
    place = (which, first + image * faces * height * width)
    if filtering == NEAREST:
        i, j = _nearest(s, width, boundary), _nearest(t, height, boundary)
        if i >= 0 and j >= 0:
            count = _add_tap(place, (face * height + j) * width + i, 1.0, 0.0, 0.0, texel, numbers, count)
        return count
    i, x, slope_x = _bracket(s, width, boundary)
    j, y, slope_y = _bracket(t, height, boundary)
    start, corner = count, -1
    for k in range(4):
        right, up = k % 2, k // 2
        weight_x, weight_y = (x if right else 1 - x), (y if up else 1 - y)
        along_s, along_t = (slope_x if right else -slope_x) * weight_y, (slope_y if up else -slope_y) * weight_x
        at = _texel(face, i + right, j + up, height, width, boundary, spare)
        if at == -2:
            corner = k
        elif at >= 0:
            count = _add_tap(place, at, weight_x * weight_y, along_s, along_t, texel, numbers, count)
    if corner >= 0:
        right, up = corner % 2, corner // 2
        weight_x, weight_y = (x if right else 1 - x), (y if up else 1 - y)
        along_s, along_t = (slope_x if right else -slope_x) * weight_y, (slope_y if up else -slope_y) * weight_x
        # Three faces meet here and there is no fourth texel: the three that there are share its weight.
        for k in range(start, count):
            numbers[WEIGHT, k] += weight_x * weight_y / 3
            numbers[ALONG_S, k] += along_s / 3
            numbers[ALONG_T, k] += along_t / 3
    return count


@kernel
def _add_tap(place, at, weight, along_s, along_t, texel, numbers, count):
    texel[count, 0], texel[count, 1] = min(place[0], 1), place[1] + at
    numbers[WEIGHT, count], numbers[ALONG_S, count], numbers[ALONG_T, count] = weight, along_s, along_t
    numbers[ALONG_LEVEL, count] = 0.0
    return count + 1


@kernel
def _nearest(s, size, boundary):
    """Return the texel that a coordinate is in, -1 if it is in none."""
    if boundary == WRAP:
        s -= np.floor(s)
    i = np.int64(math.floor(min(max(s * size, -1.0), size + 0.0)))
    if boundary == WRAP:
        return i % size
    if boundary == ZERO:
        return i if i < size else -1
    return min(max(i, 0), size - 1)


@kernel
def _bracket(s, size, boundary):
    """Return the texel before a coordinate, how far behind its centre it is, and how fast that grows with it."""
    if boundary == WRAP:
        s -= np.floor(s)
    x = s * size - 0.5
    slope = np.float64(size)
    if boundary == CLAMP and not (x >= 0 and x <= size - 1):
        x, slope = min(max(x, 0.0), size - 1.0), 0.0
    if boundary == ZERO and not (x >= -1 and x <= size):
        x, slope = min(max(x, -1.0), size + 0.0), 0.0
    i = np.int64(math.floor(x))
    return i, x - i, slope


@kernel
def _texel(face, i, j, height, width, boundary, spare):
    """Return the texel at column i and row j, which may be one beyond a side: -1 for zero, -2 for a cube's corner."""
    inside_i, inside_j = i >= 0 and i < width, j >= 0 and j < height
    if not (inside_i and inside_j):
        if boundary == WRAP:
            i, j = i % width, j % height
        elif boundary == CLAMP:
            i, j = min(max(i, 0), width - 1), min(max(j, 0), height - 1)
        elif boundary == ZERO:
            return -1
        elif not (inside_i or inside_j):
            return -2
        else:
            face, i, j = across_seam(face, i, j, width, spare)
    return (face * height + j) * width + i
