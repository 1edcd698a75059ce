"""Which faces of a mesh cut through others, those with a common corner included."""

from __future__ import annotations

from dig_framework.kernel import kernel


@kernel
def mark_crossing_faces(crossing, corners, numbers, axis):
    """Set the flags of all faces that cut through another; faces that only touch do not.

    Args:
        crossing: Flags, false on entry [faces].
        corners: Places, of faces sorted by where they begin along `axis` [faces, 3, 3].
        numbers: Which corners are the same [faces, 3].
        axis: The one along which the mesh is longest.
    """
    second, third = (axis + 1) % 3, (axis + 2) % 3
    for one in range(len(corners)):
        end = max(corners[one, 0, axis], corners[one, 1, axis], corners[one, 2, axis])
        for other in range(one + 1, len(corners)):
            if min(corners[other, 0, axis], corners[other, 1, axis], corners[other, 2, axis]) > end:
                break
            if _apart(corners[one], corners[other], second) or _apart(corners[one], corners[other], third):
                continue
            if crossing[one] and crossing[other]:
                continue
            if _pierces(corners[one], numbers[one], corners[other], numbers[other]) or _pierces(
                corners[other], numbers[other], corners[one], numbers[one]
            ):
                crossing[one] = crossing[other] = True


@kernel
def _apart(first, second, axis):
    """Return whether two faces lie one after the other along an axis."""
    a, b, c = first[0, axis], first[1, axis], first[2, axis]
    d, e, f = second[0, axis], second[1, axis], second[2, axis]
    return max(a, b, c) < min(d, e, f) or max(d, e, f) < min(a, b, c)


@kernel
def _pierces(sides, side_numbers, face, numbers):
    """Return whether a side of one face goes through the inside of another."""
    for side in range(3):
        start, end = side, (side + 1) % 3
        # A side that begins at a corner of the face only touches it.
        if _among(side_numbers[start], numbers) or _among(side_numbers[end], numbers):
            continue
        if _goes_through(sides[start], sides[end], face[0], face[1], face[2]):
            return True
    return False


@kernel
def _among(number, numbers):
    return number == numbers[0] or number == numbers[1] or number == numbers[2]


@kernel
def _goes_through(start, end, a, b, c):
    if _turn(a, b, c, start) * _turn(a, b, c, end) >= 0.0:
        return False
    first, second, third = _turn(start, end, a, b), _turn(start, end, b, c), _turn(start, end, c, a)
    return (first > 0.0 and second > 0.0 and third > 0.0) or (first < 0.0 and second < 0.0 and third < 0.0)


@kernel
def _turn(a, b, c, d):
    """Return six times the volume of a tetrahedron, positive if b, c, d turn one way seen from a."""
    ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    vx, vy, vz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    wx, wy, wz = d[0] - a[0], d[1] - a[1], d[2] - a[2]
    return ux * (vy * wz - vz * wy) + uy * (vz * wx - vx * wz) + uz * (vx * wy - vy * wx)
