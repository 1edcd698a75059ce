"""All objects' vertices as the camera sees them, and their normals, as one differentiable function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.autograd.function import once_differentiable

from dig_framework.rendering.vertex_normals import sum_normals, sum_normals_backward


def posed_meshes(
    parts: Sequence[Float[Tensor, "_ 3"]],
    faces: Int[Tensor, "faces 3"],
    turns: Float[Tensor, "parts 3 3"],
    shifts: Float[Tensor, "parts 3"],
    intrinsics: Float[Tensor, "3 3"],
) -> tuple[Float[Tensor, "vertices 3"], Float[Tensor, "vertices 3"]]:
    """Return v = K x_camera and unit normals in the camera's frame of every vertex, differentiable in all but faces.

    It does what a product of matrices for each object and `Mesh.vertex_normals` do. Computations are in float64.

    Args:
        parts: Vertices of each object [m].
        faces: Indices of all parts' vertices, numbered through.
        turns: A of each object in x_camera = x A + b.
        shifts: b of each object [m].
        intrinsics: K.
    """
    return _PosedMeshes.apply(faces, turns, shifts, intrinsics, *parts)


class _PosedMeshes(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, faces: Tensor, turns: Tensor, shifts: Tensor, intrinsics: Tensor, *parts: Tensor
    ) -> tuple[Tensor, Tensor]:
        a, b, k = (_wide(tensor) for tensor in (turns, shifts, intrinsics))
        points = np.concatenate([_wide(part) @ a[n] + b[n] for n, part in enumerate(parts)])
        normals, scale = np.zeros_like(points), np.empty(len(points))
        sum_normals(points, faces.contiguous().numpy(), normals, scale)
        ctx.save_for_backward(faces, turns, shifts, intrinsics, *parts)
        ctx.points, ctx.normals, ctx.scale = points, normals, scale
        seen = torch.from_numpy(points @ k.T)
        return seen.to(turns.dtype), torch.from_numpy(normals).to(turns.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor | None, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        faces, turns, shifts, intrinsics, *parts = ctx.saved_tensors
        a, k, of_seen, of_normals = (_wide(tensor) for tensor in (turns, intrinsics, *upstream))
        gradient = of_seen @ k
        if of_normals.any():
            sum_normals_backward(
                ctx.points, faces.contiguous().numpy(), ctx.normals, ctx.scale, of_normals.copy(), gradient
            )
        own = np.split(gradient, np.cumsum([len(part) for part in parts])[:-1])
        needed = ctx.needs_input_grad
        found: list[np.ndarray | None] = [None, None, None]
        if needed[1] or needed[2]:
            found[0] = np.stack([_wide(part).T @ g for part, g in zip(parts, own, strict=True)])
            found[1] = np.stack([g.sum(0) for g in own])
        if needed[3]:
            found[2] = of_seen.T @ ctx.points
        found += [g @ a[n].T if needed[n + 4] else None for n, g in enumerate(own)]
        inputs = (turns, shifts, intrinsics, *parts)
        return (
            None,
            *(None if g is None else torch.from_numpy(g).to(like.dtype) for g, like in zip(found, inputs, strict=True)),
        )


def _wide(tensor: Tensor) -> np.ndarray:
    return tensor.detach().double().contiguous().numpy()
