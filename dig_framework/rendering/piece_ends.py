"""Where pieces of silhouettes end, and how they move with the vertices.

In a pixel an edge has a stretch from P to Q, each on a border of the pixel or a vertex of the edge; a piece is the
stretch or a part of it, whose ends may also be the stretch's middle or where another edge crosses it. Each of these
follows from the edge functions e of one or two edges, e(P) = 0, and the derivative of e with respect to its vertices.
"""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel
from dig_framework.rendering.lane_gradients import edge_backward

FIXED = -1
"""An end that is not known to follow anything; from zero on, 3 f + k is a crossing with edge k of face f."""
ON_COLUMN, ON_ROW = -2, -3
"""On a border at which u is constant, and at which v is."""
FIRST, SECOND = -4, -5
"""The edge's first and second vertex."""
HALF, WHOLE = -6, -7
"""The middle of the stretch, and the end of the stretch."""


@kernel
def border_code(u, v):
    """Return which border of a pixel a point is on."""
    across, down = abs(u + 0.5 - np.rint(u + 0.5)), abs(v + 0.5 - np.rint(v + 0.5))
    return ON_COLUMN if across <= down else ON_ROW


@kernel
def note_ends(links, numbers, row, stretch, stretch_codes, ends, first_code, last_code):
    """Write stretch and ends, each (u, v, u, v), of the piece in a row, and what they are."""
    for k in range(4):
        numbers[row, 5 + k], numbers[row, 9 + k] = stretch[k], ends[k]
    links[row, 4], links[row, 5] = stretch_codes
    links[row, 6], links[row, 7] = first_code, last_code


@kernel
def ends_backward(vertices, faces, setup, pieces, gradient, out):
    """Add the derivative of the pieces' ends with respect to the vertices.

    Args:
        vertices: v = K x of every vertex [V, 3].
        faces: Vertex indices [F, 3].
        setup: As filled by `set_up_faces`.
        pieces: Of silhouettes.
        gradient: With respect to u and v of the first and the second end [pieces, 4].
        out: Is added to [V, 3].
    """
    for k in range(gradient.shape[0]):
        face, corner = pieces.inside[k], pieces.corner[k]
        au, av, bu, bv = 0.0, 0.0, 0.0, 0.0
        for end in range(2):
            code, gu, gv = pieces.codes[k, 2 + end], gradient[k, 2 * end], gradient[k, 2 * end + 1]
            # How much the piece's end follows the first end of the stretch, and the second.
            first = 0.5 if code == HALF else (1.0 if code == WHOLE and end == 0 else 0.0)
            second = 0.5 if code == HALF else (1.0 if code == WHOLE and end == 1 else 0.0)
            au, av, bu, bv = au + first * gu, av + first * gv, bu + second * gu, bv + second * gv
            if code >= 0:
                u, v = pieces.numbers[k, 9 + 2 * end], pieces.numbers[k, 10 + 2 * end]
                _crossing_backward(vertices, faces, setup, face, corner, code // 3, code % 3, u, v, gu, gv, out)
        u, v, codes = pieces.numbers[k, 5], pieces.numbers[k, 6], pieces.codes
        _end_backward(vertices, faces, setup, face, corner, codes[k, 0], u, v, au, av, out)
        u, v = pieces.numbers[k, 7], pieces.numbers[k, 8]
        _end_backward(vertices, faces, setup, face, corner, codes[k, 1], u, v, bu, bv, out)


@kernel
def _end_backward(vertices, faces, setup, face, corner, code, u, v, gu, gv, out):
    """Add the derivative of an end of a stretch."""
    if code in (FIRST, SECOND):
        vertex = faces[face, (corner + (1 if code == FIRST else 2)) % 3]
        scale = 1 / vertices[vertex, 2]
        out[vertex, 0] += gu * scale
        out[vertex, 1] += gv * scale
        out[vertex, 2] -= (gu * u + gv * v) * scale
    elif code == ON_COLUMN and setup[face, 3 * corner + 1] != 0:
        line_backward(vertices, faces, setup, face, corner, u, v, -gv / setup[face, 3 * corner + 1], out)
    elif code == ON_ROW and setup[face, 3 * corner] != 0:
        line_backward(vertices, faces, setup, face, corner, u, v, -gu / setup[face, 3 * corner], out)


@kernel
def _crossing_backward(vertices, faces, setup, face, corner, other, side, u, v, gu, gv, out):
    """Add the derivative of where two edges cross: both edge functions stay zero there."""
    n0, n1 = setup[face, 3 * corner], setup[face, 3 * corner + 1]
    m0, m1 = setup[other, 3 * side], setup[other, 3 * side + 1]
    determinant = n0 * m1 - n1 * m0
    if determinant != 0:
        line_backward(vertices, faces, setup, face, corner, u, v, -(gu * m1 - gv * m0) / determinant, out)
        line_backward(vertices, faces, setup, other, side, u, v, -(gv * n0 - gu * n1) / determinant, out)


@kernel
def line_backward(vertices, faces, setup, face, corner, u, v, gradient, out):
    """Add the derivative of an edge function at a point, with respect to the edge's vertices."""
    scaled = gradient * setup[face, 14]
    p, q = faces[face, (corner + 1) % 3], faces[face, (corner + 2) % 3]
    edge_backward(vertices, p, q, scaled * u, scaled * v, scaled, out)
