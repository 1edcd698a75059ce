"""Silhouettes blended into images, and the derivative of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dig_framework.kernel import kernel
from dig_framework.rendering.piece_areas import area_backward, is_followed
from dig_framework.rendering.piece_ends import ends_backward, line_backward
from dig_framework.rendering.piece_samples import sample_pieces_backward


class Images(NamedTuple):
    """What is drawn, or the gradient with respect to it."""

    color: np.ndarray
    """[height, width, 3]."""
    depth: np.ndarray
    """[height, width]."""
    masks: np.ndarray
    """[objects, height, width]."""


@kernel
def blend_pieces(surfaces, pieces, images, values):
    """Blend the pieces into the images; `values` are as `sample_pieces` fills them, and become what was blended."""
    width = images.depth.shape[1]
    for k in range(pieces.pixel.shape[0]):
        if pieces.matched[k]:
            y, x = pieces.pixel[k] // width, pieces.pixel[k] % width
            before = values[0 if pieces.center_inside[k] else 1, k]
            for c in range(3):
                before[c] = images.color[y, x, c]
            before[3] = images.depth[y, x]
    for k in range(pieces.pixel.shape[0]):
        y, x = pieces.pixel[k] // width, pieces.pixel[k] % width
        area = _signed_area(pieces, k)
        for c in range(3):
            images.color[y, x, c] += area * (values[0, k, c] - values[1, k, c])
        images.depth[y, x] += area * (values[0, k, 3] - values[1, k, 3])
        images.masks[surfaces.face_object[pieces.inside[k]], y, x] += area
        if pieces.outside[k] >= 0:
            images.masks[surfaces.face_object[pieces.outside[k]], y, x] -= area
    for k in range(pieces.pixel.shape[0]):
        y, x = pieces.pixel[k] // width, pieces.pixel[k] % width
        for m in range(images.masks.shape[0]):
            images.masks[m, y, x] = min(max(images.masks[m, y, x], 0.0), 1.0)


@kernel
def _signed_area(pieces, k):
    """Return what a piece adds to its pixel's share of its inner side [px^2]."""
    return -pieces.numbers[k, 2] if pieces.center_inside[k] else pieces.numbers[k, 2]


@kernel
def blend_pieces_backward(surfaces, tables, setup, pieces, values, wanted, images_gradient, share, gradients):
    """Add the derivative of `blend_pieces` and take from `share` what the pixels' own values lose.

    Args:
        surfaces: As in `sample_pieces`, like the next three.
        tables: As there.
        setup: As there.
        pieces: As there.
        values: As `blend_pieces` leaves them; lost.
        wanted: What has a gradient.
        images_gradient: With respect to the images.
        share: Of every pixel's own value that is seen [height, width].
        gradients: Of type `Gradients`, of which the first copy is added to.
    """
    width = images_gradient.depth.shape[1]
    count = pieces.pixel.shape[0]
    ends, middles = np.zeros((count, 4)), np.zeros((count, 2))
    for k in range(count):
        y, x = pieces.pixel[k] // width, pieces.pixel[k] % width
        if wanted.shapes:
            _area_backward(surfaces, setup, pieces, k, values, images_gradient, y, x, ends[k], gradients.vertices[0])
        if pieces.matched[k]:
            share[y, x] -= pieces.numbers[k, 2]
        _take(pieces, k, values, images_gradient.color[y, x], images_gradient.depth[y, x])
    for side in range(2):
        sample_pieces_backward(surfaces, tables, setup, pieces, side, wanted, values[side], middles, gradients)
    if wanted.shapes:
        for k in range(count):
            for c in range(4):
                ends[k, c] += middles[k, c % 2] / 2
        ends_backward(surfaces.vertices, surfaces.faces, setup, pieces, ends, gradients.vertices[0])


@kernel
def _area_backward(surfaces, setup, pieces, k, values, images_gradient, y, x, ends, out):
    """Add what the jump across a piece is worth as its area changes, to the vertices or to the piece's ends.

    Masks jump by one across all pieces of an outline, so the area's change is that of what the whole outline hides: the
    length of the piece times its speed. Colours and depths jump differently across every piece.
    """
    inside, outside = pieces.inside[k], pieces.outside[k]
    jump = np.float64(images_gradient.masks[surfaces.face_object[inside], y, x])
    if outside >= 0:
        jump -= images_gradient.masks[surfaces.face_object[outside], y, x]
    step = np.float64(images_gradient.depth[y, x] * (values[0, k, 3] - values[1, k, 3]))
    for c in range(3):
        step += images_gradient.color[y, x, c] * (values[0, k, c] - values[1, k, c])
    if is_followed(pieces, k):
        numbers, sign = pieces.numbers, -1.0 if pieces.center_inside[k] else 1.0
        a, b, c, d = numbers[k, 9] - x, numbers[k, 10] - y, numbers[k, 11] - x, numbers[k, 12] - y
        area_backward(a, b, c, d, sign * step, ends)
    else:
        jump += step
    u, v = pieces.numbers[k, 0], pieces.numbers[k, 1]
    speed = jump * pieces.numbers[k, 3]
    line_backward(surfaces.vertices, surfaces.faces, setup, inside, pieces.corner[k], u, v, speed, out)


@kernel
def _take(pieces, k, values, color, depth):
    """Fill the gradients of both sides of a piece; where a pixel's own value stood for one, it has them."""
    area = _signed_area(pieces, k)
    for side in range(2):
        is_center = pieces.matched[k] and pieces.center_inside[k] == (side == 0)
        part = 0.0 if is_center else (area if side == 0 else -area)
        for c in range(3):
            values[side, k, c] = part * color[c]
        values[side, k, 3] = part * depth
