"""Mean value coordinates of points, a few side by side.

Points are taken `LANES` at a time, so that vector instructions go through them. What belongs to one handle, or to one
edge, lies in a row of its own, `LANES` numbers a quantity.
"""

from __future__ import annotations

import math

import numpy as np

from dig_framework.kernel import kernel, lane_kernel

LANES = 16
"""Points side by side."""
ON_VERTEX = 1e-13
"""Distance, relative to the cage, below which a point is a vertex."""
ON_EDGE = 1e-8
"""Sine of the angle under which an edge is seen, below which a point between its ends lies on it."""
ON_FACE = 1e-13
"""Determinant of the unit corners below which a point within a face lies on it."""
EDGE_ON = 5e-9
"""Tangent of half the solid angle below which a face is seen edge-on, and contributes nothing (Ju et al., Fig. 4)."""

UNIT, NEAR = 0, 3 * LANES
"""Of a handle: the direction to it, and one over its distance."""
HANDLE = 4 * LANES
CROSS, ARC, COSINE, SINE = 0, 3 * LANES, 4 * LANES, 5 * LANES
"""Of an edge: the cross product of the directions to its ends, their angle over its sine, its cosine and its sine."""
EDGE = 6 * LANES
PLACE = 3 * LANES
"""After the weights of a face's corners: one more than the number of the last face that a point lies on, or zero."""


def _arc_series() -> tuple[float, ...]:
    """Return the powers' factors of angle / sine over y = 1 - 2 cosine, for cosines from 0 to 1.

    That is analytic but for the cosine -1, so that a polynomial of degree n through Chebyshev's points misses it by
    some 5.8^-n.
    """
    from numpy.polynomial import chebyshev

    y = np.cos(np.pi * (np.arange(64) + 0.5) / 64)
    cosine = (1 - y) / 2
    values = np.arccos(cosine) / np.sqrt(1 - cosine**2)
    return tuple(chebyshev.cheb2poly(chebyshev.chebfit(y, values, 23)).tolist())


(_A0, _A1, _A2, _A3, _A4, _A5, _A6, _A7, _A8, _A9, _A10, _A11, _A12, _A13, _A14, _A15, _A16, _A17, _A18, _A19, _A20,
 _A21, _A22, _A23) = _arc_series()  # fmt: skip


