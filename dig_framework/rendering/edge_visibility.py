"""What is seen beside a point of an edge, and where along a piece of the edge that changes."""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel
from dig_framework.rendering.geometry import NOTHING, PLANE, first_hit
from dig_framework.rendering.lanes import owner_of
from dig_framework.rendering.piece_ends import FIXED

_STEP = 1e-6
"""How far beside an edge it is asked what is seen there [px]."""
_CONTACT = 1e-5
"""Relative depth by which the plane may be before an edge that rests on it."""
_END = 1e-3
"""Share of a piece that its ends are held away from vertices, beside which faces of the same surface are."""
_HALVINGS = 45
"""Until where it changes is as exact as numbers are: differences of images would show less."""
_COARSE = 6
"""Halvings before it is tried where edges of faces cross: few do so in what is left."""
_NARROW = 1e-13
"""Share of a piece by which it is asked before and behind such a crossing."""
_HIDDEN = -3


@kernel
def is_crowded(ids, x, y):
    """Whether more than two things are seen in and around a pixel, so that outlines may cross or end within it."""
    first, second, two = ids[y, x], ids[y, x], False
    for i in range(max(y - 1, 0), min(y + 2, ids.shape[0])):
        for j in range(max(x - 1, 0), min(x + 2, ids.shape[1])):
            if ids[i, j] != first and not two:
                second, two = ids[i, j], True
            elif ids[i, j] != first and ids[i, j] != second:
                return True
    return False


@kernel
def look_beside(vertices, faces, plane, near, setup, around, count, face, corner, u, v):
    """Look at both sides of the point (u, v) of the edge opposite a corner of a face.

    Args:
        vertices: As for `visibility`, like the next.
        faces: See there.
        plane: As for `visibility`, like the next.
        near: See there.
        setup: As in `Visibility`.
        around: The first `count` of these faces are those that may be seen there, without the edge's own.
        count: See there.
        face: The face on the inner side to which the edge belongs.
        corner: Of that face.
        u: Of the point [px].
        v: Of the point [px].

    Returns:
        Whether nothing hides the point; what is seen on the outer side: a face, `PLANE` or `NOTHING`, and its inverse
        depth [1/m]; weight, in space, of the edge's first vertex in the point; and the point's inverse depth.
    """
    p, q = faces[face, (corner + 1) % 3], faces[face, (corner + 2) % 3]
    share = weight_of_first(vertices, p, q, u, v)
    inverse = 1 / (share * vertices[p, 2] + (1 - share) * vertices[q, 2])
    n0, n1 = _aside(setup, face, corner)
    beyond, hit = first_hit(setup, plane, near, around, count, u + n0, v + n1)
    if _hides(beyond, hit, inverse):
        return False, np.int64(NOTHING), 0.0, share, inverse
    outside, hit = first_hit(setup, plane, near, around, count, u - n0, v - n1)
    return not _hides(outside, hit, inverse), outside, hit, share, inverse


@kernel
def change_along(vertices, faces, face_object, plane, near, setup, around, count, face, corner, ends):
    """Return at which share of a segment of the edge, within a pixel, another thing is seen beside it, and why.

    It is 1 if the same is seen at both ends. The reason is 3 f + k for the crossing with edge k of face f, or `FIXED`.
    Arguments are those of `look_beside`, the object of each face, and the ends (u, v, u, v) of the segment.
    """
    low, high, crossing = _END, 1 - _END, np.int64(FIXED)
    a, b, c, d = ends
    first = _beside(
        vertices, faces, face_object, plane, near, setup, around, count, face, corner,
        a + low * (c - a), b + low * (d - b),
    )  # fmt: skip
    last = _beside(
        vertices, faces, face_object, plane, near, setup, around, count, face, corner,
        a + high * (c - a), b + high * (d - b),
    )  # fmt: skip
    if first == last:
        return 1.0, crossing
    for step in range(_HALVINGS):
        if step == _COARSE:
            low, high, crossing = _try_crossings(
                vertices, faces, face_object, plane, near, setup, around, count, face, corner, ends, first, low, high
            )
            if high - low < 4 * _NARROW:
                break
        middle = (low + high) / 2
        if first == _beside(
            vertices, faces, face_object, plane, near, setup, around, count, face, corner,
            a + middle * (c - a), b + middle * (d - b),
        ):  # fmt: skip
            low = middle
        else:
            high = middle
    return low, crossing


@kernel
def _try_crossings(
    vertices, faces, face_object, plane, near, setup, around, count, face, corner, ends, first, low, high
):
    """Narrow an interval of a segment in which something changes by where edges cross it; return it, and why."""
    crossing = np.int64(FIXED)
    a, b, c, d = ends
    n0, n1 = _aside(setup, face, corner)
    for i in range(6 * count):
        f, k, side = around[i // 6], i % 3 * 3, (1.0 if i % 6 < 3 else -1.0)
        e0, e1 = setup[f, k], setup[f, k + 1]
        slope = e0 * (c - a) + e1 * (d - b)
        if slope == 0:
            continue
        place = -(e0 * (a + side * n0) + e1 * (b + side * n1) + setup[f, k + 2]) / slope
        for t in (place - _NARROW, place + _NARROW):
            if low < t < high:
                if first == _beside(
                    vertices, faces, face_object, plane, near, setup, around, count, face, corner,
                    a + t * (c - a), b + t * (d - b),
                ):  # fmt: skip
                    low = t
                else:
                    high = t
                if high - low < 4 * _NARROW:
                    crossing = np.int64(f) * 3 + i % 3
    return low, high, crossing


@kernel
def _aside(setup, face, corner):
    """Return the step from an edge to its inner side [px]."""
    n0, n1 = setup[face, 3 * corner], setup[face, 3 * corner + 1]
    scale = _STEP / (n0 * n0 + n1 * n1) ** 0.5
    return n0 * scale, n1 * scale


@kernel
def _beside(vertices, faces, face_object, plane, near, setup, around, count, face, corner, u, v):
    """Return the owner of what is seen outside of an edge, or `_HIDDEN` if the edge is not seen."""
    visible, outside, _, _, _ = look_beside(vertices, faces, plane, near, setup, around, count, face, corner, u, v)
    return owner_of(face_object, outside) if visible else np.int64(_HIDDEN)


@kernel
def pixel_of(u):
    """Return the pixel whose interval a coordinate is in."""
    return int(u + 0.5)


@kernel
def weight_of_first(vertices, p, q, u, v):
    """Return the weight, in space, of vertex p in the point of the edge from p to q that is seen at (u, v)."""
    p0, p1, p2 = vertices[p, 0], vertices[p, 1], vertices[p, 2]
    q0, q1, q2 = vertices[q, 0], vertices[q, 1], vertices[q, 2]
    along = abs(p0 * q2 - q0 * p2) >= abs(p1 * q2 - q1 * p2)
    first = p0 - u * p2 if along else p1 - v * p2
    second = q0 - u * q2 if along else q1 - v * q2
    return min(max(second / (second - first), 0.0), 1.0) if second != first else 0.5


@kernel
def _hides(face, hit, inverse):
    """Whether what is hit at one inverse depth hides an edge at another."""
    return hit > inverse * (1 + (_CONTACT if face == PLANE else 1e-9))
