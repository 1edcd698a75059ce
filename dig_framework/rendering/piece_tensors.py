"""Where pieces of silhouettes end, as a differentiable function of the vertices."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from dig_framework.rendering.piece_areas import CENTER
from dig_framework.rendering.piece_ends import ends_backward
from dig_framework.rendering.seen import Frame, Seen


def piece_ends(vertices: Float[Tensor, "vertices 3"], seen: Seen, frame: Frame) -> Float[Tensor, "pieces 4"]:
    """Return both ends (u, v, u, v) [px] of every piece, which follow the edges that meet there.

    Args:
        vertices: v = K x of every vertex.
        seen: With pieces.
        frame: Of which the faces are.
    """
    return _PieceEnds.apply(vertices, seen, frame.faces)


class _PieceEnds(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, vertices: Tensor, seen: Seen, faces: np.ndarray) -> Tensor:
        ctx.save_for_backward(vertices)
        ctx.seen, ctx.faces = seen, faces
        numbers = seen.pieces.numbers if seen.pieces is not None else np.zeros((0, 13))
        return torch.from_numpy(numbers[:, 9:13].copy())

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor | None, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        (vertices,) = ctx.saved_tensors
        points = vertices.detach().double().contiguous().numpy()
        gradient = np.zeros_like(points)
        setup, pieces = ctx.seen.visible.setup, ctx.seen.pieces
        if pieces is not None:
            ends_backward(points, ctx.faces, setup, pieces, upstream[0].contiguous().numpy(), gradient)
        return torch.from_numpy(gradient).to(vertices.dtype), None, None


def edge_shares(
    vertices: Float[Tensor, "vertices 3"], ends: list[Tensor], middle: Float[Tensor, "pieces 2"]
) -> Float[Tensor, "pieces"]:
    """Return the weight, in space, of each edge's first vertex in the point that is seen at its piece's middle.

    Args:
        vertices: v = K x of every vertex.
        ends: First and second vertex of each edge.
        middle: Of each piece [px].
    """
    first, second = (vertices.double()[end] for end in ends)
    extent = (first[:, :2] * second[:, 2:] - second[:, :2] * first[:, 2:]).detach().abs()
    axis = (extent[:, 0] < extent[:, 1]).long()[:, None]
    place = middle.gather(1, axis)[:, 0]
    a, b = (end.gather(1, axis)[:, 0] - place * end[:, 2] for end in (first, second))
    told = b != a
    share = torch.where(told, b / (b - a).where(told, 1.0), 0.5)
    return share + (share.clamp(0, 1) - share).detach()


def hidden_areas(ends: Float[Tensor, "pieces 4"]) -> Float[Tensor, "pieces"]:
    """Return what `hidden_area` does, differentiable in both ends (u, v, u, v), measured from the pixel's centre."""
    a, b, c, d = ends.unbind(1)
    doubled = a * d - b * c
    turn = _along_borders(c, d) - _along_borders(a, b)
    turn = torch.where(doubled > 0, turn, -turn)
    turn = turn - 4 * (turn.detach() / 4).floor()
    area = turn.clamp(max=2) / 4 - doubled.abs() / 2
    return torch.where(turn > 3, 0.0, area)


def _along_borders(x: Tensor, y: Tensor) -> Tensor:
    """Return how far along the square's border, in sides, rays from its middle leave it."""
    at_center = torch.maximum(x.abs(), y.abs()) < CENTER
    x, y = (part.where(~at_center, part.detach() + 1) for part in (x, y))
    flat = x.abs() >= y.abs()
    wide, high = x.where(flat & (x != 0), 1.0), y.where(~flat, 1.0)
    sideways = torch.where(x > 0, 0.5, 2.5) + y / wide / 2
    return torch.where(flat, sideways, torch.where(y > 0, 1.5, 3.5) - x / high / 2)
