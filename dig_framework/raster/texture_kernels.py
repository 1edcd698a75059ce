"""Kernels of `texture` and of its gradient."""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel
from dig_framework.raster.cube_map import (
    add_face_point_gradient,
    add_face_slopes_gradient,
    cube_face,
    face_point,
    face_slopes,
)
from dig_framework.raster.footprint import fill_level_gradient, level_of, squared_axis
from dig_framework.raster.rows import BAND
from dig_framework.raster.texture_taps import (
    ALONG_LEVEL,
    ALONG_S,
    ALONG_T,
    CUBE,
    MIP_NEAREST,
    NEAREST,
    TAPS,
    WEIGHT,
    fill_taps,
)

FACE, S, T, LEVEL, SQUARE, LOOSE = 0, 1, 2, 3, 4, 5
"""What is kept of a sample: its face, where it is there, its level, the squared axis, and whether the level is free."""
_PLACE = 6


@kernel
def sample_texture(part, parts, tex, mips, levels, faces, sets, uv, uv_da, bias, filtering, boundary, out):
    """Fill samples.

    Args:
        part: Of the threads.
        parts: Their number.
        tex: Texels of the first level [T, C].
        mips: Texels of the other levels [M, C].
        levels: First texel in its array, height and width of every level [L, 3].
        faces: 6 for cube maps, else 1.
        sets: Number of textures: 1, or one an image.
        uv: Where to sample [N, h, w, 2], or directions [N, h, w, 3].
        uv_da: Slopes of `uv` [N, h, w, 4 or 6], or without channels.
        bias: Added to the level, or the level itself [N, h, w], or without pixels.
        filtering: NEAREST and so on.
        boundary: WRAP and so on.
        out: Zeros, receives the samples [N, h, w, C].
    """
    for line in range(part, uv.shape[0] * uv.shape[1], parts):
        _sample_line(tex, mips, levels, faces, sets, uv, uv_da, bias, filtering, boundary, line, out)


@kernel
def _sample_line(tex, mips, levels, faces, sets, uv, uv_da, bias, filtering, boundary, line, out):
    n, y = line // uv.shape[1], line % uv.shape[1]
    place, direction, slopes, flat = np.empty(_PLACE), np.empty(3), np.empty(6), np.empty(4)
    texel, numbers = np.empty((TAPS, 2), np.int64), np.empty((4, TAPS))
    for x in range(uv.shape[2]):
        if not _locate(levels, uv, uv_da, bias, n, y, x, filtering, boundary, place, direction, slopes, flat):
            continue
        count = fill_taps(
            levels, faces, n if sets > 1 else 0, np.int64(place[FACE]), place[S], place[T], place[LEVEL], filtering,
            boundary, direction, texel, numbers,
        )  # fmt: skip
        for c in range(out.shape[3]):
            total = 0.0
            for k in range(count):
                value = mips[texel[k, 1], c] if texel[k, 0] else tex[texel[k, 1], c]
                total += numbers[WEIGHT, k] * value
            out[n, y, x, c] = total


@kernel
def _locate(levels, uv, uv_da, bias, n, y, x, filtering, boundary, place, direction, slopes, flat):
    """Find out where a sample is; return whether it is anywhere."""
    place[FACE], place[LEVEL], place[LOOSE] = 0.0, 0.0, 0.0
    for k in range(uv.shape[3]):
        direction[k] = uv[n, y, x, k]
    place[S], place[T] = direction[0], direction[1]
    if boundary == CUBE:
        face = cube_face(direction)
        if face < 0:
            return False
        place[FACE] = face
        place[S], place[T] = face_point(face, direction)
    if filtering < MIP_NEAREST:
        return True
    level = 0.0
    if uv_da.shape[3]:
        for k in range(uv_da.shape[3]):
            slopes[k] = uv_da[n, y, x, k]
        if boundary == CUBE:
            face_slopes(np.int64(place[FACE]), direction, slopes, flat)
        else:
            for k in range(4):
                flat[k] = slopes[k]
        place[SQUARE] = squared_axis(flat, levels[0, 1], levels[0, 2])
        level = level_of(place[SQUARE])
    if bias.size:
        level += bias[n, y, x]
    last = len(levels) - 1.0
    place[LOOSE] = 1.0 if level >= 0 and level <= last else 0.0
    place[LEVEL] = min(max(level, 0.0), last)
    return True


