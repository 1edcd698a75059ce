"""Homogeneous set-up of faces, tiles of the image, and the first hit of a point of the image.

A vertex is given as v = K x_camera = (u z, v z, z). The ray of the image point M = (u, v, 1) meets a face (v0, v1, v2)
at the weights b_k = e_k / (e_0 + e_1 + e_2) with e_0 = det(v1, v2, M) and so on in turn, and at the inverse depth
(e_0 + e_1 + e_2) / det(v0, v1, v2), which is linear in u and v (Olano and Greer, Graphics Hardware 1997). Nothing is
divided by a vertex's depth, so faces that reach behind the camera need no clipping but for their bounding boxes.

Faces meet without gaps or overlaps: the normal of an edge function is the cross product of the edge's two vertices,
of which floating-point arithmetic gives the two faces exactly opposite values.
"""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel

TILE = 8
"""Side of a tile [px]."""
PLANE = -1
"""Stands for the support plane where a face or an object is expected."""
NOTHING = -2
"""Stands for the background where a face or an object is expected."""

_MARGIN = 1e-4
_ROUNDING = 1e-7


@kernel
def set_up_faces(part, parts, vertices, faces, near, width, height, setup, box, reach, signs, highest):
    """Fill what the other kernels need of one part of the faces.

    Args:
        part: Which part.
        parts: Their number.
        vertices: v = K x of every vertex [V, 3].
        faces: Vertex indices [F, 3].
        near: Nearest depth that is drawn [m].
        width: Of the image [px].
        height: Of the image [px].
        setup: Receives the normals of the edge functions opposite corners 0, 1, 2, turned so that they are positive
            inside (columns 0 to 8), the inverse depth's coefficients (9 to 11), its range in the face (12, 13), and
            the sign of the determinant, negative for faces seen from outside, zero for faces not drawn (14) [F, 15].
        box: Receives the bounding box (u0, u1, v0, v1) of what is in front of `near` [F, 4].
        reach: Receives the first and last column and row of the pixel centres in that box (columns 0 to 3), and those
            of the tiles that it touches (4 to 7); the first is greater than the last if there are none [F, 8], int32.
        signs: Receives column 14 of the set-up by itself [F].
        highest: Receives column 13 of the set-up, but -1 for faces seen from outside, and 0 for faces not drawn [F].
    """
    for f in range(part * faces.shape[0] // parts, (part + 1) * faces.shape[0] // parts):
        a, b, c = vertices[faces[f, 0]], vertices[faces[f, 1]], vertices[faces[f, 2]]
        row = setup[f]
        _cross(b, c, row, 0)
        _cross(c, a, row, 3)
        _cross(a, b, row, 6)
        determinant = row[0] * a[0] + row[1] * a[1] + row[2] * a[2]
        nearest = min(a[2], min(b[2], c[2]))
        farthest = max(a[2], max(b[2], c[2]))
        drawn = determinant != 0 and np.isfinite(determinant) and farthest > near
        sign = (1.0 if determinant > 0 else -1.0) if drawn else 0.0
        for k in range(9):
            row[k] *= sign
        for k in range(3):
            row[9 + k] = (row[k] + row[3 + k] + row[6 + k]) / abs(determinant) if drawn else 0.0
        row[12] = 1 / farthest if drawn else 0.0
        row[13] = 1 / nearest if nearest > near else np.inf
        row[14] = sign
        signs[f] = np.int8(sign)
        highest[f] = row[13] if sign > 0 else sign
        box[f, 0] = box[f, 2] = np.inf
        box[f, 1] = box[f, 3] = -np.inf
        if drawn:
            _extend_box(a, b, near, box[f])
            _extend_box(b, c, near, box[f])
            _extend_box(c, a, near, box[f])
        _reach(box[f], width, height, reach[f])


@kernel
def _cross(p, q, out, at):
    out[at] = p[1] * q[2] - p[2] * q[1]
    out[at + 1] = p[2] * q[0] - p[0] * q[2]
    out[at + 2] = p[0] * q[1] - p[1] * q[0]


@kernel
def _extend_box(p, q, near, box):
    """Extend a box by the start of the edge from p to q and by where the edge crosses the near plane."""
    if p[2] > near:
        _extend_box_by(p[0] / p[2], p[1] / p[2], box)
    if (p[2] > near) != (q[2] > near):
        t = (near - p[2]) / (q[2] - p[2])
        _extend_box_by((p[0] + t * (q[0] - p[0])) / near, (p[1] + t * (q[1] - p[1])) / near, box)


@kernel
def _extend_box_by(u, v, box):
    box[0] = min(box[0], u - _ROUNDING)
    box[1] = max(box[1], u + _ROUNDING)
    box[2] = min(box[2], v - _ROUNDING)
    box[3] = max(box[3], v + _ROUNDING)


@kernel
def _reach(box, width, height, reach):
    """Fill the pixel centres in a box, and the tiles that it touches."""
    for axis in range(2):
        side = width if axis == 0 else height
        low, high = max(box[2 * axis], -TILE), min(box[2 * axis + 1], np.float64(side + TILE))
        empty = not low <= high
        reach[2 * axis] = 1 if empty else max(np.int32(np.ceil(low)), 0)
        reach[2 * axis + 1] = 0 if empty else min(np.int32(np.floor(high)), side - 1)
        first = 1 if empty else np.int32(np.floor((low - _MARGIN + 0.5) / TILE))
        last = 0 if empty else np.int32(np.floor((high + _MARGIN + 0.5) / TILE))
        reach[4 + 2 * axis] = first if empty else max(first, 0)
        reach[5 + 2 * axis] = min(last, (side - 1) // TILE)


@kernel
def count_tile_faces(reach, rows, columns, start):
    """Fill `start` [rows * columns + 1] so that tile t owns entries start[t] to start[t + 1] of the face list."""
    start[:] = 0
    for f in range(reach.shape[0]):
        for y in range(reach[f, 6], reach[f, 7] + 1):
            for x in range(reach[f, 4], reach[f, 5] + 1):
                start[y * columns + x + 1] += 1
    for t in range(rows * columns):
        start[t + 1] += start[t]


@kernel
def list_tile_faces(reach, columns, start, listed):
    """Fill the face list; within a tile faces keep their order."""
    at = start[:-1].copy()
    for f in range(reach.shape[0]):
        for y in range(reach[f, 6], reach[f, 7] + 1):
            for x in range(reach[f, 4], reach[f, 5] + 1):
                listed[at[y * columns + x]] = f
                at[y * columns + x] += 1


@kernel
def owns_border(n0, n1):
    """Whether points exactly on an edge belong to the side into which (n0, n1) points; true for one side only."""
    return n0 > 0 or (n0 == 0 and n1 > 0)


@kernel
def covers(row, u, v):
    """Whether a face covers an image point."""
    for k in (0, 3, 6):
        e = row[k] * u + (row[k + 1] * v + row[k + 2])
        if not (e > 0 or (e == 0 and owns_border(row[k], row[k + 1]))):
            return False
    return True


@kernel
def inverse_depth(row, u, v):
    """Return the inverse depth of a face at an image point, kept within the range of its vertices [1/m]."""
    value = row[9] * u + (row[10] * v + row[11])
    return min(max(value, row[12]), row[13])


@kernel
def plane_inverse_depth(plane, u, v):
    """Return the inverse depth of the support plane at an image point; not positive where it is not seen [1/m]."""
    return plane[0] * u + (plane[1] * v + plane[2])


@kernel
def first_hit(setup, box, face_edges, plane, near, listed, first, last, u, v, edge):
    """Return what an image point sees, without the faces that meet at one edge, and its inverse depth [1/m].

    The faces searched are listed[first:last]; the answer is a face, `PLANE` or `NOTHING`.
    """
    best, inverse = NOTHING, 0.0
    for k in range(first, last):
        f = listed[k]
        if u < box[f, 0] or u > box[f, 1] or v < box[f, 2] or v > box[f, 3]:
            continue
        if face_edges[f, 0] == edge or face_edges[f, 1] == edge or face_edges[f, 2] == edge:
            continue
        if covers(setup[f], u, v):
            value = inverse_depth(setup[f], u, v)
            if value > inverse and value * near < 1:
                best, inverse = f, value
    value = plane_inverse_depth(plane, u, v)
    if value > inverse and value * near < 1:
        best, inverse = PLANE, value
    return best, inverse


@kernel
def weights(row, u, v):
    """Return the perspective-correct weights of a face's corners at an image point.

    They are a third each for points where the face is too thin to tell.
    """
    a = max(row[0] * u + (row[1] * v + row[2]), 0.0)
    b = max(row[3] * u + (row[4] * v + row[5]), 0.0)
    c = max(row[6] * u + (row[7] * v + row[8]), 0.0)
    total = a + b + c
    return (a / total, b / total, c / total) if total > 0 else (1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0)
