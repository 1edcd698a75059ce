"""Kernels of `antialias`: silhouettes between neighbouring pixels, and what they blend.

An edge from p to q, in coordinates in which a pixel measures one and the pixel of the triangle is the origin, lies on
the line n . (x, y, 1) = 0 with n = p x q of the homogeneous points. It crosses the line from the pixel to its
neighbour in the row at x = -n_c / n_x, and in the column at y = -n_c / n_y. Nothing is divided by w, so that an edge
that reaches behind the camera is treated like any other where it is seen.
"""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel
from dig_framework.raster.triangle_ids import decode_id

TOLERANCE = 1 / 16
"""How far beyond either pixel's centre a crossing still counts [px]."""
SHORTEST = 1e-3
"""Extent of an edge across the pair of pixels below which its gradient does not grow further [px]."""


_NO_EDGE = 1e-250


@kernel
def find_crossings(part, parts, rast, positions, base, triangles, opposite, wide, found, count):
    """Find the pairs of pixels that a silhouette separates.

    Args:
        part: Of the threads.
        parts: Their number.
        rast: First output of `rasterize` [N, height, width, 4].
        positions: Clip-space positions of all vertices [P, 4].
        base: First vertex of each image [N].
        triangles: Vertex indices [F, 3].
        opposite: As in `TopologyHash` [F, 3].
        wide: Whether `rast` is float64.
        found: Zeros, receives one plus the corner opposite the edge between each pixel and the next in its row (0) and
            column (1), plus 3 if the triangle is that of the next pixel [N, height, width, 2], uint8.
        count: Receives how many are in each row [N * height].
    """
    for line in range(part, rast.shape[0] * rast.shape[1], parts):
        _search_line(rast, positions, base, triangles, opposite, wide, line, found, count)


@kernel
def _search_line(rast, positions, base, triangles, opposite, wide, line, found, count):
    height, width = rast.shape[1], rast.shape[2]
    n, y = line // height, line % height
    normal = np.empty(3)
    count[line] = 0
    for x in range(width):
        here = decode_id(rast[n, y, x, 3], wide)
        for axis in range(2):
            next_x, next_y = x + 1 - axis, y + axis
            if next_x >= width or next_y >= height:
                continue
            there = decode_id(rast[n, next_y, next_x, 3], wide)
            if here == there:
                continue
            other = here == 0 or (there > 0 and rast[n, next_y, next_x, 2] < rast[n, y, x, 2])
            face = (there if other else here) - 1
            if face >= triangles.shape[0]:
                continue
            own_x, own_y = (next_x, next_y) if other else (x, y)
            sign = -1.0 if other else 1.0
            corner = _crossing_edge(
                positions, base[n], triangles, opposite, face, own_x, own_y, width, height, axis, sign, normal
            )
            if corner >= 0:
                found[n, y, x, axis] = 1 + corner + (3 if other else 0)
                count[line] += 1


@kernel
def _local(positions, vertex, x, y, width, height):
    """Return a homogeneous point in pixels from the centre of pixel (x, y)."""
    w = positions[vertex, 3]
    local_x = 0.5 * width * (positions[vertex, 0] - ((2 * x + 1) / width - 1) * w)
    local_y = 0.5 * height * (positions[vertex, 1] - ((2 * y + 1) / height - 1) * w)
    return local_x, local_y, w


@kernel
def _crossing_edge(positions, base, triangles, opposite, face, x, y, width, height, axis, sign, normal):
    """Return the corner opposite the silhouette that is crossed last on the way to the neighbour, or -1."""
    result, farthest = -1, -1.0
    for corner in range(3):
        a, b = base + triangles[face, (corner + 1) % 3], base + triangles[face, (corner + 2) % 3]
        distance, crosses = _crossing(positions, a, b, x, y, width, height, axis, sign, normal)
        if not crosses or distance <= farthest:
            continue
        if opposite[face, corner] >= 0:
            inner = _side(positions, base + triangles[face, corner], x, y, width, height, normal)
            outer = _side(positions, base + opposite[face, corner], x, y, width, height, normal)
            # A neighbour seen exactly from the side hides the edge no more than a fold does.
            if inner * outer < 0:
                continue
        result, farthest = corner, distance
    return result


@kernel
def _crossing(positions, a, b, x, y, width, height, axis, sign, normal):
    """Return how far towards the neighbour an edge crosses [px] and whether it does so as a silhouette can.

    Also fills the line's coefficients `normal` [3].
    """
    px, py, pw = _local(positions, a, x, y, width, height)
    qx, qy, qw = _local(positions, b, x, y, width, height)
    normal[0] = py * qw - pw * qy
    normal[1] = pw * qx - px * qw
    normal[2] = px * qy - py * qx
    across_p, across_q = (px, qx) if axis else (py, qy)
    steep = abs(normal[axis]) >= abs(normal[1 - axis]) and abs(normal[axis]) > _NO_EDGE
    if not steep or (across_p < 0) == (across_q < 0):
        return 0.0, False
    share = across_p / (across_p - across_q)
    if not pw + share * (qw - pw) > 0:
        return 0.0, False
    distance = -sign * normal[2] / normal[axis]
    return distance, -TOLERANCE <= distance <= 1 + TOLERANCE


@kernel
def _side(positions, vertex, x, y, width, height, normal):
    px, py, pw = _local(positions, vertex, x, y, width, height)
    return normal[0] * px + normal[1] * py + normal[2] * pw


