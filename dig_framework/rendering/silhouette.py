"""Silhouette edges, walked pixel by pixel.

An edge is a silhouette where all faces that meet there lie on one side of it in the image: where the surface folds away
from the camera, or ends. Every such edge is cut at the borders of the pixels it passes through, and where another
object's outline crosses or hides it within a pixel. Each piece asks what is seen just inside and just outside of its
middle, by exact point queries on the faces of its tile; it counts only if nothing hides it. The number and size of the
faces therefore changes nothing.

A pixel's value is the average of what is seen, f, over its area. With the value f(c) at its centre c known,

    average = f(c) + sum over pieces of (f beyond - f before) * (area of the pixel that the piece hides from c),

where "beyond" and "before" are the sides of the piece away from and towards the centre. Going outwards from c, every
piece crossed changes what is seen, so the sum is exact for values that are constant on either side, for any number of
pieces, closed outlines, corners and ends. Its derivative with respect to the edge is that of the average itself
(Reynolds' transport theorem): the jump across the edge, times the length of the piece, times the edge's normal speed.
Colours and depths are sampled in the middle of each piece, and are not constant: their derivative is that of the sum,
with ends and middles of pieces that follow the edges (`piece_ends`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dig_framework.kernel import inline_kernel, kernel
from dig_framework.rendering.edge_visibility import change_along, is_crowded, look_beside, pixel_of
from dig_framework.rendering.geometry import faces_around, inverse_depth, owns_border
from dig_framework.rendering.piece_ends import FIRST, FIXED, HALF, SECOND, WHOLE, border_code, note_ends
from dig_framework.rendering.silhouette_cells import CELL, cells_of
from dig_framework.rendering.topology import Topology
from dig_framework.rendering.visibility import Visibility
from dig_framework.worker_threads import spread

_SHORTEST = 1e-10
"""Pieces shorter than this are left out [px]."""


class Pieces(NamedTuple):
    """Visible pieces of silhouette edges, one a row."""

    pixel: np.ndarray
    """Row-major pixel index, int64."""
    inside: np.ndarray
    """The face on the inner side to which the edge belongs, int64."""
    corner: np.ndarray
    """The corner of that face opposite the edge, int64."""
    outside: np.ndarray
    """The face seen on the outer side, `PLANE` or `NOTHING`, int64."""
    center_inside: np.ndarray
    """Whether the pixel's centre is on the inner side, bool."""
    matched: np.ndarray
    """Whether the pixel's centre sees what is before the piece, bool."""
    numbers: np.ndarray
    """Middle u, v [px]; hidden area [px^2]; length over the norm of the edge function's normal; weight of the edge's
    first vertex in space; u, v of both ends of the stretch that the edge has in the pixel, and of both ends of the
    piece [pieces, 13], float64."""
    codes: np.ndarray
    """What the ends of the stretch and of the piece are, as `piece_ends` says [pieces, 4], int64."""


def silhouette_pieces(
    vertices: np.ndarray,
    faces: np.ndarray,
    face_object: np.ndarray,
    topology: Topology,
    plane: np.ndarray,
    near: float,
    visible: Visibility,
) -> Pieces:
    """Return the visible pieces of all silhouette edges; arguments as for `visibility`."""
    height, width = visible.seen.shape
    found = np.empty((len(topology.edges), 2), np.int64)
    count = _find_silhouettes(
        visible.setup, visible.sign, topology.face_edges, topology.start, topology.edge_faces, topology.turn, found
    )
    found = found[:count]
    segments = np.empty((count, 4))
    limits, start = np.empty((count, 2), np.int64), np.empty(count + 1, np.int64)
    _project_edges(vertices, faces, found, near, width, height, segments, limits, start)
    total = int(start[-1])
    links, flags, numbers = (np.empty((total, 8), np.int64), np.empty((total, 2), np.bool_), np.empty((total, 13)))
    cells, listed = cells_of(segments, start, visible.box, width, height)
    crowd = int(np.diff(cells).max(initial=0))
    filled = np.empty(count, np.int64)
    spread(
        _walk, vertices, faces, face_object, topology.face_edges, plane, near, visible.setup, visible.box,
        cells, listed, crowd, visible.seen, visible.ids, found, segments, limits, start, filled, links, flags,
        numbers,
    )  # fmt: skip
    kept = _close_ranks(start, filled, links, flags, numbers)
    links, flags, numbers = links[:kept], flags[:kept], numbers[:kept]
    return Pieces(links[:, 0], links[:, 1], links[:, 2], links[:, 3], flags[:, 0], flags[:, 1], numbers, links[:, 4:])


