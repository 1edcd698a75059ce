"""Images from what pixel centres see and from the pieces of silhouette edges, and the derivative of these images."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dig_framework.kernel import kernel
from dig_framework.rendering.geometry import weights
from dig_framework.rendering.samples import edge_function_backward, sample, sample_backward


class Images(NamedTuple):
    """What is drawn, or the gradient with respect to it."""

    color: np.ndarray
    """[height, width, 3]."""
    depth: np.ndarray
    """[height, width]."""
    masks: np.ndarray
    """[objects, height, width]."""


@kernel
def _edge_weights(piece, pieces, w):
    """Fill the weights of the inner face's corners at the middle of a piece."""
    corner, first = pieces.corner[piece], pieces.numbers[piece, 4]
    w[corner], w[(corner + 1) % 3], w[(corner + 2) % 3] = 0.0, first, 1 - first


@kernel
def blend_pieces(surfaces, setup, pieces, images, values):
    """Blend the pieces into the images; `values` [pieces, 2, 4] receives colour and depth inside and outside."""
    width = images.depth.shape[1]
    w = np.empty(3)
    for k in range(pieces.pixel.shape[0]):
        y, x = pieces.pixel[k] // width, pieces.pixel[k] % width
        u, v = pieces.numbers[k, 0], pieces.numbers[k, 1]
        _edge_weights(k, pieces, w)
        sample(surfaces, pieces.inside[k], u, v, w, values[k, 0])
        if pieces.outside[k] >= 0:
            weights(setup[pieces.outside[k]], u, v, w)
        sample(surfaces, pieces.outside[k], u, v, w, values[k, 1])
        if pieces.matched[k]:
            before = 0 if pieces.center_inside[k] else 1
            values[k, before, 0], values[k, before, 1] = images.color[y, x, 0], images.color[y, x, 1]
            values[k, before, 2], values[k, before, 3] = images.color[y, x, 2], images.depth[y, x]
    for k in range(pieces.pixel.shape[0]):
        y, x = pieces.pixel[k] // width, pieces.pixel[k] % width
        area = -pieces.numbers[k, 2] if pieces.center_inside[k] else pieces.numbers[k, 2]
        for c in range(3):
            images.color[y, x, c] += area * (values[k, 0, c] - values[k, 1, c])
        images.depth[y, x] += area * (values[k, 0, 3] - values[k, 1, 3])
        images.masks[surfaces.face_object[pieces.inside[k]], y, x] += area
        if pieces.outside[k] >= 0:
            images.masks[surfaces.face_object[pieces.outside[k]], y, x] -= area
    for k in range(pieces.pixel.shape[0]):
        y, x = pieces.pixel[k] // width, pieces.pixel[k] % width
        for m in range(images.masks.shape[0]):
            images.masks[m, y, x] = min(max(images.masks[m, y, x], 0.0), 1.0)


@kernel
def blend_pieces_backward(surfaces, setup, pieces, values, images_gradient, share, gradients):
    """Add the derivative of `blend_pieces` and take from `share` what the pixels' own values lose."""
    width = images_gradient.depth.shape[1]
    w, inner, outer, group = np.empty(3), np.empty(4), np.empty(4), np.int64(0)
    for k in range(pieces.pixel.shape[0]):
        y, x = pieces.pixel[k] // width, pieces.pixel[k] % width
        u, v, inside, outside = pieces.numbers[k, 0], pieces.numbers[k, 1], pieces.inside[k], pieces.outside[k]
        area = -pieces.numbers[k, 2] if pieces.center_inside[k] else pieces.numbers[k, 2]
        jump = images_gradient.masks[surfaces.face_object[inside], y, x]
        if outside >= 0:
            jump -= images_gradient.masks[surfaces.face_object[outside], y, x]
        for c in range(4):
            g = images_gradient.color[y, x, c] if c < 3 else images_gradient.depth[y, x]
            jump += g * (values[k, 0, c] - values[k, 1, c])
            inner[c], outer[c] = area * g, -area * g
        corner, i = pieces.corner[k], surfaces.faces[inside]
        speed = jump * pieces.numbers[k, 3] * setup[inside, 14]
        edge_function_backward(
            surfaces.vertices, i[(corner + 1) % 3], i[(corner + 2) % 3], u, v, speed, gradients.vertices[group]
        )
        if pieces.matched[k]:
            share[y, x] -= pieces.numbers[k, 2]
        if not (pieces.matched[k] and pieces.center_inside[k]):
            _edge_weights(k, pieces, w)
            sample_backward(surfaces, inside, u, v, w, 0.0, setup, inner, group, gradients)
        if not (pieces.matched[k] and not pieces.center_inside[k]):
            total = weights(setup[outside], u, v, w) if outside >= 0 else 0.0
            sample_backward(surfaces, outside, u, v, w, total, setup, outer, group, gradients)