@kernel
def list_crossings(
    part, parts, rast, positions, base, triangles, wide, boost, found, start, pixels, vertices, alphas, slopes
):
    """List what is blended.

    Args:
        part: Of the threads.
        parts: Their number.
        rast: As in `find_crossings`.
        positions: As there.
        base: As there.
        triangles: As there.
        wide: As there.
        boost: Factor of `slopes`.
        found: As filled there.
        start: First crossing of each row [N * height].
        pixels: Receives the pixel that changes and the one whose colour spills into it [K, 2].
        vertices: Receives the ends of the edge [K, 2].
        alphas: Receives the share that spills [K].
        slopes: Receives its derivative with respect to x, y, w of both ends [K, 6].
    """
    for line in range(part, rast.shape[0] * rast.shape[1], parts):
        _list_line(
            rast, positions, base, triangles, wide, boost, found, line, start[line], pixels, vertices, alphas, slopes
        )


@kernel
def _list_line(rast, positions, base, triangles, wide, boost, found, line, at, pixels, vertices, alphas, slopes):
    height, width = rast.shape[1], rast.shape[2]
    n, y = line // height, line % height
    normal = np.empty(3)
    for x in range(width):
        for axis in range(2):
            code = np.int64(found[n, y, x, axis])
            if code == 0:
                continue
            other = code > 3
            corner = (code - 1) % 3
            next_x, next_y = x + 1 - axis, y + axis
            own_x, own_y = (next_x, next_y) if other else (x, y)
            sign = -1.0 if other else 1.0
            face = decode_id(rast[n, own_y, own_x, 3], wide) - 1
            a, b = base[n] + triangles[face, (corner + 1) % 3], base[n] + triangles[face, (corner + 2) % 3]
            distance, _ = _crossing(positions, a, b, own_x, own_y, width, height, axis, sign, normal)
            own, neighbour = (n * height + y) * width + x, (n * height + next_y) * width + next_x
            if other:
                own, neighbour = neighbour, own
            spills = distance > 0.5
            pixels[at, 0], pixels[at, 1] = (neighbour, own) if spills else (own, neighbour)
            vertices[at, 0], vertices[at, 1] = a, b
            alphas[at] = min(abs(distance - 0.5), 0.5)
            scale = 0.0 if alphas[at] >= 0.5 else (boost if spills else -boost)
            _fill_slopes(positions, a, b, own_x, own_y, width, height, axis, sign * scale, normal, slopes[at])
            at += 1


@kernel
def _fill_slopes(positions, a, b, x, y, width, height, axis, scale, normal, slopes):
    """Fill the derivative of -n_c / n_x, or of -n_c / n_y, times `scale`."""
    px, py, pw = _local(positions, a, x, y, width, height)
    qx, qy, qw = _local(positions, b, x, y, width, height)
    extent = abs(normal[axis])
    if pw * qw > 0:
        # The extent of the projected edge is n_x / (w_p w_q); the gradient is proportional to its inverse.
        scale *= min(extent / abs(pw * qw) / SHORTEST, 1.0)
    main = scale * (normal[2] / normal[axis]) / normal[axis]
    grad_x, grad_y, grad_c = (0.0, main, -scale / normal[axis]) if axis else (main, 0.0, -scale / normal[axis])
    _fill_end(slopes, 0, qy * grad_c - qw * grad_y, qw * grad_x - qx * grad_c, qx * grad_y - qy * grad_x,
              x, y, width, height)  # fmt: skip
    _fill_end(slopes, 3, grad_y * pw - grad_c * py, grad_c * px - grad_x * pw, grad_x * py - grad_y * px,
              x, y, width, height)  # fmt: skip


@kernel
def _fill_end(slopes, first, grad_x, grad_y, grad_w, x, y, width, height):
    """Turn a gradient in pixels into one in clip space."""
    grad_x, grad_y = 0.5 * width * grad_x, 0.5 * height * grad_y
    slopes[first], slopes[first + 1] = grad_x, grad_y
    slopes[first + 2] = grad_w - ((2 * x + 1) / width - 1) * grad_x - ((2 * y + 1) / height - 1) * grad_y


@kernel
def blend(color, pixels, alphas, out):
    """Add to `out` [pixels, channels] what spills; `color` is the same image before."""
    for k in range(len(alphas)):
        into, source = pixels[k, 0], pixels[k, 1]
        for c in range(color.shape[1]):
            out[into, c] += alphas[k] * (np.float64(color[source, c]) - color[into, c])


@kernel
def blend_backward(color, pixels, vertices, alphas, slopes, grad, grad_color, grad_positions):
    """Add the gradient of `blend` to that of colours [pixels, channels] and positions [P, 4]."""
    for k in range(len(alphas)):
        into, source = pixels[k, 0], pixels[k, 1]
        grad_alpha = 0.0
        for c in range(color.shape[1]):
            g = np.float64(grad[into, c])
            grad_alpha += g * (np.float64(color[source, c]) - color[into, c])
            grad_color[into, c] -= alphas[k] * g
            grad_color[source, c] += alphas[k] * g
        for end in range(2):
            vertex = vertices[k, end]
            grad_positions[vertex, 0] += grad_alpha * slopes[k, 3 * end]
            grad_positions[vertex, 1] += grad_alpha * slopes[k, 3 * end + 1]
            grad_positions[vertex, 3] += grad_alpha * slopes[k, 3 * end + 2]