@kernel
def _find_silhouettes(setup, sign, face_edges, start, edge_faces, turn, found):
    """Fill `found` with a face and its corner opposite each silhouette edge; return their number."""
    count = 0
    for edge in range(start.shape[0] - 1):
        # Where two faces meet, the signs of their determinants tell: most edges need no more.
        first = start[edge]
        if turn[edge] != 0 and sign[edge_faces[first]] * sign[edge_faces[first + 1]] * turn[edge] > 0:
            continue
        face, corner, folded = -1, 0, True
        for k in range(first, start[edge + 1]):
            f = edge_faces[k]
            if sign[f] == 0:
                continue
            c = 0 if face_edges[f, 0] == edge else (1 if face_edges[f, 1] == edge else 2)
            if face >= 0:
                folded = folded and _dot(setup, face, corner, f, c) > 0
            if face < 0 or (sign[face] > 0 and sign[f] < 0):
                face, corner = f, c
        if face >= 0 and folded:
            found[count, 0] = face
            found[count, 1] = corner
            count += 1
    return count


@kernel
def _dot(setup, f, c, g, d):
    """Return the product of the normals of two edge functions."""
    total = 0.0
    for k in range(3):
        total += setup[f, 3 * c + k] * setup[g, 3 * d + k]
    return total


@kernel
def _project_edges(vertices, faces, found, near, width, height, segments, limits, start):
    """Fill the image segments (u0, v0, u1, v1) of edges, what their ends are, and where the pieces of each begin."""
    start[0] = 0
    for s in range(found.shape[0]):
        face, corner = found[s, 0], found[s, 1]
        p, q = (vertices[faces[face, (corner + 1) % 3]], vertices[faces[face, (corner + 2) % 3]])
        room = 0
        if p[2] > near or q[2] > near:
            _project_clipped(p, q, near, segments[s, 0:2])
            _project_clipped(q, p, near, segments[s, 2:4])
            a, b, c, d = segments[s, 0], segments[s, 1], segments[s, 2], segments[s, 3]
            limits[s, 0], limits[s, 1] = (FIRST if p[2] > near else FIXED, SECOND if q[2] > near else FIXED)
            if _clip_to_image(segments[s], width, height):
                if segments[s, 0] != a or segments[s, 1] != b:
                    limits[s, 0] = border_code(segments[s, 0], segments[s, 1])
                if segments[s, 2] != c or segments[s, 3] != d:
                    limits[s, 1] = border_code(segments[s, 2], segments[s, 3])
                room = 4 * (
                    3
                    + np.int64(
                        np.ceil(abs(segments[s, 2] - segments[s, 0])) + np.ceil(abs(segments[s, 3] - segments[s, 1]))
                    )
                )
        start[s + 1] = start[s] + room


@kernel
def _project_clipped(p, q, near, out):
    """Project p, or the point of the edge from p to q on the near plane if p is behind it."""
    t = 0.0 if p[2] > near else (near - p[2]) / (q[2] - p[2])
    depth = p[2] if p[2] > near else near
    out[0] = (p[0] + t * (q[0] - p[0])) / depth
    out[1] = (p[1] + t * (q[1] - p[1])) / depth


@kernel
def _clip_to_image(segment, width, height):
    """Cut a segment at the image's border (Liang and Barsky 1984); return whether anything is left."""
    u0, v0, du, dv = (segment[0], segment[1], segment[2] - segment[0], segment[3] - segment[1])
    first, last = 0.0, 1.0
    for side in range(4):
        slope = -du if side == 0 else (du if side == 1 else (-dv if side == 2 else dv))
        room = (
            u0 + 0.5
            if side == 0
            else (width - 0.5 - u0 if side == 1 else (v0 + 0.5 if side == 2 else height - 0.5 - v0))
        )
        if slope == 0 and room < 0:
            return False
        if slope < 0:
            first = max(first, room / slope)
        elif slope > 0:
            last = min(last, room / slope)
    if not first < last:
        return False
    segment[2], segment[3] = u0 + last * du, v0 + last * dv
    segment[0], segment[1] = u0 + first * du, v0 + first * dv
    return True


