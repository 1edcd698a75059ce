"""What is seen beside a point of an edge, and where along a piece of the edge that changes."""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel
from dig_framework.rendering.geometry import NOTHING, PLANE, TILE, first_hit
from dig_framework.rendering.lanes import owner_of

_STEP = 1e-6
"""How far beside an edge it is asked what is seen there [px]."""
_CONTACT = 1e-5
"""Relative depth by which the plane may be before an edge that rests on it."""
_END = 1e-3
"""Share of a piece that its ends are held away from vertices, beside which faces of the same surface are."""
_HALVINGS = 45
"""Until where it changes is as exact as numbers are: differences of images would show less."""
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
def look_beside(vertices, faces, face_edges, plane, near, setup, box, start, listed, columns, face, corner, u, v):
    """Look at both sides of the point (u, v) of the edge opposite a corner of a face.

    Args:
        vertices: As for `visibility`, like the next.
        faces: See there.
        face_edges: As in `Topology`.
        plane: As for `visibility`, like the next.
        near: See there.
        setup: As in `Visibility`, like the next three.
        box: See there.
        start: See there.
        listed: See there.
        columns: Tiles in a row of them.
        face: The face on the inner side to which the edge belongs.
        corner: Of that face.
        u: Of the point [px].
        v: Of the point [px].

    Returns:
        Whether nothing hides the point; what is seen on the outer side: a face, `PLANE` or `NOTHING`, and its inverse
        depth [1/m]; weight, in space, of the edge's first vertex in the point; and the point's inverse depth.
    """
    p, q = vertices[faces[face, (corner + 1) % 3]], vertices[faces[face, (corner + 2) % 3]]
    share = weight_of_first(p, q, u, v)
    inverse = 1 / (share * p[2] + (1 - share) * q[2])
    n0, n1 = setup[face, 3 * corner], setup[face, 3 * corner + 1]
    scale, edge = _STEP / (n0 * n0 + n1 * n1) ** 0.5, face_edges[face, corner]
    n0, n1 = n0 * scale, n1 * scale
    tile = pixel_of(v) // TILE * columns + pixel_of(u) // TILE
    first, last = start[tile], start[tile + 1]
    beyond, hit = first_hit(setup, box, face_edges, plane, near, listed, first, last, u + n0, v + n1, edge)
    if _hides(beyond, hit, inverse):
        return False, NOTHING, 0.0, share, inverse
    outside, hit = first_hit(setup, box, face_edges, plane, near, listed, first, last, u - n0, v - n1, edge)
    return not _hides(outside, hit, inverse), outside, hit, share, inverse


@kernel
def change_along(
    vertices, faces, face_object, face_edges, plane, near, setup, box, start, listed, columns, face, corner, ends
):
    """Return at which share of a segment of the edge, within a pixel, another thing is seen beside it.

    It is 1 if the same is seen at both ends. Arguments are those of `look_beside`, the object of each face, and the
    ends (u, v, u, v) of the segment.
    """
    low, high = _END, 1 - _END
    a, b, c, d = ends
    first = _beside(
        vertices, faces, face_object, face_edges, plane, near, setup, box, start, listed, columns, face, corner,
        a + low * (c - a), b + low * (d - b),
    )  # fmt: skip
    last = _beside(
        vertices, faces, face_object, face_edges, plane, near, setup, box, start, listed, columns, face, corner,
        a + high * (c - a), b + high * (d - b),
    )  # fmt: skip
    if first == last:
        return 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if first == _beside(
            vertices, faces, face_object, face_edges, plane, near, setup, box, start, listed, columns, face, corner,
            a + middle * (c - a), b + middle * (d - b),
        ):  # fmt: skip
            low = middle
        else:
            high = middle
    return low


@kernel
def _beside(
    vertices, faces, face_object, face_edges, plane, near, setup, box, start, listed, columns, face, corner, u, v
):
    """Return the owner of what is seen outside of an edge, or `_HIDDEN` if the edge is not seen."""
    visible, outside, _, _, _ = look_beside(
        vertices, faces, face_edges, plane, near, setup, box, start, listed, columns, face, corner, u, v
    )
    return owner_of(face_object, outside) if visible else np.int64(_HIDDEN)


@kernel
def pixel_of(u):
    """Return the pixel whose interval a coordinate is in."""
    return int(u + 0.5)


@kernel
def weight_of_first(p, q, u, v):
    """Return the weight, in space, of p in the point of the edge from p to q that is seen at (u, v)."""
    du, dv = abs(p[0] * q[2] - q[0] * p[2]), abs(p[1] * q[2] - q[1] * p[2])
    first = p[0] - u * p[2] if du >= dv else p[1] - v * p[2]
    second = q[0] - u * q[2] if du >= dv else q[1] - v * q[2]
    return min(max(second / (second - first), 0.0), 1.0) if second != first else 0.5


@kernel
def _hides(face, hit, inverse):
    """Whether what is hit at one inverse depth hides an edge at another."""
    return hit > inverse * (1 + (_CONTACT if face == PLANE else 1e-9))
