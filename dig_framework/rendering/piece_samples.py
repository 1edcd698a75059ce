"""Colour and depth on both sides of pieces of silhouettes, drawn and differentiated run by run."""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel
from dig_framework.rendering.centers import any_nonzero, is_wanted, looks_backward
from dig_framework.rendering.geometry import NOTHING, PLANE, weights
from dig_framework.rendering.lane_faces import gather_faces
from dig_framework.rendering.lane_gradients import faces_backward
from dig_framework.rendering.lane_shading import shade_lanes
from dig_framework.rendering.lanes import (
    D_DEPTH,
    DEPTH,
    LANES,
    OUT,
    WEIGHT,
    U,
    V,
    gather_plane,
    is_shaded,
    new_run,
    owner_of,
    whiten,
)
from dig_framework.rendering.piece_slides import slide_on_edges, slide_on_faces, slide_on_plane


@kernel
def sample_pieces(part, parts, surfaces, tables, setup, pieces, values):
    """Fill colour and depth of one part of the pieces, inside (0) and outside (1), in `values` [2, pieces, 4]."""
    run, count = new_run(tables.constants), pieces.pixel.shape[0]
    for side in range(2):
        k, last = count * part // parts, count * (part + 1) // parts
        while k < last:
            owner, end = _same(pieces, side, k, last, surfaces.face_object)
            _gather(run, pieces, side, k, end, owner, surfaces, tables, setup)
            shaded = is_shaded(owner, surfaces)
            if shaded:
                shade_lanes(
                    run.buffer, run.powers, end - k, tables.materials[owner], tables.lights, tables.ambient,
                    tables.constants,
                )  # fmt: skip
            for i in range(k, end):
                for c in range(3):
                    values[side, i, c] = run.buffer[OUT + c * LANES + i - k] if shaded else tables.background[c]
                values[side, i, 3] = run.buffer[DEPTH + i - k] if owner != NOTHING else 0.0
            k = end


@kernel
def sample_pieces_backward(surfaces, tables, setup, pieces, side, wanted, gradient, middles, gradients):
    """Add the derivative of `sample_pieces` to the first copy of the gradients.

    Args:
        surfaces: As there, like the next three.
        tables: As there.
        setup: As there.
        pieces: As there.
        side: As there.
        wanted: What has a gradient.
        gradient: With respect to colour and depth [pieces, 4].
        middles: Those with respect to the middles are added [pieces, 2].
        gradients: Of type `Gradients`.
    """
    run, k, slides = new_run(tables.constants), np.int64(0), np.empty((LANES, 2))
    while k < pieces.pixel.shape[0]:
        owner, end = _same(pieces, side, k, pieces.pixel.shape[0], surfaces.face_object)
        count = end - k
        if owner != NOTHING and (is_wanted(owner, wanted) or wanted.shapes):
            _gather(run, pieces, side, k, end, owner, surfaces, tables, setup)
            for i in range(k, end):
                for c in range(3):
                    run.buffer[OUT + c * LANES + i - k] = gradient[i, c]
                run.buffer[D_DEPTH + i - k] = gradient[i, 3]
            lit = any_nonzero(run.buffer, OUT, 3, count)
            looks_backward(run, count, owner, lit, wanted.shapes, wanted, surfaces, tables, np.int64(0), gradients)
            if wanted.shapes:
                _shapes_backward(run, k, count, owner, side, pieces, surfaces, setup, slides, gradients)
                for i in range(count):
                    middles[k + i, 0] += slides[i, 0]
                    middles[k + i, 1] += slides[i, 1]
        k = end


@kernel
def _shapes_backward(run, first, count, owner, side, pieces, surfaces, setup, slides, gradients):
    """Add to the gradients of corners, and write those of the points of the image."""
    if owner == PLANE:
        slide_on_plane(run, count, surfaces.plane, surfaces.camera_from_pixel, slides)
        return
    faces_backward(
        run.buffer, run.faces, count, side == 1, surfaces.vertices, surfaces.faces, surfaces.normals,
        surfaces.normal_faces, surfaces.colors, setup, gradients.vertices[0], gradients.normals[0],
        gradients.colors[0],
    )  # fmt: skip
    if side == 1:
        slide_on_faces(run, count, surfaces, setup, slides)
    else:
        slide_on_edges(run, first, count, pieces, surfaces, slides, gradients.vertices[0])


@kernel
def _face(pieces, side, k):
    return pieces.inside[k] if side == 0 else pieces.outside[k]


@kernel
def _same(pieces, side, k, last, face_object):
    """Return who is seen at piece k and where that, the room in a run, or the part up to `last` ends."""
    owner, end = owner_of(face_object, _face(pieces, side, k)), k + 1
    while end < last and end - k < LANES:
        if owner_of(face_object, _face(pieces, side, end)) != owner:
            break
        end += 1
    return owner, end


@kernel
def _gather(run, pieces, side, first, end, owner, surfaces, tables, setup):
    for k in range(first, end):
        run.buffer[U + k - first], run.buffer[V + k - first] = (pieces.numbers[k, 0], pieces.numbers[k, 1])
    if owner == PLANE:
        gather_plane(run.buffer, end - first, surfaces, tables.plane_normal)
        whiten(run.buffer, end - first, tables.constants[1])
    elif owner != NOTHING:
        for k in range(first, end):
            run.faces[k - first] = _face(pieces, side, k)
            w0, w1, w2 = _weights(pieces, side, k, setup)
            at = WEIGHT + k - first
            run.buffer[at], run.buffer[at + LANES], run.buffer[at + 2 * LANES] = (w0, w1, w2)
        gather_faces(run, end - first, surfaces)


@kernel
def _weights(pieces, side, k, setup):
    """Return the weights of the seen face's corners in the middle of a piece."""
    if side == 1:
        return weights(setup[pieces.outside[k]], pieces.numbers[k, 0], pieces.numbers[k, 1])
    corner, first = pieces.corner[k], pieces.numbers[k, 4]
    if corner == 0:
        return 0.0, first, 1 - first
    if corner == 1:
        return 1 - first, 0.0, first
    return first, 1 - first, 0.0