@kernel
def _walk(
    part, parts, vertices, faces, face_object, face_edges, plane, near, setup, box, cells, listed, crowd, seen, ids,
    found, segments, limits, start, filled, links, flags, numbers,
):  # fmt: skip
    """Cut every edge of one part at pixel borders, fill a row for each visible piece, and note how many each edge has.

    Where a third thing is near, what is beside the edge may change within the pixel: then it is cut there, too, at most
    once in each half.
    """
    height, width = seen.shape
    columns, cuts, around = -(-width // CELL), np.zeros(5), np.empty(crowd, np.int32)
    crossings = np.empty(2, np.int64)
    for s in range(part, found.shape[0], parts):
        face, corner = found[s, 0], found[s, 1]
        u0, v0 = segments[s, 0], segments[s, 1]
        du, dv = segments[s, 2] - u0, segments[s, 3] - v0
        norm = np.sqrt(setup[face, 3 * corner] ** 2 + setup[face, 3 * corner + 1] ** 2)
        t, row = 0.0, start[s]
        while t < 1 and row + 3 < start[s + 1] and norm > 0:
            before, t = t, min(_next_border(u0, du, t), _next_border(v0, dv, t), 1.0)
            x, y = (pixel_of(u0 + (before + t) / 2 * du), pixel_of(v0 + (before + t) / 2 * dv))
            if x < 0 or y < 0 or x >= width or y >= height:
                continue
            stretch = _part(u0, v0, du, dv, before, t, 0.0, 1.0)
            codes = (
                limits[s, 0] if before == 0 else border_code(stretch[0], stretch[1]),
                limits[s, 1] if t == 1 else border_code(stretch[2], stretch[3]),
            )
            cell = y // CELL * columns + x // CELL
            near_count = faces_around(
                box, face_edges, listed, cells[cell], cells[cell + 1],
                stretch, face_edges[face, corner], around,
            )  # fmt: skip
            count = _cut_stretch(
                vertices, faces, face_object, plane, near, setup, around, near_count, face, corner, stretch,
                is_crowded(ids, x, y), cuts, crossings,
            )  # fmt: skip
            for k in range(count):
                a, b, c, d = _part(u0, v0, du, dv, before, t, cuts[k], cuts[k + 1])
                step = np.sqrt((c - a) ** 2 + (d - b) ** 2)
                if step < _SHORTEST:
                    continue
                if _fill_piece(
                    vertices, faces, face_object, plane, near, setup, around, near_count, seen, face, corner,
                    (a + c) / 2, (b + d) / 2, x, y, row, links, flags, numbers,
                ):  # fmt: skip
                    numbers[row, 2] = hidden_area(a - x, b - y, c - x, d - y)
                    numbers[row, 3] = step / norm
                    note_ends(
                        links, numbers, row, stretch, codes, (a, b, c, d), _cut_code(cuts[k], crossings[k // 2]),
                        _cut_code(cuts[k + 1], crossings[k // 2]),
                    )  # fmt: skip
                    row += 1
        filled[s] = row - start[s]


@kernel
def _cut_stretch(
    vertices, faces, face_object, plane, near, setup, around, near_count, face, corner, stretch, crowded, cuts,
    crossings,
):  # fmt: skip
    """Fill the shares of a stretch at which it is cut, and what crosses each half; return the number of parts."""
    cuts[0], cuts[1] = 0.0, 1.0
    if not crowded:
        return 1
    for k in range(2):
        change, crossings[k] = change_along(
            vertices, faces, face_object, plane, near, setup, around, near_count, face, corner,
            _half(stretch, 0.5 * k),
        )  # fmt: skip
        cuts[2 * k + 1], cuts[2 * k + 2] = 0.5 * k + 0.5 * change, 0.5 * k + 0.5
    return 4


@kernel
def _half(stretch, low):
    """Return both ends of the half of a stretch that begins at a share of it."""
    a, b, c, d = stretch
    return a + low * (c - a), b + low * (d - b), a + (low + 0.5) * (c - a), b + (low + 0.5) * (d - b)


@kernel
def _cut_code(share, crossing):
    """Return what the end of a piece at a share of its stretch is."""
    return HALF if share == 0.5 else (WHOLE if share == 0 or share == 1 else crossing)


@kernel
def _close_ranks(start, filled, links, flags, numbers):
    """Move the rows that are filled to the front; return how many they are."""
    count = 0
    for s in range(filled.shape[0]):
        for row in range(start[s], start[s] + filled[s]):
            for k in range(8):
                links[count, k] = links[row, k]
            for k in range(2):
                flags[count, k] = flags[row, k]
            for k in range(13):
                numbers[count, k] = numbers[row, k]
            count += 1
    return count


@kernel
def _part(u0, v0, du, dv, before, after, low, high):
    """Return both ends of a part, `low` to `high`, of what a segment has between two of its parameters."""
    first, last = before + low * (after - before), before + high * (after - before)
    return u0 + first * du, v0 + first * dv, u0 + last * du, v0 + last * dv


@inline_kernel
def _fill_piece(
    vertices, faces, face_object, plane, near, setup, around, count, seen, face, corner, u, v, x, y, row, links,
    flags, numbers,
):  # fmt: skip
    """Fill what is known of the piece with the middle (u, v) in pixel (x, y); return whether it is visible."""
    visible, outside, hit, share, inverse = look_beside(
        vertices, faces, plane, near, setup, around, count, face, corner, u, v
    )
    if visible:
        n0, n1, n2 = (setup[face, 3 * corner], setup[face, 3 * corner + 1], setup[face, 3 * corner + 2])
        e = n0 * x + (n1 * y + n2)
        center_inside = e > 0 or (e == 0 and owns_border(n0, n1))
        links[row, 0], links[row, 1], links[row, 2], links[row, 3] = (y * seen.shape[1] + x, face, corner, outside)
        flags[row, 0] = center_inside
        flags[row, 1] = _matches(seen[y, x], face, outside, center_inside, inverse, hit, setup, face_object, x, y)
        numbers[row, 0], numbers[row, 1], numbers[row, 4] = u, v, share
    return visible


@kernel
def _next_border(start, slope, t):
    """Return the next parameter beyond t at which start + t slope leaves a pixel."""
    if slope == 0:
        return np.inf
    position = start + t * slope + 0.5
    border = np.floor(position) + 1 if slope > 0 else np.ceil(position) - 1
    after = (border - 0.5 - start) / slope
    # Rounding may leave the border where it already is: then the piece ends one pixel on.
    return after if after > t + 1e-15 else after + 1 / abs(slope)


@kernel
def _matches(center, inside, outside, center_inside, inverse, hit, setup, face_object, x, y):
    """Whether the pixel's centre sees the surface that is before the piece, as far as objects and depths tell."""
    before = inside if center_inside else outside
    if center < 0 or before < 0:
        return center == before
    if face_object[center] != face_object[before]:
        return False
    if outside < 0 or face_object[inside] != face_object[outside]:
        return True
    value = inverse_depth(setup[center], np.float64(x), np.float64(y))
    return (abs(value - inverse) <= abs(value - hit)) == center_inside


@kernel
def hidden_area(a, b, c, d):
    """Return the area of the unit square about the origin that the segment (a, b) to (c, d) hides from the origin.

    It is the square's part in the angle under which the segment is seen, less the triangle before the segment. A side
    of the square has the area 1/4 before it, in proportion to its length, so angles are measured along the border.
    """
    doubled = a * d - b * c
    turn = _along_border(c, d) - _along_border(a, b)
    turn = (turn if doubled > 0 else -turn) % 4.0
    # No segment spans more than half the square; more is a segment that points at the origin.
    return 0.0 if turn > 3.0 else max(min(turn, 2.0) / 4 - abs(doubled) / 2, 0.0)


@kernel
def _along_border(x, y):
    """Return how far along the square's border, in sides, the ray from the origin through (x, y) leaves it."""
    if abs(x) >= abs(y):
        if x == 0:
            return 0.0
        return 0.5 + y / x / 2 if x > 0 else 2.5 + y / x / 2
    return 1.5 - x / y / 2 if y > 0 else 3.5 - x / y / 2
