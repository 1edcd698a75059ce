"""Fewer triangles for a closed surface."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from dig_framework.mesh import Mesh

Array = NDArray[np.floating]
Faces = NDArray[np.integer]


def simplified(vertices: Array, faces: Faces, triangles: int) -> tuple[Array, Faces]:
    """Collapse edges of a closed surface until about so many triangles are left and it is still closed.

    Garland and Heckbert, SIGGRAPH 1997. Where collapsing leaves holes or edges of more than two faces, twice as many
    triangles are left, and so on.

    Args:
        vertices: Positions in any unit, shape (n, 3).
        faces: Vertex indices, shape (m, 3).
        triangles: Wanted number.
    """
    from fast_simplification import simplify

    points, indices = np.ascontiguousarray(vertices, np.float64), np.ascontiguousarray(faces, np.int32)
    target = triangles
    while target < len(faces):
        fewer, collapsed = simplify(points, indices, target_count=target)[:2]
        fewer, collapsed = np.asarray(fewer, np.float64), np.asarray(collapsed, np.int64)
        if Mesh(torch.from_numpy(fewer), torch.from_numpy(collapsed)).is_closed():
            return _without_strays(fewer, collapsed)
        target *= 2
    return vertices, faces


def _without_strays(vertices: Array, faces: Faces) -> tuple[Array, Faces]:
    used, faces_of_used = np.unique(faces, return_inverse=True)
    return vertices[used], faces_of_used.reshape(faces.shape)
