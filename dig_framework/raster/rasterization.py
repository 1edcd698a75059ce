"""Which triangle every pixel sees, and where in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int32
from torch import Tensor
from torch.autograd.function import once_differentiable

from dig_framework.errors import InputError
from dig_framework.raster.context import RasterizeContext
from dig_framework.raster.rows import GROUPS
from dig_framework.raster.triangle_batch import TriangleBatch, as_array, triangle_batch
from dig_framework.raster.visibility_kernels import (
    FARTHEST,
    TILE,
    count_tile_items,
    draw_tiles,
    list_tile_items,
    snap_triangles,
)
from dig_framework.raster.weight_gradient_kernels import weights_backward
from dig_framework.worker_threads import spread

_NO_DEPTH = np.empty((0, 0, 0), np.int32)


def rasterize(
    glctx: RasterizeContext,
    pos: Float[Tensor, "images vertices 4"] | Float[Tensor, "vertices 4"],
    tri: Int32[Tensor, "triangles 3"],
    resolution: Sequence[int],
    ranges: Int32[Tensor, "images 2"] | None = None,
    grad_db: bool = True,
) -> tuple[Float[Tensor, "images height width 4"], Float[Tensor, "images height width slopes"]]:
    """Return (u, v, z/w, triangle id) of every pixel, and (du/dX, du/dY, dv/dX, dv/dY) per pixel.

    u and v are the perspective-correct weights of corners 0 and 1. The id is the triangle's index plus one, 0 where
    nothing is seen; ids above 2^24 are decoded by `triangle_ids`. Row 0 is the bottom row.

    Gradients flow from u, v and, with `grad_db`, from the slopes to x, y and w of `pos`; none flow from z/w and ids,
    and none to z. Where u and v are clamped to the triangle, so are their gradients.

    Args:
        glctx: Any context without an active `DepthPeeler`.
        pos: Vertices in OpenGL's clip space: one mesh in several poses, or with `ranges` all meshes in one list.
        tri: Vertex indices. Both windings are drawn.
        resolution: Height and width [px].
        ranges: First triangle and number of triangles of each image.
        grad_db: Whether the slopes have a gradient.

    Raises:
        InputError: If an argument is not as described, an index is out of range, or a position is not finite.
    """
    check_rasterizer("rasterize", glctx, grad_db)
    if glctx.active_depth_peeler is not None:
        raise InputError("rasterize: this context has an active DepthPeeler; leave its `with` block first.")
    batch = triangle_batch("rasterize", pos, tri, resolution, ranges)
    rast, slopes, _ = draw_layer(batch, pos, grad_db, glctx.output_db, None)
    return rast, slopes


def check_rasterizer(function: str, glctx: RasterizeContext, grad_db: bool) -> None:
    """Refuse what is no context or no truth value."""
    if not isinstance(glctx, RasterizeContext):
        raise InputError(f"{function}: the first argument is a RasterizeContext, not {type(glctx).__name__}.")
    if not isinstance(grad_db, bool):
        raise InputError(f"{function}: grad_db is True or False, not {grad_db!r}.")


def draw_layer(
    batch: TriangleBatch, pos: Tensor, grad_db: bool, output_db: bool, previous: np.ndarray | None
) -> tuple[Tensor, Tensor, np.ndarray]:
    """Draw what is nearest, or what is nearest behind a previous layer.

    Args:
        batch: What is drawn.
        pos: The tensor that gradients flow to.
        grad_db: Whether the slopes have a gradient.
        output_db: Whether slopes are wanted.
        previous: Depths of the previous layer [N, height, width], int32; `None` if depths are not wanted.

    Returns:
        What `rasterize` returns, and the depths.
    """
    depth = _NO_DEPTH if previous is None else np.full_like(previous, FARTHEST + 1)
    before = _NO_DEPTH if previous is None else previous
    rast, slopes = _Rasterize.apply(pos, batch, grad_db, output_db, before, depth)
    return rast, slopes, depth


class _Rasterize(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        pos: Tensor,
        batch: TriangleBatch,
        grad_db: bool,
        output_db: bool,
        previous: np.ndarray,
        depth: np.ndarray,
    ) -> tuple[Tensor, Tensor]:
        size = (batch.images, batch.height, batch.width)
        rast = torch.zeros((*size, 4), dtype=pos.dtype)
        slopes = torch.zeros((*size, 4 if output_db else 0), dtype=pos.dtype)
        _draw(batch, previous, rast.numpy(), slopes.numpy(), depth)
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(pos, rast)  # pos so that a change in place is noticed.
        ctx.batch, ctx.shape, ctx.grad_db = batch, pos.shape, grad_db and output_db
        if not ctx.grad_db:
            ctx.mark_non_differentiable(slopes)
        return rast, slopes

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, grad_rast: Tensor | None, grad_slopes: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        _, rast = ctx.saved_tensors
        if not ctx.grad_db:
            grad_slopes = None
        if grad_rast is None and grad_slopes is None:
            return (None,) * 6
        batch, none = ctx.batch, np.empty((0, 0, 0, 0), as_array(rast).dtype)
        into = np.zeros((GROUPS, *batch.positions.shape))
        spread(
            weights_backward,
            batch.positions,
            batch.triangles,
            batch.base,
            as_array(rast),
            none if grad_rast is None else as_array(grad_rast),
            none if grad_slopes is None else as_array(grad_slopes),
            rast.dtype == torch.float64,
            into,
        )
        grad = torch.from_numpy(into.sum(0)).to(rast.dtype).reshape(ctx.shape)
        return (grad, None, None, None, None, None)


def _draw(batch: TriangleBatch, previous: np.ndarray, rast: np.ndarray, slopes: np.ndarray, depth: np.ndarray) -> None:
    """Sort what is drawn into tiles, and draw the tiles that are not empty."""
    items, size = len(batch.image), (batch.width, batch.height)
    box, snapped = np.empty((items, 4), np.int32), np.empty((items, 7), np.int32)
    spread(
        snap_triangles, batch.positions, batch.triangles, batch.image, batch.triangle, batch.base, *size, box, snapped
    )
    rows, columns = -(-batch.height // TILE), -(-batch.width // TILE)
    start = np.empty(batch.images * rows * columns + 1, np.int64)
    count_tile_items(batch.image, box, rows, columns, start)
    listed = np.empty(start[-1], np.int32)
    list_tile_items(batch.image, box, rows, columns, start, listed)
    spread(
        draw_tiles, batch.positions, batch.triangles, batch.triangle, batch.base, snapped, box, start, listed,
        np.flatnonzero(np.diff(start)), previous, rast, slopes, depth, rast.dtype == np.float64,
    )  # fmt: skip
