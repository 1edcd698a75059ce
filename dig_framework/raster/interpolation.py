"""Vertex attributes, spread over the pixels that see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int32
from torch import Tensor
from torch.autograd.function import once_differentiable

from dig_framework.errors import InputError
from dig_framework.raster.input_checks import check_floats, check_shape, check_triangles, given
from dig_framework.raster.interpolation_kernels import attributes_backward, spread_attributes
from dig_framework.raster.rows import GROUPS
from dig_framework.raster.triangle_batch import as_array, frozen_triangles
from dig_framework.worker_threads import spread

_MOST_LISTED = 32


def interpolate(
    attr: Float[Tensor, "sets vertices attributes"] | Float[Tensor, "vertices attributes"],
    rast: Float[Tensor, "images height width 4"],
    tri: Int32[Tensor, "triangles 3"],
    rast_db: Float[Tensor, "images height width slopes"] | None = None,
    diff_attrs: str | Sequence[int] | None = None,
) -> tuple[Float[Tensor, "images height width attributes"], Float[Tensor, "images height width listed"]]:
    """Return attributes of pixels, and the slopes of those listed.

    An attribute is u a_0 + v a_1 + (1 - u - v) a_2; where nothing is seen it is zero. Slopes are (dA/dX, dA/dY) per
    pixel for each listed attribute in turn, none without `diff_attrs`. Differentiable in `attr`, in u and v of `rast`,
    and in `rast_db`.

    Args:
        attr: Of the vertices: one set an image, or one for all.
        rast: First output of `rasterize`.
        tri: Vertex indices of the same triangles in the same order as those drawn, not necessarily the same vertices.
            Pixels whose triangle does not exist here are zero.
        rast_db: Second output of `rasterize`, for slopes.
        diff_attrs: "all", or at most 32 indices of attributes, negative ones counted from the end; one that does not
            exist has zero slopes.

    Raises:
        InputError: If an argument is not as described, an index of a vertex is out of range, or a value not finite.
    """
    check_floats("interpolate", attr=attr, rast=rast, **given(rast_db=rast_db))
    check_shape("interpolate", "rast", rast, ("images", "height", "width", 4))
    check_shape("interpolate", "attr", attr, ("vertices", "attributes"), (1, "vertices", "attributes"),
                (len(rast), "vertices", "attributes"))  # fmt: skip
    check_triangles("interpolate", tri, attr.shape[-2])
    listed = _listed(diff_attrs, attr.shape[-1])
    if rast_db is None:
        if len(listed):
            raise InputError("interpolate: diff_attrs needs rast_db, the second output of rasterize.")
        rast_db = rast.new_zeros((*rast.shape[:3], 0))
    check_shape("interpolate", "rast_db", rast_db, (*rast.shape[:3], 4 if len(listed) else "slopes"))
    sets = attr if attr.ndim == 3 else attr[None]
    return _Interpolate.apply(sets, rast, rast_db, frozen_triangles(tri), listed)


def _listed(diff_attrs: str | Sequence[int] | None, attributes: int) -> np.ndarray:
    """Return indices of attributes, -1 for those that do not exist."""
    if diff_attrs is None:
        return np.zeros(0, np.int64)
    if isinstance(diff_attrs, str):
        if diff_attrs != "all":
            raise InputError(f"interpolate: diff_attrs is 'all' or a list of indices, not {diff_attrs!r}.")
        return np.arange(attributes)
    listed = np.array(list(diff_attrs), object) if isinstance(diff_attrs, Iterable) else np.array([None])
    if listed.ndim != 1 or not all(isinstance(index, Integral) for index in listed):
        raise InputError(f"interpolate: diff_attrs is 'all' or a list of whole numbers, not {diff_attrs!r}.")
    if len(listed) > _MOST_LISTED:
        raise InputError(f"interpolate: diff_attrs lists {len(listed)} attributes; at most {_MOST_LISTED}, or 'all'.")
    listed = np.where(listed < 0, listed + attributes, listed).astype(np.int64)
    return np.where((listed < 0) | (listed >= attributes), -1, listed)


class _Interpolate(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, attr: Tensor, rast: Tensor, slopes: Tensor, triangles: np.ndarray, listed: np.ndarray
    ) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(attr, rast, slopes)
        ctx.triangles, ctx.listed = triangles, listed
        out = rast.new_zeros((*rast.shape[:3], attr.shape[2]))
        out_slopes = rast.new_zeros((*rast.shape[:3], 2 * len(listed)))
        wide = rast.dtype == torch.float64
        inputs = (as_array(attr), triangles, as_array(rast), as_array(slopes), listed, wide)
        spread(spread_attributes, *inputs, out.numpy(), out_slopes.numpy())
        return out, out_slopes

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, grad: Tensor, grad_out_slopes: Tensor
    ) -> tuple[Tensor | None, ...]:
        attr, rast, slopes = ctx.saved_tensors
        into = np.zeros((GROUPS if ctx.needs_input_grad[0] else 0, *attr.shape))
        grad_rast, grad_slopes = rast.new_zeros(rast.shape), slopes.new_zeros(slopes.shape)
        wide = rast.dtype == torch.float64
        inputs = (as_array(attr), ctx.triangles, as_array(rast), as_array(slopes), ctx.listed, wide)
        upstream = (as_array(grad), as_array(grad_out_slopes))
        spread(attributes_backward, *inputs, *upstream, into, grad_rast.numpy(), grad_slopes.numpy())
        grad_attr = torch.from_numpy(into.sum(0)).to(attr.dtype) if ctx.needs_input_grad[0] else None
        return grad_attr, grad_rast, grad_slopes, None, None
