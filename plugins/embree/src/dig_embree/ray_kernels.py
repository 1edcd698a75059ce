"""Compiled loops that send rays from surfaces to lights and into the open."""

from __future__ import annotations

import math

from dig_framework.kernel import inline_kernel, kernel

_CLEAR = 2e-5
"""How far rays start above a surface, per metre of distance to the camera; Embree computes in float32."""
_GOLDEN = (math.sqrt(5) - 1) / 2
_INSIDE = 0.9999
"""Of a unit ball's radius, lest a point of it cancels a unit normal."""

# Places and normals are [points, 3] in float64, shifts [2, points]; starts and ways [points, 3] in float32 are written
# from the first row on. Sample `number` of `count` is a point of a lattice in the unit square that each point shifts in
# its own way, put onto a unit ball by Archimedes' hat-box theorem.


@inline_kernel
def ball_point(number, count, first, second):
    """Return a point of the unit ball's surface."""
    high = (number + 0.5) / count + first
    turn = _GOLDEN * (number + 0.5) + second
    height = 1 - 2 * (high - math.floor(high))
    across, angle = math.sqrt(max(0.0, 1 - height * height)), 2 * math.pi * turn
    return across * math.cos(angle), across * math.sin(angle), height


@inline_kernel
def send(place, normal, x, y, z, row, starts, ways):
    """Write a ray that starts a little above a surface, on the side to which it goes."""
    side = normal[0] * x + normal[1] * y + normal[2] * z
    clear = _CLEAR * (1 + math.sqrt(place[0] * place[0] + place[1] * place[1] + place[2] * place[2]))
    if side <= 0:
        clear = -clear
    for axis in range(3):
        starts[row, axis] = place[axis] + clear * normal[axis]
    ways[row, 0], ways[row, 1], ways[row, 2] = x, y, z


@kernel
def to_light(places, normals, light, radius, far, number, count, shifts, starts, ways, chosen):
    """Send rays from the points that face a light: a ball about a position, or with `far` in a direction [m].

    Returns:
        How many; their points' rows are written into `chosen`.
    """
    rays = 0
    for point in range(len(places)):
        x, y, z = far * light[0], far * light[1], far * light[2]
        if far == 0:
            a, b, c = ball_point(number, count, shifts[0, point], shifts[1, point])
            x = light[0] + radius * a - places[point, 0]
            y = light[1] + radius * b - places[point, 1]
            z = light[2] + radius * c - places[point, 2]
        if normals[point, 0] * x + normals[point, 1] * y + normals[point, 2] * z > 0:
            send(places[point], normals[point], x, y, z, rays, starts, ways)
            chosen[rays] = point
            rays += 1
    return rays


@kernel
def into_open(places, normals, reach, number, count, shifts, starts, ways):
    """Send a ray of a length [m] from every point, as dense as the cosine to its normal: this plus a ball's point."""
    for point in range(len(places)):
        a, b, c = ball_point(number, count, shifts[0, point], shifts[1, point])
        x, y, z = (normals[point, 0] + _INSIDE * a, normals[point, 1] + _INSIDE * b, normals[point, 2] + _INSIDE * c)
        scale = reach / math.sqrt(x * x + y * y + z * z)
        send(places[point], normals[point], x * scale, y * scale, z * scale, point, starts, ways)
