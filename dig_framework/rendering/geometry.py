"""Homogeneous set-up of faces, and the first hit of a point of the image.

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

PLANE = -1
"""Stands for the support plane where a face or an object is expected."""
NOTHING = -2
"""Stands for the background where a face or an object is expected."""

_ROUNDING = 1e-7
_WIDTH = 1e-6
"""Relative size by which boxes are wider, to be sure in float32, too."""
_NOWHERE = 1e8
"""Beyond all images [px]."""
_BESIDE = 1e-3
"""How far beside a segment points are asked about at most [px]."""


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
        box: Receives a box (u0, u1, v0, v1) around what is in front of `near` [F, 4], float32.
        reach: Receives the first and last column and row of the pixel centres in that box; the first is greater than
            the last if there are none [F, 4], int32.
        signs: Receives column 14 of the set-up by itself [F].
        highest: Receives column 13 of the set-up, but -1 for faces seen from outside, and 0 for faces not drawn, or
            that cover no pixel's centre [F].
    """
    for f in range(part * faces.shape[0] // parts, (part + 1) * faces.shape[0] // parts):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        a0, a1, a2 = vertices[a, 0], vertices[a, 1], vertices[a, 2]
        b0, b1, b2 = vertices[b, 0], vertices[b, 1], vertices[b, 2]
        c0, c1, c2 = vertices[c, 0], vertices[c, 1], vertices[c, 2]
        nearest, farthest = min(a2, min(b2, c2)), max(a2, max(b2, c2))
        sign = _write_planes(setup, f, a0, a1, a2, b0, b1, b2, c0, c1, c2, farthest > near)
        setup[f, 12], setup[f, 13], setup[f, 14] = 0.0, np.inf, sign
        left, right, top, bottom = _NOWHERE, -_NOWHERE, _NOWHERE, -_NOWHERE
        if nearest > near:
            ra, rb, rc = 1 / a2, 1 / b2, 1 / c2
            setup[f, 13] = max(ra, max(rb, rc))
            if sign != 0:
                setup[f, 12] = min(ra, min(rb, rc))
                p, q, r = a0 * ra, b0 * rb, c0 * rc
                left, right = min(p, min(q, r)), max(p, max(q, r))
                p, q, r = a1 * ra, b1 * rb, c1 * rc
                top, bottom = min(p, min(q, r)), max(p, max(q, r))
        elif sign != 0:
            setup[f, 12] = 1 / farthest
            left, right, top, bottom = _cut_box(vertices[a], vertices[b], vertices[c], near)
        signs[f] = np.int8(sign)
        box[f, 0], box[f, 1] = _widened(left, -1.0), _widened(right, 1.0)
        box[f, 2], box[f, 3] = _widened(top, -1.0), _widened(bottom, 1.0)
        reaches = _reach(left, right, width, reach, f, 0) and _reach(top, bottom, height, reach, f, 2)
        highest[f] = (setup[f, 13] if sign > 0 else sign) if reaches else 0.0


@kernel
def _widened(value, sign):
    """Return a coordinate moved a little outwards, and kept where whole numbers of 32 bits are."""
    return np.float32(min(max(value + sign * _WIDTH * (1 + abs(value)), -_NOWHERE), _NOWHERE))


@kernel
def _write_planes(setup, f, a0, a1, a2, b0, b1, b2, c0, c1, c2, before):
    """Write the edge functions and the inverse depth of a face; return the sign of its determinant."""
    l0, l1, l2 = b1 * c2 - b2 * c1, b2 * c0 - b0 * c2, b0 * c1 - b1 * c0
    m0, m1, m2 = c1 * a2 - c2 * a1, c2 * a0 - c0 * a2, c0 * a1 - c1 * a0
    n0, n1, n2 = a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0
    determinant = l0 * a0 + l1 * a1 + l2 * a2
    drawn = determinant != 0 and np.isfinite(determinant) and before
    sign = (1.0 if determinant > 0 else -1.0) if drawn else 0.0
    scale = abs(determinant) if drawn else np.inf
    l0, l1, l2, m0, m1, m2 = l0 * sign, l1 * sign, l2 * sign, m0 * sign, m1 * sign, m2 * sign
    n0, n1, n2 = n0 * sign, n1 * sign, n2 * sign
    setup[f, 0], setup[f, 1], setup[f, 2] = l0, l1, l2
    setup[f, 3], setup[f, 4], setup[f, 5] = m0, m1, m2
    setup[f, 6], setup[f, 7], setup[f, 8] = n0, n1, n2
    setup[f, 9], setup[f, 10], setup[f, 11] = (l0 + m0 + n0) / scale, (l1 + m1 + n1) / scale, (l2 + m2 + n2) / scale
    return sign


@kernel
def _cut_box(a, b, c, near):
    """Return the box (u0, u1, v0, v1) of the part of a face that is in front of the near plane."""
    box = (np.inf, -np.inf, np.inf, -np.inf)
    for p, q in ((a, b), (b, c), (c, a)):
        if p[2] > near:
            box = _with_point(box, p[0] / p[2], p[1] / p[2])
        if (p[2] > near) != (q[2] > near):
            t = (near - p[2]) / (q[2] - p[2])
            box = _with_point(box, (p[0] + t * (q[0] - p[0])) / near, (p[1] + t * (q[1] - p[1])) / near)
    return box


@kernel
def _with_point(box, u, v):
    return min(box[0], u), max(box[1], u), min(box[2], v), max(box[3], v)


@kernel
def _reach(low, high, side, reach, f, at):
    """Fill the pixel centres between two numbers; return whether there are any."""
    low, high = max(low - _ROUNDING, 0.0), min(high + _ROUNDING, side - 1.0)
    if not low <= high:
        reach[f, at], reach[f, at + 1] = 1, 0
        return False
    reach[f, at], reach[f, at + 1] = np.int32(np.ceil(low)), np.int32(np.floor(high))
    return reach[f, at] <= reach[f, at + 1]


@kernel
def owns_border(n0, n1):
    """Whether points exactly on an edge belong to the side into which (n0, n1) points; true for one side only."""
    return n0 > 0 or (n0 == 0 and n1 > 0)


@kernel
def covers(setup, f, u, v):
    """Whether a face covers an image point."""
    for k in (0, 3, 6):
        e = setup[f, k] * u + (setup[f, k + 1] * v + setup[f, k + 2])
        if not (e > 0 or (e == 0 and owns_border(setup[f, k], setup[f, k + 1]))):
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
def faces_around(box, face_edges, listed, first, last, ends, edge, found):
    """Fill `found` with those of listed[first:last] that may cover a point of a short segment, but not its own.

    Args:
        box: Of each face.
        face_edges: As in `Topology`.
        listed: Of faces.
        first: Where to begin in it.
        last: Where to end.
        ends: (u, v, u, v) of the segment [px].
        edge: Whose faces are left out.
        found: Receives faces, in their order.

    Returns:
        How many they are.
    """
    count = 0
    left, right = np.float32(min(ends[0], ends[2]) - _BESIDE), np.float32(max(ends[0], ends[2]) + _BESIDE)
    top, bottom = np.float32(min(ends[1], ends[3]) - _BESIDE), np.float32(max(ends[1], ends[3]) + _BESIDE)
    for k in range(first, last):
        f = listed[k]
        beside = (right < box[f, 0]) | (left > box[f, 1]) | (bottom < box[f, 2]) | (top > box[f, 3])
        if beside or face_edges[f, 0] == edge or face_edges[f, 1] == edge or face_edges[f, 2] == edge:
            continue
        found[count] = f
        count += 1
    return count


@kernel
def first_hit(setup, plane, near, faces, count, u, v):
    """Return what an image point sees and its inverse depth [1/m].

    The first `count` of `faces` are searched; the answer is one of them, `PLANE` or `NOTHING`.
    """
    best, inverse = np.int64(NOTHING), 0.0
    for k in range(count):
        f = faces[k]
        if setup[f, 13] > inverse and covers(setup, f, u, v):
            value = min(max(setup[f, 9] * u + (setup[f, 10] * v + setup[f, 11]), setup[f, 12]), setup[f, 13])
            if value > inverse and value * near < 1:
                best, inverse = np.int64(f), value
    value = plane_inverse_depth(plane, u, v)
    if value > inverse and value * near < 1:
        best, inverse = np.int64(PLANE), value
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
