"""Which vertices lie opposite an edge: what `antialias` needs to know of a mesh."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Int32
from torch import Tensor

from dig_framework.errors import InputError
from dig_framework.kernel import kernel
from dig_framework.raster.input_checks import check_integers
from dig_framework.raster.triangle_batch import frozen_triangles


@dataclasses.dataclass(frozen=True)
class TopologyHash:
    """What `antialias_construct_topology_hash` returns."""

    triangles: np.ndarray
    """Vertex indices [F, 3], int32."""
    opposite: np.ndarray
    """Third vertex of the other triangle at the edge opposite each corner, -1 if there is none [F, 3], int32."""


def antialias_construct_topology_hash(tri: Int32[Tensor, "triangles 3"]) -> TopologyHash:
    """Return what `antialias` otherwise finds out at each call.

    Edges are told apart by the indices of their vertices, and each has at most two opposite vertices: the two with the
    smallest indices. A triangle that occurs twice counts once.

    Raises:
        InputError: If `tri` is not an int32 tensor [triangles, 3] without negative numbers.
    """
    check_integers("antialias_construct_topology_hash", "tri", tri, ("triangles", 3))
    triangles = frozen_triangles(tri)
    opposite = np.full(triangles.shape, -1, np.int32)
    if triangles.size:
        if triangles.min() < 0:
            raise InputError(f"antialias_construct_topology_hash: tri names vertex {triangles.min()}.")
        # Consecutive numbers keep the counting sort as short as the list of triangles.
        _, compact = np.unique(triangles, return_inverse=True) if triangles.max() > triangles.size else (0, triangles)
        compact = np.ascontiguousarray(compact.reshape(triangles.shape), np.int64)
        _find_opposite(triangles, compact, int(compact.max()) + 1, opposite)
    return TopologyHash(triangles, opposite)


@kernel
def _ends(compact, edge):
    """Return the lower and the higher end of an edge: 3 x triangle + opposite corner."""
    face, corner = edge // 3, edge % 3
    p, q = compact[face, (corner + 1) % 3], compact[face, (corner + 2) % 3]
    return min(p, q), max(p, q)


@kernel
def _sort_by_end(compact, vertices, which, order):
    """Sort edges by one end, keeping the order of those that are equal."""
    start = np.zeros(vertices + 1, np.int64)
    for edge in order:
        start[_ends(compact, edge)[which] + 1] += 1
    for vertex in range(vertices):
        start[vertex + 1] += start[vertex]
    result = np.empty_like(order)
    for edge in order:
        vertex = _ends(compact, edge)[which]
        result[start[vertex]] = edge
        start[vertex] += 1
    return result


@kernel
def _find_opposite(triangles, compact, vertices, opposite):
    """Fill `opposite` by sorting edges, in time proportional to their number."""
    order = np.arange(compact.size)
    for which in (1, 0):
        order = _sort_by_end(compact, vertices, which, order)
    first = 0
    while first < len(order):
        last = first + 1
        while last < len(order) and _ends(compact, order[last]) == _ends(compact, order[first]):
            last += 1
        a, b = _two_smallest(triangles, order, first, last)
        for k in range(first, last):
            face, corner = order[k] // 3, order[k] % 3
            opposite[face, corner] = b if triangles[face, corner] == a else a
        first = last


@kernel
def _two_smallest(triangles, order, first, last):
    """Return the two smallest different vertices opposite one edge, -1 for the second if there is one only."""
    a = b = -1
    for k in range(first, last):
        vertex = np.int64(triangles[order[k] // 3, order[k] % 3])
        if a < 0 or vertex < a:
            a, b = vertex, a
        elif vertex != a and (b < 0 or vertex < b):
            b = vertex
    return a, b
