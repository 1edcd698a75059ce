"""Does a surface meet a box? Outcodes first, separating axes for what is left."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int


def faces_near_box(
    vertices: Float[np.ndarray, "vertices 3"],
    faces: Int[np.ndarray, "faces 3"],
    center: Float[np.ndarray, "3"],
    half: Float[np.ndarray, "3"],
) -> Int[np.ndarray, "near 3"]:
    """Return the faces whose corners are not all beyond one and the same side of a box.

    Args:
        vertices: Positions in the box's frame [m].
        faces: Vertex indices.
        center: Of the box [m].
        half: Half extents [m].
    """
    codes = np.zeros(len(vertices), dtype=np.uint8)
    for axis in range(3):
        along = vertices[:, axis] - center[axis]
        codes |= (along > half[axis]).astype(np.uint8) << (2 * axis)
        codes |= (along < -half[axis]).astype(np.uint8) << (2 * axis + 1)
    corner = codes[faces]
    return faces[(corner[:, 0] & corner[:, 1] & corner[:, 2]) == 0]


def triangles_meet_box(
    triangles: Float[np.ndarray, "faces 3 3"], center: Float[np.ndarray, "3"], half: Float[np.ndarray, "3"]
) -> Bool[np.ndarray, "faces"]:
    """Return which triangles have a point in common with a solid box.

    The thirteen separating axes of Akenine-Moeller, "Fast 3D triangle-box overlap testing", 2001: the box's axes, the
    triangle's normal, and the cross products of the box's axes with the triangle's edges.

    Args:
        triangles: Corners in the box's frame [m].
        center: Of the box [m].
        half: Half extents [m].
    """
    local = triangles - center
    edges = np.roll(local, -1, axis=1) - local
    normals = np.cross(edges[:, 0], edges[:, 1])[:, None]
    sides = np.broadcast_to(np.eye(3), (len(local), 3, 3))
    crossed = np.cross(np.eye(3)[None, :, None], edges[:, None]).reshape(len(local), 9, 3)
    axes = np.concatenate([sides, normals, crossed], 1)
    first, second, third = np.moveaxis(axes @ local.transpose(0, 2, 1), 2, 0)
    reach = np.abs(axes) @ half
    above = np.minimum(np.minimum(first, second), third) > reach
    below = np.maximum(np.maximum(first, second), third) < -reach
    return ~(above | below).any(1)
