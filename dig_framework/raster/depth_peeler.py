"""Surfaces one behind the other."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

import numpy as np
from jaxtyping import Float, Int32
from torch import Tensor

from dig_framework.errors import InputError
from dig_framework.raster.context import RasterizeContext
from dig_framework.raster.rasterization import check_rasterizer, draw_layer
from dig_framework.raster.triangle_batch import triangle_batch
from dig_framework.raster.visibility_kernels import FARTHEST


class DepthPeeler:
    """Draws layer after layer inside a `with` block, each behind the one before at every pixel.

    The first layer is what `rasterize` draws. Each next layer leaves out whatever is as near as the layer before it or
    nearer, so that of surfaces at the same depth (to 2^-30 of z/w) one is seen once and the others are never seen.
    Gradients are those of `rasterize`. A peeler is used once; a context has one active peeler at a time.

    Args:
        glctx: Any context without an active peeler.
        pos: As in `rasterize`.
        tri: As in `rasterize`.
        resolution: Height and width [px].
        ranges: As in `rasterize`.
        grad_db: As in `rasterize`.

    Raises:
        InputError: If an argument is not as described.
    """

    def __init__(
        self,
        glctx: RasterizeContext,
        pos: Float[Tensor, "images vertices 4"] | Float[Tensor, "vertices 4"],
        tri: Int32[Tensor, "triangles 3"],
        resolution: Sequence[int],
        ranges: Int32[Tensor, "images 2"] | None = None,
        grad_db: bool = True,
    ) -> None:
        check_rasterizer("DepthPeeler", glctx, grad_db)
        self._context, self._pos, self._grad_db = glctx, pos, grad_db
        self._batch = triangle_batch("DepthPeeler", pos, tri, resolution, ranges)
        size = (self._batch.images, self._batch.height, self._batch.width)
        self._depth = np.full(size, -FARTHEST - 1, np.int32)
        self._left = False

    def __enter__(self) -> DepthPeeler:
        if self._left:
            raise InputError("DepthPeeler: a peeler is used once; make another one.")
        if self._context.active_depth_peeler is not None:
            raise InputError("DepthPeeler: this context has an active peeler; leave its `with` block first.")
        self._context.active_depth_peeler = self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del kind, error, trace
        self._context.active_depth_peeler = None
        self._left = True

    def rasterize_next_layer(
        self,
    ) -> tuple[Float[Tensor, "images height width 4"], Float[Tensor, "images height width slopes"]]:
        """Return what `rasterize` returns, for the next layer; all empty after the last one.

        Raises:
            InputError: Outside of the `with` block.
        """
        if self._context.active_depth_peeler is not self:
            raise InputError("DepthPeeler: layers are drawn inside the `with` block of the peeler.")
        context = self._context
        rast, slopes, self._depth = draw_layer(self._batch, self._pos, self._grad_db, context.output_db, self._depth)
        return rast, slopes
