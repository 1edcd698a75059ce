"""What pixel centres see, drawn and differentiated run by run."""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel, lane_kernel
from dig_framework.rendering.geometry import NOTHING, PLANE, weights
from dig_framework.rendering.lane_gradients import faces_backward, plane_backward, position_backward
from dig_framework.rendering.lane_shading import shade_lanes
from dig_framework.rendering.lane_shading_backward import shade_lanes_backward
from dig_framework.rendering.lanes import (
    D_COLOR,
    D_DEPTH,
    D_POSITION,
    DEPTH,
    LANES,
    OUT,
    WEIGHT,
    gather_faces,
    gather_plane,
    is_shaded,
    new_run,
    owner_of,
    place_row,
)

GROUPS = 4
"""Rows are dealt to this many groups, each with gradients of its own, so that sums do not depend on the threads."""
BAND = 8
"""Rows that stay together [px]."""


@kernel
def draw_centers(part, parts, surfaces, tables, setup, seen, color, depth, masks):
    """Fill colour [height, width, 3], depth and masks [objects, height, width] of one part of the rows."""
    run = new_run(color)
    for y in range(seen.shape[0]):
        if (y // BAND) % parts == part:
            _draw_row(np.int64(y), run, surfaces, tables, setup, seen[y], color[y], depth[y], masks)


@kernel
def _draw_row(y, run, surfaces, tables, setup, seen, color, depth, masks):
    x = np.int64(0)
    while x < seen.shape[0]:
        owner, end = _same(surfaces.face_object, seen, x)
        count = end - x
        if owner != NOTHING:
            _gather(run, count, x, y, owner, surfaces, tables, setup, seen)
        shaded = is_shaded(owner, surfaces)
        if shaded:
            # The plane's material is the last, where an index of -1 finds it.
            shade_lanes(
                run.buffer, run.powers, count, tables.materials[owner], tables.lights, tables.ambient, tables.constants
            )
        _write(run.buffer, x, count, owner, shaded, tables.background, color, depth)
        if owner >= 0:
            masks[owner, y, x:end] = 1
        x = end


@kernel
def _same(face_object, seen, x):
    """Return who is seen from pixel x on, and where that or the room in a buffer ends."""
    owner, end = owner_of(face_object, seen[x]), x + 1
    while end < seen.shape[0] and end - x < LANES and owner_of(face_object, seen[end]) == owner:
        end += 1
    return owner, end


@kernel
def _gather(run, count, x, y, owner, surfaces, tables, setup, seen):
    place_row(run.buffer, count, x, y)
    if owner == PLANE:
        gather_plane(run.buffer, count, surfaces, tables.plane_normal)
        return
    _place_faces(run.buffer, run.faces, count, x, y, setup, seen)
    gather_faces(
        run.buffer, run.faces, count, surfaces.vertices, surfaces.faces, surfaces.normals, surfaces.normal_faces,
        surfaces.colors, surfaces.camera_from_pixel,
    )  # fmt: skip


@kernel
def _place_faces(buffer, faces, count, x, y, setup, seen):
    """Fill the faces that pixels see and the weights of their corners."""
    v = np.float64(y)
    for i in range(count):
        face = np.int64(seen[x + i])
        faces[i] = face
        w0, w1, w2 = weights(setup[face], np.float64(x + i), v)
        buffer[WEIGHT + i], buffer[WEIGHT + LANES + i], buffer[WEIGHT + 2 * LANES + i] = w0, w1, w2


@kernel
def _write(buffer, x, count, owner, shaded, background, color, depth):
    if owner == NOTHING:
        depth[x : x + count] = 0
    else:
        _write_depth(buffer, x, count, depth)
    if shaded:
        _write_color(buffer, x, count, color)
        return
    red, green, blue = background[0], background[1], background[2]
    for i in range(x, x + count):
        color[i, 0], color[i, 1], color[i, 2] = red, green, blue


@lane_kernel
def _write_depth(buffer, x, count, depth):
    for i in range(count):
        depth[x + i] = buffer[DEPTH + i]


@lane_kernel
def _write_color(buffer, x, count, color):
    for i in range(count):
        color[x + i, 0] = buffer[OUT + i]
        color[x + i, 1] = buffer[OUT + LANES + i]
        color[x + i, 2] = buffer[OUT + 2 * LANES + i]


@kernel
def draw_centers_backward(part, parts, surfaces, tables, setup, seen, share, plane_wanted, color, depth, gradients):
    """Add the derivative of `draw_centers`, of which `share` [height, width] of each pixel's value is left.

    Args:
        part: Which of the groups are done: this one, and every `parts`-th after it.
        parts: See there.
        surfaces: As in `draw_centers`, like the next three.
        tables: As there.
        setup: As there.
        seen: As there.
        share: By which the gradients of pixels are multiplied.
        plane_wanted: Whether anything of what the plane shows has a gradient.
        color: Gradient with respect to the colour [height, width, 3].
        depth: Gradient with respect to the depth [height, width].
        gradients: Of type `Gradients`, with `GROUPS` copies.
    """
    run = new_run(color)
    for group in range(part, GROUPS, parts):
        for y in range(seen.shape[0]):
            if (y // BAND) % GROUPS == group:
                _row_backward(
                    np.int64(y), run, surfaces, tables, setup, seen[y], share[y], plane_wanted, color[y], depth[y],
                    np.int64(group), gradients,
                )  # fmt: skip


@kernel
def _row_backward(y, run, surfaces, tables, setup, seen, share, plane_wanted, color, depth, group, gradients):
    x = np.int64(0)
    while x < seen.shape[0]:
        owner, end = _same(surfaces.face_object, seen, x)
        count = end - x
        if owner >= 0 or (owner == PLANE and plane_wanted):
            _take(run.buffer, x, count, color, depth, share)
            lit = any_nonzero(run.buffer, OUT, 3, count)
            if lit or any_nonzero(run.buffer, D_DEPTH, 1, count):
                _gather(run, count, x, y, owner, surfaces, tables, setup, seen)
                run_backward(run, count, owner, lit, True, surfaces, tables, setup, group, gradients)
        x = end


@lane_kernel
def _take(buffer, x, count, color, depth, share):
    """Fill the gradients of radiance and depth."""
    for i in range(count):
        part = share[x + i]
        buffer[OUT + i] = part * color[x + i, 0]
        buffer[OUT + LANES + i] = part * color[x + i, 1]
        buffer[OUT + 2 * LANES + i] = part * color[x + i, 2]
        buffer[D_DEPTH + i] = part * depth[x + i]


@lane_kernel
def any_nonzero(buffer, first, quantities, count):
    """Whether a run has a number that is not zero, or not a number, among some quantities."""
    found = False
    for c in range(quantities):
        for i in range(count):
            found |= buffer[first + c * LANES + i] != 0
    return found


@kernel
def run_backward(run, count, owner, lit, weighted, surfaces, tables, setup, group, gradients):
    """Take the gradients of radiance, if any is `lit`, and depth of a run that is gathered to everything it shows."""
    lit = lit and is_shaded(owner, surfaces)
    for row in range(D_POSITION, D_COLOR + 3 * LANES, LANES):
        for i in range(count):
            run.buffer[row + i] = tables.constants[0]
    if lit:
        last = gradients.materials.shape[1] - 1 if owner == PLANE else owner
        shade_lanes_backward(
            run.buffer, run.powers, count, tables.materials[owner], tables.lights, tables.ambient, tables.constants,
            gradients.materials[group, last], gradients.lights[group], gradients.ambient[group],
        )  # fmt: skip
        position_backward(run.buffer, count, surfaces.camera_from_pixel)
    if owner == PLANE:
        plane_backward(run.buffer, count, lit, gradients.plane[group], gradients.plane_normal[group])
    else:
        faces_backward(
            run.buffer, run.faces, count, weighted, surfaces.vertices, surfaces.faces, surfaces.normals,
            surfaces.normal_faces, surfaces.colors, setup, gradients.vertices[group], gradients.normals[group],
            gradients.colors[group],
        )  # fmt: skip
