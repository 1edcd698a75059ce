"""Do triangles meet a box? Separating axes."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float


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
    meets = np.zeros(len(triangles), dtype=bool)
    local = triangles - center
    near = np.flatnonzero(((local.min(1) <= half) & (local.max(1) >= -half)).all(1))
    if len(near):
        meets[near] = ~_is_separated(local[near], half)
    return meets


def _is_separated(triangles: Float[np.ndarray, "faces 3 3"], half: Float[np.ndarray, "3"]) -> Bool[np.ndarray, "faces"]:
    edges = np.roll(triangles, -1, axis=1) - triangles
    normals = np.cross(edges[:, 0], edges[:, 1])[:, None]
    crossed = np.cross(np.eye(3)[None, :, None], edges[:, None]).reshape(len(triangles), 9, 3)
    axes = np.concatenate([normals, crossed], 1)
    shadows = axes @ triangles.transpose(0, 2, 1)
    reach = np.abs(axes) @ half
    return ((shadows.min(2) > reach) | (shadows.max(2) < -reach)).any(1)
