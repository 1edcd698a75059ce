"""Textures halved again and again."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from dig_framework.errors import InputError
from dig_framework.raster.input_checks import check_floats, check_shape


@dataclasses.dataclass(frozen=True)
class MipStack:
    """What `texture_construct_mip` returns."""

    texels: Tensor
    """Of all levels but the first, one after the other [texels, channels]."""
    sizes: tuple[tuple[int, int], ...]
    """Height and width of all levels, the first one included."""
    shape: torch.Size
    """Of the texture."""


def texture_construct_mip(
    tex: Float[Tensor, "sets height width channels"] | Float[Tensor, "sets 6 side side channels"],
    max_mip_level: int | None = None,
    cube_mode: bool = False,
) -> MipStack:
    """Return the mipmap that `texture` otherwise makes at each call.

    Each level is the mean of 2 x 2 texels of the one before, or of two where one side is 1. Gradients flow to the `tex`
    that `texture` is given together with it. Make it anew when the texture has changed.

    Args:
        tex: As in `texture`.
        max_mip_level: Number of levels after the first one; down to 1 x 1 without.
        cube_mode: Whether `tex` is a cube map.

    Raises:
        InputError: If an argument is not as described, or a side is odd and not 1 before the last level.
    """
    check_texture("texture_construct_mip", tex, cube_mode)
    sizes = level_sizes("texture_construct_mip", tex, max_mip_level)
    return MipStack(_build(tex.detach(), sizes), sizes, tex.shape)


def check_texture(function: str, tex: Tensor, cube: bool) -> None:
    """Refuse what is not a texture."""
    check_floats(function, tex=tex)
    check_shape(function, "tex", tex, ("sets", 6, "side", "side", "channels") if cube else
                ("sets", "height", "width", "channels"))  # fmt: skip
    if cube and tex.shape[2] != tex.shape[3]:
        raise InputError(f"{function}: the faces of a cube map are squares; tex has shape {list(tex.shape)}.")
    if 0 in tex.shape:
        raise InputError(f"{function}: tex of shape {list(tex.shape)} has no texels.")


def level_sizes(function: str, tex: Tensor, max_mip_level: int | None) -> tuple[tuple[int, int], ...]:
    """Return height and width of all levels.

    Args:
        function: That is called.
        tex: Of shape [..., height, width, channels].
        max_mip_level: Last level.

    Raises:
        InputError: If a side cannot be halved.
    """
    _check_last_level(function, max_mip_level)
    height, width = tex.shape[-3:-1]
    sizes = [(height, width)]
    while (height, width) != (1, 1) and (max_mip_level is None or len(sizes) <= max_mip_level):
        if any(side > 1 and side % 2 for side in (height, width)):
            raise InputError(
                f"{function}: level {len(sizes) - 1} of the texture measures {height} x {width}; sides must be even or "
                f"1 to be halved. Stop there with max_mip_level={len(sizes) - 1}."
            )
        height, width = max(height // 2, 1), max(width // 2, 1)
        sizes.append((height, width))
    return tuple(sizes)


def _check_last_level(function: str, level: object) -> None:
    if level is not None and (not isinstance(level, int) or level < 0):
        raise InputError(f"{function}: max_mip_level is {level!r}; it must be a whole number from 0.")


def mip_texels(
    tex: Tensor, mip: MipStack | Sequence[Tensor] | None, max_mip_level: int | None
) -> tuple[Tensor, tuple[tuple[int, int], ...]]:
    """Return the texels of all levels but the first [texels, channels], and the sizes of all levels.

    Args:
        tex: The first level.
        mip: The other levels, with gradients of their own if they are a list; made from `tex` without.
        max_mip_level: Last level that is used.
    """
    _check_last_level("texture", max_mip_level)
    if isinstance(mip, MipStack):
        if mip.shape != tex.shape or mip.texels.dtype != tex.dtype:
            raise InputError(f"texture: mip was made from a texture of shape {list(mip.shape)}, tex has another shape "
                             f"{list(tex.shape)} or dtype.")  # fmt: skip
        sizes = mip.sizes if max_mip_level is None else mip.sizes[: max_mip_level + 1]
        return _MipTexels.apply(tex, mip.sizes, mip.texels), sizes
    if mip is None:
        sizes = level_sizes("texture", tex, max_mip_level)
        return _MipTexels.apply(tex, sizes, None), sizes
    if not isinstance(mip, Sequence):
        raise InputError(
            f"texture: mip is what texture_construct_mip returns, or a list of tensors, not {type(mip).__name__}."
        )
    return _given_texels(tex, list(mip), max_mip_level)


def _given_texels(
    tex: Tensor, mip: list[Tensor], max_mip_level: int | None
) -> tuple[Tensor, tuple[tuple[int, int], ...]]:
    last = len(mip) if max_mip_level is None else min(max_mip_level, len(mip))
    sizes = level_sizes("texture", tex, last)
    for k, level in enumerate(mip[: len(sizes) - 1]):
        check_floats("texture", tex=tex, **{f"mip[{k}]": level})
        check_shape("texture", f"mip[{k}]", level, (*tex.shape[:-3], *sizes[k + 1], tex.shape[-1]))
    parts = [level.reshape(-1, tex.shape[-1]) for level in mip[: len(sizes) - 1]]
    return torch.cat(parts) if parts else tex.new_zeros((0, tex.shape[-1])), sizes


def _build(tex: Tensor, sizes: Sequence[tuple[int, int]]) -> Tensor:
    """Return the texels of all levels but the first."""
    levels, channels = [tex.new_zeros((0, tex.shape[-1]))], tex.shape[-1]
    level = tex.reshape(-1, *tex.shape[-3:])
    for (height, width), (half_height, half_width) in itertools.pairwise(sizes):
        blocks = (-1, half_height, height // half_height, half_width, width // half_width, channels)
        level = level.reshape(blocks).mean((2, 4))
        levels.append(level.reshape(-1, channels))
    return torch.cat(levels)


class _MipTexels(torch.autograd.Function):
    """Texels of all levels, whose gradient is that of halving, whoever made them."""

    @staticmethod
    def forward(ctx: Any, tex: Tensor, sizes: Sequence[tuple[int, int]], made: Tensor | None) -> Tensor:
        ctx.shape, ctx.sizes = tex.shape, sizes
        return _build(tex, sizes) if made is None else made.detach()

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, grad: Tensor
    ) -> tuple[Tensor | None, ...]:
        faces, channels = math.prod(ctx.shape[:-3]), ctx.shape[-1]
        parts = list(grad.split([faces * height * width for height, width in ctx.sizes[1:]]))
        total = grad.new_zeros((faces, *ctx.sizes[-1], channels))
        for (height, width), (half_height, half_width) in zip(ctx.sizes[-2::-1], ctx.sizes[:0:-1], strict=True):
            total = total + parts.pop().reshape(faces, half_height, half_width, channels)
            rows, columns = height // half_height, width // half_width
            total = total.repeat_interleave(rows, 1).repeat_interleave(columns, 2) / (rows * columns)
        return total.reshape(ctx.shape), None, None
