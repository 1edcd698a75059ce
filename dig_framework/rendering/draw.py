"""Colour, depth and masks as one differentiable function of tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.autograd.function import once_differentiable

from dig_framework.rendering.centers import GROUPS, draw_centers, draw_centers_backward
from dig_framework.rendering.compositing import (
    Images,
    blend_pieces,
    blend_pieces_backward,
)
from dig_framework.rendering.piece_samples import sample_pieces
from dig_framework.rendering.scene_tensors import SceneTensors
from dig_framework.rendering.seen import Frame, look
from dig_framework.rendering.surfaces import CONSTANTS, Gradients, Surfaces, Tables, Wanted
from dig_framework.worker_threads import spread


def draw(
    tensors: SceneTensors, frame: Frame
) -> tuple[
    Float[Tensor, "height width 3"],
    Float[Tensor, "height width"],
    Float[Tensor, "objects height width"],
    Int[Tensor, "height width"],
]:
    """Return colour, depth [m], masks and ids, differentiable in every tensor but for the ids.

    Computations are in float64, images in the dtype of the vertices. Creases where surfaces pass through
    each other, and lines where the plane cuts a surface, are drawn hard and contribute nothing to the gradient.
    """
    return _Draw.apply(frame, *tensors.drawn())


class _Draw(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, frame: Frame, *tensors: Tensor) -> tuple[Tensor, ...]:
        surfaces, tables = _read(frame, tensors)
        seen = look(surfaces.vertices, surfaces.plane, frame)
        size, dtype = (frame.height, frame.width), tables.constants.dtype
        images = Images(np.empty((*size, 3), dtype), np.empty(size, dtype), np.zeros((frame.objects, *size), dtype))
        spread(draw_centers, surfaces, tables, seen.visible.setup, seen.visible.seen, *images)
        values = None
        if seen.pieces is not None:
            values = np.empty((2, len(seen.pieces.pixel), 4))
            spread(sample_pieces, surfaces, tables, seen.visible.setup, seen.pieces, values)
            blend_pieces(surfaces, seen.pieces, images, values)
        ctx.frame, ctx.visible, ctx.pieces, ctx.values = frame, seen.visible, seen.pieces, values
        ctx.save_for_backward(*tensors)
        indices = torch.from_numpy(seen.visible.ids)
        ctx.mark_non_differentiable(indices)
        return (*(torch.from_numpy(image) for image in images), indices)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor | None, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        frame, visible, tensors, needed = ctx.frame, ctx.visible, ctx.saved_tensors, ctx.needs_input_grad[1:]
        surfaces, tables = _read(frame, tensors)
        images = Images(*(grad.contiguous().numpy() for grad in upstream[:3]))
        gradients = Gradients(*(np.zeros((GROUPS, *tensor.shape)) for tensor in tensors))
        share = np.ones((frame.height, frame.width), tables.constants.dtype)
        highlights = frame.highlights | (tables.materials[:, 5] != 0)
        wanted = Wanted(any(needed[:3]), any(needed[3:6]), any(needed[6:]), highlights)
        if ctx.pieces is not None:
            blend_pieces_backward(
                surfaces, tables, visible.setup, ctx.pieces, ctx.values.copy(), wanted, images, share, gradients
            )
        spread(
            draw_centers_backward, surfaces, tables, visible.setup, visible.seen, share, wanted, images.color,
            images.depth, gradients,
        )  # fmt: skip
        parts = zip(gradients, tensors, needed, strict=True)
        return (None, *(torch.from_numpy(part.sum(0)).to(like.dtype) if need else None for part, like, need in parts))


def _read(frame: Frame, tensors: tuple[Tensor, ...]) -> tuple[Surfaces, Tables]:
    """Return what kernels read: places in float64, looks in the dtype of the images."""
    dtype = np.float64 if tensors[0].dtype == torch.float64 else np.float32
    vertices, normals, colors, materials, lights, ambient, plane, plane_normal = (
        tensor.detach().contiguous().numpy() for tensor in tensors
    )
    looks = (materials, lights, ambient, plane_normal, frame.background, np.array(CONSTANTS))
    surfaces = Surfaces(
        vertices.astype(np.float64), frame.faces, normals, frame.normal_faces, colors,
        frame.colored or tensors[2].requires_grad, frame.face_object, plane.astype(np.float64), frame.plane_shown,
        frame.camera_from_pixel,
    )  # fmt: skip
    return surfaces, Tables(*(np.ascontiguousarray(part, dtype) for part in looks))
