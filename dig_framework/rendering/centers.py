"""What pixel centres see, drawn and differentiated run by run."""

from __future__ import annotations

import numpy as np
from numba import prange

from dig_framework.kernel import kernel, lane_kernel, parallel_kernel
from dig_framework.rendering.geometry import NOTHING, PLANE
from dig_framework.rendering.lane_shading import shade_lanes, shade_lanes_backward
from dig_framework.rendering.lanes import (
    D_COLOR,
    D_DEPTH,
    D_NORMAL,
    D_POSITION,
    DEPTH,
    LANES,
    OUT,
    SIZE,
    WEIGHT,
    gather_faces,
    gather_plane,
)

GROUPS = 4
"""Rows are dealt to this many groups, each with gradients of its own, so that sums do not depend on the threads."""
BAND = 8
"""Rows that stay together [px]."""


@parallel_kernel
def draw_centers(surfaces, tables, setup, seen, color, depth, masks):
    """Fill colour [height, width, 3], depth and masks [objects, height, width] with what pixel centres see."""
    # Loops that run on threads hold one call: whatever else is in them takes long to compile.
    for y in prange(seen.shape[0]):
        _draw_row(np.int64(y), surfaces, tables, setup, seen, color, depth, masks)


@kernel
def _draw_row(y, surfaces, tables, setup, seen, color, depth, masks):
    buffer, x = np.empty(SIZE, color.dtype), np.int64(0)
    while x < seen.shape[1]:
        owner, end = _run(surfaces.face_object, seen[y], x)
        _draw_run(buffer, x, end, y, owner, surfaces, tables, setup, seen[y], color[y], depth[y])
        if owner >= 0:
            masks[owner, y, x:end] = 1
        x = end


@kernel
def _run(face_object, seen, x):
    """Return who is seen from pixel x on, and where that or the room in a buffer ends."""
    owner, end = _owner(face_object, seen[x]), x + 1
    while end < seen.shape[0] and end - x < LANES and _owner(face_object, seen[end]) == owner:
        end += 1
    return owner, end


@kernel
def _owner(face_object, face):
    return np.int64(face_object[face]) if face >= 0 else np.int64(face)


@kernel
def _draw_run(buffer, x, end, y, owner, surfaces, tables, setup, seen, color, depth):
    count = end - x
    if owner == NOTHING:
        depth[x:end] = 0
    elif owner == PLANE:
        gather_plane(buffer, count, x, y, surfaces, tables.plane_normal)
    else:
        gather_faces(buffer, count, x, y, surfaces, setup, seen[x:end])
    if owner != NOTHING:
        depth[x:end] = buffer[DEPTH : DEPTH + count]
    if owner == NOTHING or (owner == PLANE and not surfaces.plane_shown):
        for i in range(x, end):
            for c in range(3):
                color[i, c] = tables.background[c]
        return
    # The plane's material is the last, where an index of -1 finds it.
    shade_lanes(buffer, count, tables.materials[owner], tables.lights, tables.ambient, tables.constants)
    for i in range(count):
        for c in range(3):
            color[x + i, c] = buffer[OUT + c * LANES + i]


@parallel_kernel
def draw_centers_backward(surfaces, tables, setup, seen, share, plane_wanted, color, depth, gradients):
    """Add the derivative of `draw_centers`, of which `share` [height, width] of each pixel's value is left.

    Args:
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
    for group in prange(GROUPS):
        _group_backward(np.int64(group), surfaces, tables, setup, seen, share, plane_wanted, color, depth, gradients)


@kernel
def _group_backward(group, surfaces, tables, setup, seen, share, plane_wanted, color, depth, gradients):
    buffer, sums = np.empty(SIZE, color.dtype), np.empty((3, 3))
    for y in range(seen.shape[0]):
        if (y // BAND) % GROUPS != group:
            continue
        x = np.int64(0)
        while x < seen.shape[1]:
            owner, end = _run(surfaces.face_object, seen[y], x)
            if owner >= 0 or (owner == PLANE and plane_wanted):
                _take(buffer, x, end, color[y], depth[y], share[y])
                _run_backward(buffer, x, end, y, owner, surfaces, tables, setup, seen[y], sums, group, gradients)
            x = end


@kernel
def _take(buffer, x, end, color, depth, share):
    """Fill the gradients of radiance and depth."""
    for i in range(x, end):
        for c in range(3):
            buffer[OUT + c * LANES + i - x] = share[i] * color[i, c]
        buffer[D_DEPTH + i - x] = share[i] * depth[i]


@kernel
def _run_backward(buffer, x, end, y, owner, surfaces, tables, setup, seen, sums, group, gradients):
    count = end - x
    if owner == PLANE:
        gather_plane(buffer, count, x, y, surfaces, tables.plane_normal)
    else:
        gather_faces(buffer, count, x, y, surfaces, setup, seen[x:end])
    if owner >= 0 or surfaces.plane_shown:
        last = gradients.materials.shape[1] - 1 if owner == PLANE else owner
        shade_lanes_backward(
            buffer, count, tables.materials[owner], tables.lights, tables.ambient, tables.constants,
            gradients.materials[group, last], gradients.lights[group], gradients.ambient[group],
        )  # fmt: skip
        _position_backward(buffer, count, x, y, surfaces.camera_from_pixel)
    if owner == PLANE:
        _plane_backward(
            buffer, count, x, y, surfaces.plane_shown, gradients.plane[group], gradients.plane_normal[group]
        )
    else:
        _faces_backward(buffer, count, x, y, surfaces, setup, seen, sums, group, gradients)


@lane_kernel
def _position_backward(buffer, count, x, y, k):
    """Take the gradient of positions to depths."""
    ray0, ray1 = k[0, 0] * x + k[0, 1] * y + k[0, 2], k[1, 0] * x + k[1, 1] * y + k[1, 2]
    for i in range(count):
        total = (ray0 + k[0, 0] * i) * buffer[D_POSITION + i]
        total += (ray1 + k[1, 0] * i) * buffer[D_POSITION + LANES + i] + k[2, 2] * buffer[D_POSITION + 2 * LANES + i]
        buffer[D_DEPTH + i] += total


@lane_kernel
def _plane_backward(buffer, count, x, y, shown, plane_gradient, normal_gradient):
    """Take the gradients of depths to the coefficients of the plane's inverse depth, and sum those of the normal."""
    zeroth, first = 0.0, 0.0
    for i in range(count):
        g = np.float64(buffer[D_DEPTH + i]) * buffer[DEPTH + i] * buffer[DEPTH + i]
        zeroth += g
        first += g * i
    plane_gradient[0] -= first + x * zeroth
    plane_gradient[1] -= y * zeroth
    plane_gradient[2] -= zeroth
    if shown:
        for c in range(3):
            total = 0.0
            for i in range(count):
                total += buffer[D_NORMAL + c * LANES + i]
            normal_gradient[c] += total


