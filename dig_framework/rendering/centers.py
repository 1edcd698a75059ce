"""What pixel centres see, drawn and differentiated run by run."""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel, lane_kernel
from dig_framework.rendering.face_sums import add_row, new_sums, take_sums
from dig_framework.rendering.geometry import NOTHING, PLANE
from dig_framework.rendering.lane_faces import gather_row
from dig_framework.rendering.lane_gradients import plane_backward, position_backward
from dig_framework.rendering.lane_shading import shade_lanes
from dig_framework.rendering.lane_shading_backward import clear, shade_lanes_backward
from dig_framework.rendering.lanes import (
    D_COLOR,
    D_DEPTH,
    D_POSITION,
    DEPTH,
    LANES,
    OUT,
    gather_plane,
    is_shaded,
    new_run,
    owner_of,
    place_row,
    whiten,
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
        whiten(run.buffer, count, tables.constants[1])
    else:
        gather_row(run, x, y, count, seen, setup, surfaces, tables.constants[1])


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
def draw_centers_backward(part, parts, surfaces, tables, setup, seen, share, wanted, color, depth, gradients):
    """Add the derivative of `draw_centers`, of which `share` [height, width] of each pixel's value is left.

    Args:
        part: Which of the groups are done: this one, and every `parts`-th after it.
        parts: See there.
        surfaces: As in `draw_centers`, like the next three.
        tables: As there.
        setup: As there.
        seen: As there.
        share: By which the gradients of pixels are multiplied.
        wanted: What has a gradient.
        color: Gradient with respect to the colour [height, width, 3].
        depth: Gradient with respect to the depth [height, width].
        gradients: Of type `Gradients`, with `GROUPS` copies.
    """
    run, height = new_run(color), np.int64(seen.shape[0])
    sums = new_sums(surfaces.faces.shape[0], min(BAND * seen.shape[1], surfaces.faces.shape[0]))
    for group in range(part, GROUPS, parts):
        for first in range(group * BAND, height, GROUPS * BAND):
            for y in range(first, min(first + BAND, height)):
                _row_backward(
                    y, run, sums, surfaces, tables, setup, seen[y], share[y], wanted, color[y], depth[y],
                    np.int64(group), gradients,
                )  # fmt: skip
            take_sums(
                sums, surfaces.colored, surfaces, setup, gradients.vertices[group], gradients.normals[group],
                gradients.colors[group],
            )  # fmt: skip


@kernel
def _row_backward(y, run, sums, surfaces, tables, setup, seen, share, wanted, color, depth, group, gradients):
    x = np.int64(0)
    while x < seen.shape[0]:
        owner, end = _same(surfaces.face_object, seen, x)
        count = end - x
        if owner != NOTHING and is_wanted(owner, wanted):
            _take(run.buffer, x, count, color, depth, share)
            lit = any_nonzero(run.buffer, OUT, 3, count)
            if lit or any_nonzero(run.buffer, D_DEPTH, 1, count):
                _gather(run, count, x, y, owner, surfaces, tables, setup, seen)
                looks_backward(run, count, owner, lit, False, wanted, surfaces, tables, group, gradients)
                if owner >= 0 and wanted.shapes:
                    add_row(run, count, x, y, surfaces.colored, sums)
        x = end


@kernel
def is_wanted(owner, wanted):
    """Whether anything that shapes what a run shows has a gradient."""
    return wanted.looks or (wanted.shapes if owner >= 0 else wanted.plane)


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
def looks_backward(run, count, owner, lit, slides, wanted, surfaces, tables, group, gradients):
    """Take the gradients of radiance, if any is `lit`, and depth of a run that is gathered to looks and the plane.

    Those of depths, normals and colours are left in the run, and those of positions, if it `slides`.
    """
    lit = lit and is_shaded(owner, surfaces)
    moves = slides or (wanted.shapes if owner >= 0 else wanted.plane)
    clear(run.buffer, D_POSITION, (D_COLOR - D_POSITION) // LANES + 3, count, tables.constants)
    if lit:
        last = gradients.materials.shape[1] - 1 if owner == PLANE else owner
        shade_lanes_backward(
            run.buffer, run.powers, count, moves, wanted.highlights[last], tables.materials[last], tables.lights,
            tables.ambient, tables.constants, gradients.materials[group, last], gradients.lights[group],
            gradients.ambient[group],
        )  # fmt: skip
        if moves:
            position_backward(run.buffer, count, surfaces.camera_from_pixel)
    if owner == PLANE and wanted.plane:
        plane_backward(run.buffer, count, lit, gradients.plane[group], gradients.plane_normal[group])
