"""Frames in which a mesh fills a simple body."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

_THINNEST = 0.02
"""Least half side of a frame, as a share of its longest, so that flat meshes have one."""


def box_frame(vertices: Float[Tensor, "vertices 3"]) -> tuple[Float[Tensor, "3"], Float[Tensor, "3"]]:
    """Return centre and axis lengths [m] of the frame in which the mesh's box reaches from -1 to 1."""
    low, high = vertices.amin(0), vertices.amax(0)
    half = (high - low) / 2
    return (low + high) / 2, half.clamp_min(_THINNEST * float(half.max())).clamp_min(1e-12)


def ball_frame(vertices: Float[Tensor, "vertices 3"]) -> tuple[Float[Tensor, "3"], Float[Tensor, "3"]]:
    """Return centre and axis lengths [m] of the frame in which the mesh's box is a cube, and the unit ball holds it."""
    center, half = box_frame(vertices)
    reach = ((vertices - center) / half).norm(dim=1).max().clamp_min(1e-6)
    return center, half * reach