@kernel
def _faces_backward(buffer, count, x, y, surfaces, setup, seen, sums, group, gradients):
    """Take the gradients of what is mixed to the corners of faces, and of weights to their positions, face by face."""
    first = 0
    while first < count:
        face, last = np.int64(seen[x + first]), first + 1
        while last < count and seen[x + last] == face:
            last += 1
        _mix_backward(buffer, first, last, surfaces, face, group, gradients)
        _weights_backward(buffer, first, last, x, y, surfaces, setup[face], face, sums)
        corner = surfaces.faces[face]
        for k in range(3):
            _edge_backward(surfaces.vertices, corner[k - 2], corner[k - 1], sums[k], gradients.vertices[group])
        first = last


@kernel
def _mix_backward(buffer, first, last, surfaces, face, group, gradients):
    corner, normal = surfaces.faces[face], surfaces.normal_faces[face]
    for k in range(3):
        depth, n0, n1, n2, c0, c1, c2 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for i in range(first, last):
            w = np.float64(buffer[WEIGHT + k * LANES + i])
            depth += w * buffer[D_DEPTH + i]
            n0 += w * buffer[D_NORMAL + i]
            n1 += w * buffer[D_NORMAL + LANES + i]
            n2 += w * buffer[D_NORMAL + 2 * LANES + i]
            c0 += w * buffer[D_COLOR + i]
            c1 += w * buffer[D_COLOR + LANES + i]
            c2 += w * buffer[D_COLOR + 2 * LANES + i]
        gradients.vertices[group, corner[k], 2] += depth
        _add(gradients.normals, group, normal[k], n0, n1, n2)
        _add(gradients.colors, group, corner[k], c0, c1, c2)


@kernel
def _add(values, group, row, x, y, z):
    values[group, row, 0] += x
    values[group, row, 1] += y
    values[group, row, 2] += z


@kernel
def _weights_backward(buffer, first, last, x, y, surfaces, row, face, sums):
    """Fill, for each edge function, the sum of its gradient times (u, v, 1) [3, 3]."""
    corner, normal = surfaces.faces[face], surfaces.normal_faces[face]
    sums[:] = 0
    for i in range(first, last):
        u, v = np.float64(x + i), np.float64(y)
        total = 0.0
        for k in range(3):
            total += max(row[3 * k] * u + (row[3 * k + 1] * v + row[3 * k + 2]), 0.0)
        if total <= 0:
            continue
        change0 = _weight_gradient(buffer, i, surfaces, corner[0], normal[0])
        change1 = _weight_gradient(buffer, i, surfaces, corner[1], normal[1])
        change2 = _weight_gradient(buffer, i, surfaces, corner[2], normal[2])
        mean = buffer[WEIGHT + i] * change0 + buffer[WEIGHT + LANES + i] * change1
        mean += buffer[WEIGHT + 2 * LANES + i] * change2
        for k in range(3):
            g = ((change0 if k == 0 else (change1 if k == 1 else change2)) - mean) * row[14] / total
            sums[k, 0] += g * u
            sums[k, 1] += g * v
            sums[k, 2] += g


@kernel
def _weight_gradient(buffer, i, surfaces, vertex, normal):
    """Return the gradient with respect to the weight of one corner."""
    n, a = surfaces.normals[normal], surfaces.colors[vertex]
    total = buffer[D_DEPTH + i] * surfaces.vertices[vertex, 2]
    for c in range(3):
        total += buffer[D_NORMAL + c * LANES + i] * n[c] + buffer[D_COLOR + c * LANES + i] * a[c]
    return total


@kernel
def _edge_backward(vertices, p, q, m, out):
    """Add the derivative of det(v_p, v_q, m) to the gradients of both vertices."""
    a, b = vertices[p], vertices[q]
    out[p, 0] += b[1] * m[2] - b[2] * m[1]
    out[p, 1] += b[2] * m[0] - b[0] * m[2]
    out[p, 2] += b[0] * m[1] - b[1] * m[0]
    out[q, 0] += m[1] * a[2] - m[2] * a[1]
    out[q, 1] += m[2] * a[0] - m[0] * a[2]
    out[q, 2] += m[0] * a[1] - m[1] * a[0]
