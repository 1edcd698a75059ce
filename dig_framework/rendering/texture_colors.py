"""Reflectance from textures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jaxtyping import Float, Int
from torch import Tensor


def texture_colors(
    textures: Sequence[Tensor | None],
    owner: Int[Tensor, "samples"],
    uv: Float[Tensor, "samples 2"],
    texture: Callable[..., Tensor],
) -> Float[Tensor, "samples 3"]:
    """Return what the textures of objects show at samples, one where there is none; differentiable in textures and uv.

    Args:
        textures: Of each object [rows, columns, 3], or None.
        owner: Object of each sample; greater numbers for what has no texture.
        uv: Where each sample is in its object's texture.
        texture: The primitive that looks textures up, as of `dig_framework.raster` or `nvdiffrast.torch`.
    """
    colors = uv.new_ones(len(uv), 3)
    for index, image in enumerate(textures):
        if image is None:
            continue
        own = (owner == index).nonzero()[:, 0]
        if len(own):
            found = texture(image.to(uv)[None].contiguous(), uv[own][None, None].contiguous(), filter_mode="linear")
            colors = colors.index_put((own,), found[0, 0])
    return colors
