"""How much the area that a piece of a silhouette hides from a pixel's centre changes as the piece's ends move."""

from __future__ import annotations

from dig_framework.kernel import kernel
from dig_framework.rendering.piece_ends import FIXED

CENTER = 1e-6
"""Ends nearer to the pixel's centre have no gradient [px]: the angle under which they are seen may turn at once."""


@kernel
def is_followed(pieces, k):
    """Whether the ends of a piece, and of its stretch, follow something known, and the piece hides anything."""
    codes = pieces.codes
    known = codes[k, 0] != FIXED and codes[k, 1] != FIXED and codes[k, 2] != FIXED and codes[k, 3] != FIXED
    return known and pieces.numbers[k, 2] > 0


@kernel
def area_backward(a, b, c, d, change, gradient):
    """Add the derivative of `hidden_area` times a number.

    Args:
        a: First end, from the pixel's centre on [px].
        b: See there.
        c: Second end.
        d: See there.
        change: Gradient with respect to the area.
        gradient: With respect to a, b, c, d; is added to [4].
    """
    doubled = a * d - b * c
    sign = 1.0 if doubled > 0 else -1.0
    half = 0.5 * sign * change
    gradient[0] -= half * d
    gradient[1] += half * c
    gradient[2] += half * b
    gradient[3] -= half * a
    _turn_backward(a, b, -0.25 * sign * change, gradient[:2])
    _turn_backward(c, d, 0.25 * sign * change, gradient[2:])


@kernel
def _turn_backward(x, y, change, gradient):
    """Add the derivative of how far along the square's border the ray through a point leaves it."""
    if max(abs(x), abs(y)) < CENTER:
        return
    if abs(x) >= abs(y):
        gradient[0] -= change * y / (2 * x * x)
        gradient[1] += change / (2 * x)
    else:
        gradient[0] -= change / (2 * y)
        gradient[1] += change * x / (2 * y * y)