@kernel
def mean_value_rows(part, parts, weights, points, vertices, faces, edges, opposite, sign, moments):
    """Fill every `parts`-th block of rows, from block `part` on.

    Args:
        part: Which share of the blocks is done.
        parts: How many shares there are.
        weights: What is filled [points, handles].
        points: Places [points, 3].
        vertices: Of the cage, about the origin and about one in size [handles, 3].
        faces: Their corners [faces, 3].
        edges: The ends of each edge [edges, 2].
        opposite: The edge opposite to each corner [faces, 3].
        sign: Whether the face runs along that edge or against it, +1 or -1 [faces, 3].
        moments: Pseudo-inverse of the rows (1, vertex) [handles, 4].
    """
    seen, sides = np.empty((len(vertices), HANDLE)), np.empty((len(edges), EDGE))
    sums, given = np.empty((len(vertices), LANES)), np.empty(4 * LANES)
    place = np.empty((3, LANES))
    for block in range(part, (len(points) + LANES - 1) // LANES, parts):
        first = block * LANES
        for i in range(LANES):
            for axis in range(3):
                place[axis, i] = points[min(first + i, len(points) - 1), axis]
        for k in range(len(vertices)):
            _look_at_handle(seen[k], place, vertices[k])
        for k in range(len(edges)):
            _look_at_edge(sides[k], seen[edges[k, 0]], seen[edges[k, 1]])
        sums[:] = 0.0
        given[:] = 0.0
        for k in range(len(faces)):
            a, b, c = faces[k]
            _look_at_face(given, k, seen[a], seen[b], seen[c], sides, opposite[k], sign[k])
            _add(sums[a], given, 0)
            _add(sums[b], given, LANES)
            _add(sums[c], given, 2 * LANES)
        _place_on_faces(sums, given, seen, sides, faces, opposite)
        _place_on_edges(sums, seen, sides, edges)
        _place_on_vertices(sums, seen)
        _balance(sums, place, vertices, moments)
        for i in range(min(LANES, len(points) - first)):
            for k in range(len(vertices)):
                weights[first + i, k] = sums[k, i]


@lane_kernel
def _look_at_handle(handle, place, vertex):
    x, y, z = vertex[0], vertex[1], vertex[2]
    for i in range(LANES):
        dx, dy, dz = x - place[0, i], y - place[1, i], z - place[2, i]
        near = 1.0 / max(math.sqrt(dx * dx + dy * dy + dz * dz), 1e-300)
        handle[UNIT + i], handle[UNIT + LANES + i], handle[UNIT + 2 * LANES + i] = dx * near, dy * near, dz * near
        handle[NEAR + i] = near


@lane_kernel
def _look_at_edge(edge, start, end):
    for i in range(LANES):
        ax, ay, az = start[UNIT + i], start[UNIT + LANES + i], start[UNIT + 2 * LANES + i]
        bx, by, bz = end[UNIT + i], end[UNIT + LANES + i], end[UNIT + 2 * LANES + i]
        x, y, z = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
        cosine, sine = ax * bx + ay * by + az * bz, math.sqrt(x * x + y * y + z * z)
        edge[CROSS + i], edge[CROSS + LANES + i], edge[CROSS + 2 * LANES + i] = x, y, z
        edge[COSINE + i], edge[SINE + i] = cosine, sine
        # Beyond a quarter turn the angle is half a turn less the supplement, whose sine is the same.
        y = 1.0 - 2.0 * abs(cosine)
        y2 = y * y
        y4 = y2 * y2
        a = (_A0 + _A1 * y) + (_A2 + _A3 * y) * y2 + ((_A4 + _A5 * y) + (_A6 + _A7 * y) * y2) * y4
        b = (_A8 + _A9 * y) + (_A10 + _A11 * y) * y2 + ((_A12 + _A13 * y) + (_A14 + _A15 * y) * y2) * y4
        c = (_A16 + _A17 * y) + (_A18 + _A19 * y) * y2 + ((_A20 + _A21 * y) + (_A22 + _A23 * y) * y2) * y4
        arc = a + (b + c * (y4 * y4)) * (y4 * y4)
        turned = math.pi / max(sine, 1e-300) - arc
        edge[ARC + i] = arc if cosine >= 0.0 else turned


@lane_kernel
def _look_at_face(given, number, first, second, third, sides, opposite, sign):
    """Work out what a face gives its three corners, and note whether a point lies on it."""
    one, two, three = sides[opposite[0]], sides[opposite[1]], sides[opposite[2]]
    r, s, t = sign[0], sign[1], sign[2]
    mark = float(number + 1)
    for i in range(LANES):
        ax, ay, az = r * one[CROSS + i], r * one[CROSS + LANES + i], r * one[CROSS + 2 * LANES + i]
        bx, by, bz = s * two[CROSS + i], s * two[CROSS + LANES + i], s * two[CROSS + 2 * LANES + i]
        cx, cy, cz = t * three[CROSS + i], t * three[CROSS + LANES + i], t * three[CROSS + 2 * LANES + i]
        # Twice the mean vector (their Eq. 7).
        mx = ax * one[ARC + i] + bx * two[ARC + i] + cx * three[ARC + i]
        my = ay * one[ARC + i] + by * two[ARC + i] + cy * three[ARC + i]
        mz = az * one[ARC + i] + bz * two[ARC + i] + cz * three[ARC + i]
        determinant = first[UNIT + i] * ax + first[UNIT + LANES + i] * ay + first[UNIT + 2 * LANES + i] * az
        # tan(solid angle / 2), van Oosterom and Strackee 1983; a negative denominator means more than half a sphere.
        denominator = 1.0 + one[COSINE + i] + two[COSINE + i] + three[COSINE + i]
        flat = abs(determinant)
        inside = (flat <= ON_FACE) & (denominator < 0.0)
        skipped = inside | ((denominator >= 0.0) & (flat <= EDGE_ON * denominator))
        scale = 0.0 if skipped else 0.5 / determinant
        given[i] = (ax * mx + ay * my + az * mz) * scale * first[NEAR + i]
        given[LANES + i] = (bx * mx + by * my + bz * mz) * scale * second[NEAR + i]
        given[2 * LANES + i] = (cx * mx + cy * my + cz * mz) * scale * third[NEAR + i]
        given[PLACE + i] = mark if inside else given[PLACE + i]


@lane_kernel
def _add(sums, given, start):
    for i in range(LANES):
        sums[i] += given[start + i]


@kernel
def _place_on_faces(sums, given, seen, sides, faces, opposite):
    """Give points on a face its barycentric coordinates: the area between the point and the opposite edge."""
    for i in range(LANES):
        face = int(given[PLACE + i]) - 1
        if face >= 0:
            sums[:, i] = 0.0
            for corner in range(3):
                sums[faces[face, corner], i] = (
                    sides[opposite[face, corner], SINE + i] * seen[faces[face, corner], NEAR + i]
                )


@kernel
def _place_on_edges(sums, seen, sides, edges):
    """Give points on an edge the linear coordinates of its ends."""
    for k in range(len(edges)):
        for i in range(LANES):
            if sides[k, SINE + i] <= ON_EDGE and sides[k, COSINE + i] < 0.0:
                sums[:, i] = 0.0
                for end in range(2):
                    sums[edges[k, end], i] = seen[edges[k, end], NEAR + i]


@kernel
def _place_on_vertices(sums, seen):
    for k in range(len(seen)):
        for i in range(LANES):
            if seen[k, NEAR + i] >= 1.0 / ON_VERTEX:
                sums[:, i] = 0.0
                sums[k, i] = 1.0


@lane_kernel
def _balance(sums, place, vertices, moments):
    """Divide by the sum, and take out rounding: the smallest change that makes rows sum to one and give the points.

    Within some 1e-8 of an edge, or of the plane of a face, weights are good to some 1e-8 only; elsewhere this changes
    the last digits.
    """
    total, left = np.zeros(LANES), np.zeros((4, LANES))
    for k in range(len(sums)):
        _add(total, sums[k], 0)
    for i in range(LANES):
        total[i] = 1.0 / total[i]
        left[0, i], left[1, i], left[2, i], left[3, i] = 1.0, place[0, i], place[1, i], place[2, i]
    for k in range(len(sums)):
        row, x, y, z = sums[k], vertices[k, 0], vertices[k, 1], vertices[k, 2]
        for i in range(LANES):
            row[i] *= total[i]
            left[0, i] -= row[i]
            left[1, i] -= row[i] * x
            left[2, i] -= row[i] * y
            left[3, i] -= row[i] * z
    for k in range(len(sums)):
        row = sums[k]
        a, b, c, d = moments[k, 0], moments[k, 1], moments[k, 2], moments[k, 3]
        for i in range(LANES):
            row[i] += a * left[0, i] + b * left[1, i] + c * left[2, i] + d * left[3, i]
