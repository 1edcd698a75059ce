"""Samples of textures."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from dig_framework.errors import InputError
from dig_framework.raster.input_checks import check_choice, check_floats, check_shape, given
from dig_framework.raster.mipmap import MipStack, check_texture, mip_texels
from dig_framework.raster.rows import GROUPS
from dig_framework.raster.texture_kernels import sample_texture, texture_backward
from dig_framework.raster.triangle_batch import as_array
from dig_framework.worker_threads import spread

_FILTERS = ("nearest", "linear", "linear-mipmap-nearest", "linear-mipmap-linear")
_BOUNDARIES = ("wrap", "clamp", "zero", "cube")
_SMALL = 1 << 20


@dataclasses.dataclass(frozen=True)
class _Sampling:
    """What a sample depends on besides tensors."""

    levels: np.ndarray
    """First texel in its array, height and width of every level [L, 3]."""
    faces: int
    sets: int
    filtering: int
    boundary: int


def texture(
    tex: Float[Tensor, "sets height width channels"] | Float[Tensor, "sets 6 side side channels"],
    uv: Float[Tensor, "images rows columns coordinates"],
    uv_da: Float[Tensor, "images rows columns slopes"] | None = None,
    mip_level_bias: Float[Tensor, "images rows columns"] | None = None,
    mip: MipStack | Sequence[Tensor] | None = None,
    filter_mode: str = "auto",
    boundary_mode: str = "wrap",
    max_mip_level: int | None = None,
) -> Float[Tensor, "images rows columns channels"]:
    """Return samples of a texture.

    (0, 0) is the lower left corner of the texture, whose row 0 is the bottom row; texel centres are at
    (i + 0.5) / width. The level of detail is the binary logarithm of the major axis of a pixel's footprint in texels,
    plus the bias, within the levels that there are. Differentiable in `tex` and a list `mip`, in `uv` unless the filter
    is "nearest", and in `uv_da` and `mip_level_bias` with "linear-mipmap-linear". What is clamped has no gradient.

    Args:
        tex: One texture an image, or one for all; with "cube" the faces +x, -x, +y, -y, +z, -z in OpenGL's orientation.
        uv: Where to sample; with "cube" directions of any length, of which a zero one gives zeros.
        uv_da: Slopes (ds/dX, ds/dY, dt/dX, dt/dY) per pixel, as returned by `interpolate`; 6 for directions.
        mip_level_bias: Added to the level of detail; the level itself without `uv_da`.
        mip: From `texture_construct_mip`, or the tensors of all levels but the first; made at each call without.
        filter_mode: "nearest", "linear", "linear-mipmap-nearest", "linear-mipmap-linear", or "auto": the last one with
            `uv_da` or `mip_level_bias`, else "linear".
        boundary_mode: "wrap", "clamp", "zero" or "cube".
        max_mip_level: Last level that is used.

    Raises:
        InputError: If an argument is not as described, or a side is odd and not 1 before the last level.
    """
    check_floats("texture", tex=tex, uv=uv, **given(uv_da=uv_da, mip_level_bias=mip_level_bias))
    check_choice("texture", "filter_mode", filter_mode, ("auto", *_FILTERS))
    check_choice("texture", "boundary_mode", boundary_mode, _BOUNDARIES)
    cube = boundary_mode == "cube"
    check_texture("texture", tex, cube)
    _check_samples(tex, uv, uv_da, mip_level_bias, cube)
    guided = uv_da is not None or mip_level_bias is not None
    if filter_mode == "auto":
        filter_mode = "linear-mipmap-linear" if guided else "linear"
    mipmapped = "mipmap" in filter_mode
    if mipmapped and not guided:
        raise InputError(f"texture: filter_mode {filter_mode!r} needs uv_da or mip_level_bias.")
    if mipmapped:
        texels, sizes = mip_texels(tex, mip, max_mip_level)
    else:
        texels, sizes = tex.new_zeros((0, tex.shape[-1])), ((tex.shape[-3], tex.shape[-2]),)
    faces = 6 if cube else 1
    sampling = _Sampling(
        _level_table(sizes, faces * len(tex)), faces, len(tex), _FILTERS.index(filter_mode),
        _BOUNDARIES.index(boundary_mode),
    )  # fmt: skip
    none = uv.new_zeros((*uv.shape[:3], 0))
    slopes = uv_da if mipmapped and uv_da is not None else none
    bias = mip_level_bias if mipmapped and mip_level_bias is not None else uv.new_zeros((0, 0, 0))
    return _Texture.apply(tex, texels, uv, slopes, bias, sampling)


def _check_samples(tex: Tensor, uv: Tensor, uv_da: Tensor | None, bias: Tensor | None, cube: bool) -> None:
    check_shape("texture", "uv", uv, ("images", "rows", "columns", 3 if cube else 2))
    if uv_da is not None:
        check_shape("texture", "uv_da", uv_da, (*uv.shape[:3], 6 if cube else 4))
    if bias is not None:
        check_shape("texture", "mip_level_bias", bias, tuple(uv.shape[:3]))
    if len(tex) not in (1, len(uv)):
        raise InputError(f"texture: there are {len(tex)} textures for {len(uv)} images; give one, or one an image.")


def _level_table(sizes: Sequence[tuple[int, int]], images: int) -> np.ndarray:
    """Return first texel in its array, height and width of every level; the first level is an array of its own."""
    table, first = [(0, *sizes[0])], 0
    for height, width in sizes[1:]:
        table.append((first, height, width))
        first += images * height * width
    return np.array(table, np.int64)


class _Texture(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, tex: Tensor, mips: Tensor, uv: Tensor, slopes: Tensor, bias: Tensor, sampling: _Sampling
    ) -> Tensor:
        ctx.save_for_backward(tex, mips, uv, slopes, bias)
        ctx.sampling = sampling
        out = uv.new_zeros((*uv.shape[:3], tex.shape[-1]))
        spread(sample_texture, *_inputs(tex, mips, uv, slopes, bias, sampling), out.numpy())
        return out

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, grad: Tensor
    ) -> tuple[Tensor | None, ...]:
        tex, mips, uv, slopes, bias = ctx.saved_tensors
        # Sums of its own for each group cost more than the second thread gains if the texture is large.
        groups = GROUPS if tex.numel() <= _SMALL else 1
        into = np.zeros((groups, tex.numel() // tex.shape[-1], tex.shape[-1]))
        into_mips = np.zeros((groups, *mips.shape))
        places = [torch.zeros(tensor.shape, dtype=tensor.dtype) for tensor in (uv, slopes, bias)]
        inputs = _inputs(tex, mips, uv, slopes, bias, ctx.sampling)
        spread(texture_backward, *inputs, as_array(grad), into, into_mips, *(place.numpy() for place in places))
        grad_tex = torch.from_numpy(into.sum(0)).to(tex.dtype).reshape(tex.shape)
        return grad_tex, torch.from_numpy(into_mips.sum(0)).to(tex.dtype), *places, None


def _inputs(
    tex: Tensor, mips: Tensor, uv: Tensor, slopes: Tensor, bias: Tensor, sampling: _Sampling
) -> tuple[Any, ...]:
    """Return what both kernels begin with."""
    texels = as_array(tex).reshape(-1, tex.shape[-1])
    return (
        texels, as_array(mips), sampling.levels, sampling.faces, sampling.sets, as_array(uv), as_array(slopes),
        as_array(bias), sampling.filtering, sampling.boundary,
    )  # fmt: skip
