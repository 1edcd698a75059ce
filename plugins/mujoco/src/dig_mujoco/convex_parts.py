"""Convex pieces of a mesh, since MuJoCo collides convex shapes only."""

from __future__ import annotations

from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from dig_framework.errors import ComponentError

Parts = Literal["hull", "coacd"]


def convex_parts(
    vertices: Float[np.ndarray, "vertices 3"],
    faces: Int[np.ndarray, "faces 3"],
    parts: Parts,
    limit: int,
    concavity: float,
) -> list[Float[np.ndarray, "corners 3"]]:
    """Return the corners [m] of convex pieces that together stand for a surface.

    Args:
        vertices: Positions [m].
        faces: Vertex indices.
        parts: One convex hull, or an approximate convex decomposition (Wei et al., CoACD, SIGGRAPH 2022).
        limit: Most pieces of a decomposition.
        concavity: How hollow a piece may be, as a share of the object's size.

    Raises:
        ComponentError: If the decomposition is asked for and not installed.
    """
    if parts == "hull":
        return [_hull_corners(vertices)]
    try:
        import coacd  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise ComponentError("parts: coacd needs CoACD: pip install 'dig-mujoco[coacd]'.") from error
    coacd.set_log_level("off")
    # Searching less thoroughly saves most of the time. Thinning out the pieces' corners would shrink them by
    # millimetres, and bottles would no longer stand.
    found = coacd.run_coacd(
        coacd.Mesh(vertices, faces), threshold=concavity, max_convex_hull=limit, decimate=False,
        mcts_iterations=30, mcts_nodes=8, mcts_max_depth=2, seed=0,
    )  # fmt: skip
    return [_hull_corners(np.asarray(corners)) for corners, _ in found]


def _hull_corners(points: Float[np.ndarray, "points 3"]) -> Float[np.ndarray, "corners 3"]:
    from scipy.spatial import ConvexHull

    return points[np.sort(ConvexHull(points).vertices)]
