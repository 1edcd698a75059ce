"""How fragments of several objects and a plane share each pixel."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dig_framework.layering.fragments import Fragments

_TOUCH = 1e-5
"""What is nearer than the plane, or behind it by this share of its depth, is not hidden by it; so what stands on it
is seen down to its foot in spite of rounding."""


def above_plane(
    found: Fragments, depth: Float[Tensor, "fragments"], plane: Float[Tensor, "3"]
) -> Bool[Tensor, "fragments"]:
    """Return which fragments the plane does not hide.

    Args:
        found: Fragments.
        depth: Of each [m].
        plane: Coefficients of the plane's inverse depth in (u, v, 1) [1/m]; zeros without a plane.
    """
    with torch.no_grad():
        inverse = found.place @ plane[:2] + plane[2]
        return inverse * depth < 1 + _TOUCH


def by_pixel(found: Fragments, depth: Float[Tensor, "fragments"]) -> Tensor:
    """Return the order by pixel and, within a pixel, from near to far."""
    order = depth.detach().argsort(stable=True)
    return order[found.pixel[order].argsort(stable=True)]


def shares(found: Fragments, pixels: int) -> tuple[Float[Tensor, "fragments"], Float[Tensor, "pixels"]]:
    """Return the part of its pixel that is seen of each fragment, and what is left of every pixel; differentiable.

    Each takes the share that it covers of what nearer ones leave, as if outlines crossed pixels independently.

    Args:
        found: Fragments in the order of `by_pixel`.
        pixels: Number of pixels.
    """
    count = torch.bincount(found.pixel, minlength=pixels)
    rank = torch.arange(len(found.pixel), device=count.device) - (count.cumsum(0) - count)[found.pixel]
    left = found.cover.new_ones(pixels)
    share = torch.zeros_like(found.cover)
    for step in range(int(count.max()) if len(rank) else 0):
        turn = (rank == step).nonzero()[:, 0]
        pixel, cover = found.pixel[turn], found.cover[turn]
        share = share.index_put((turn,), cover * left[pixel])
        left = left.index_put((pixel,), left[pixel] * (1 - cover))
    return share, left