@kernel
def texture_backward(
    part, parts, tex, mips, levels, faces, sets, uv, uv_da, bias, filtering, boundary, grad, into_tex, into_mips,
    grad_uv, grad_da, grad_bias,
):  # fmt: skip
    """Add or fill the gradient of `sample_texture`.

    Args:
        part: Of the threads.
        parts: Their number.
        tex: As there.
        mips: As there.
        levels: As there.
        faces: As there.
        sets: As there.
        uv: As there.
        uv_da: As there.
        bias: As there.
        filtering: As there.
        boundary: As there.
        grad: Gradient of the samples [N, h, w, C].
        into_tex: Receives sums, one for each group of rows [groups, T, C].
        into_mips: Receives sums [groups, M, C].
        grad_uv: Zeros, receives the gradient with respect to `uv`.
        grad_da: Zeros, receives the gradient with respect to `uv_da`.
        grad_bias: Zeros, receives the gradient with respect to `bias`.
    """
    for group in range(part, into_tex.shape[0], parts):
        _add_group(
            tex, mips, levels, faces, sets, uv, uv_da, bias, filtering, boundary, grad, group, into_tex, into_mips,
            grad_uv, grad_da, grad_bias,
        )  # fmt: skip


@kernel
def _add_group(
    tex, mips, levels, faces, sets, uv, uv_da, bias, filtering, boundary, grad, group, into_tex, into_mips, grad_uv,
    grad_da, grad_bias,
):  # fmt: skip
    """Add the gradient of the rows of one group."""
    height, groups = uv.shape[1], into_tex.shape[0]
    bands = (height + BAND - 1) // BAND
    place, direction, slopes, flat = np.empty(_PLACE), np.empty(3), np.empty(6), np.empty(4)
    texel, numbers, sums = np.empty((TAPS, 2), np.int64), np.empty((4, TAPS)), np.empty(4)
    spare, spare_slopes = np.empty(3), np.empty(6)
    for job in range(group, uv.shape[0] * bands, groups):
        n = job // bands
        for y in range(job % bands * BAND, min((job % bands + 1) * BAND, height)):
            for x in range(uv.shape[2]):
                if not _locate(levels, uv, uv_da, bias, n, y, x, filtering, boundary, place, direction, slopes, flat):
                    continue
                count = fill_taps(
                    levels, faces, n if sets > 1 else 0, np.int64(place[FACE]), place[S], place[T], place[LEVEL],
                    filtering, boundary, spare, texel, numbers,
                )  # fmt: skip
                _add_taps(tex, mips, texel, numbers, count, grad, n, y, x, group, into_tex, into_mips, sums)
                if filtering != NEAREST:
                    _add_place(
                        levels, place, direction, slopes, flat, boundary, sums, n, y, x, spare, spare_slopes, grad_uv,
                        grad_da, grad_bias,
                    )  # fmt: skip


@kernel
def _add_taps(tex, mips, texel, numbers, count, grad, n, y, x, group, into_tex, into_mips, sums):
    """Hand the gradient of one sample to its texels, and sum up what its place gets."""
    for row in range(4):
        sums[row] = 0.0
    for k in range(count):
        dot = 0.0
        at = texel[k, 1]
        for c in range(grad.shape[3]):
            g = np.float64(grad[n, y, x, c])
            if texel[k, 0]:
                dot += g * mips[at, c]
                into_mips[group, at, c] += g * numbers[WEIGHT, k]
            else:
                dot += g * tex[at, c]
                into_tex[group, at, c] += g * numbers[WEIGHT, k]
        for row in range(1, 4):
            sums[row] += dot * numbers[row, k]


@kernel
def _add_place(
    levels, place, direction, slopes, flat, boundary, sums, n, y, x, spare, spare_slopes, grad_uv, grad_da, grad_bias
):
    """Hand the gradient of where a sample is, and of its level, to what these follow from."""
    face = np.int64(place[FACE])
    for k in range(3):
        spare[k] = 0.0
    if boundary == CUBE:
        add_face_point_gradient(face, direction, sums[ALONG_S], sums[ALONG_T], spare)
    else:
        spare[0], spare[1] = sums[ALONG_S], sums[ALONG_T]
    if place[LOOSE] > 0:
        if grad_bias.size:
            grad_bias[n, y, x] = sums[ALONG_LEVEL]
        if grad_da.shape[3]:
            for k in range(6):
                spare_slopes[k] = 0.0
            level_gradient = np.empty(4)
            fill_level_gradient(flat, levels[0, 1], levels[0, 2], place[SQUARE], level_gradient)
            for k in range(4):
                level_gradient[k] *= sums[ALONG_LEVEL]
            if boundary == CUBE:
                add_face_slopes_gradient(face, direction, slopes, level_gradient, spare, spare_slopes)
            else:
                for k in range(4):
                    spare_slopes[k] = level_gradient[k]
            for k in range(grad_da.shape[3]):
                grad_da[n, y, x, k] = spare_slopes[k]
    for k in range(grad_uv.shape[3]):
        grad_uv[n, y, x, k] = spare[k]
