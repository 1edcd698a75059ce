"""Pixels near the outline of an object, and how far from it they are."""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import normalize

ON_OUTLINE = 1e-3
"""A centre this near to the outline is on it, as far as rounding can tell [px]."""

_SLACK = 0.1
"""How far on the wrong side a centre may be where outlines of slightly hollow meshes zigzag [px]."""

_ROUNDED = 0.01
"""Least width of the corners of the area as a function of distance, in sides of the square."""


class Rim(NamedTuple):
    """Pixels whose centres are near an outline, each with the nearest point of it."""

    pixel: Int[Tensor, "pixels"]
    """Row-major index in the window, each at most once."""
    side: Int[Tensor, "pixels"]
    """Nearest side."""
    along: Float[Tensor, "pixels"]
    """Where on the side, from 0 to 1 in the image; differentiable."""
    distance: Float[Tensor, "pixels"]
    """From the centre [px]; differentiable but where it is zero."""
    inward: Float[Tensor, "pixels"]
    """From the centre to the side's line, positive towards a face that is seen from its front [px]; differentiable."""
    normal: Float[Tensor, "pixels 2"]
    """Unit vector across the side, inward as above; differentiable."""
    place: Float[Tensor, "pixels 2"]
    """The nearest point (u, v) [px]."""


def find_rim(
    start: Float[Tensor, "sides 2"],
    end: Float[Tensor, "sides 2"],
    reach: float,
    size: tuple[int, int],
    inside: Bool[Tensor, "pixels_of_window"],
) -> Rim:
    """Return the pixels of a window that are less than `reach` from a side, each with the nearest that fits it.

    A side fits a pixel that is inside of the object if its face is on the pixel's side, and one that is outside if not.
    Where a mesh is slightly hollow, or hides a part of itself, other sides are near that are not its image's outline.
    Of those, one that is hardly on the wrong side of the pixel is taken if none fits.

    Args:
        start: One end (u, v) of each side [px].
        end: The other.
        reach: Greatest distance [px].
        size: Width and height of the window [px].
        inside: Whether each pixel's centre sees the object.
    """
    with torch.no_grad():
        side, pixel = _candidates(start, end, reach, size)
        center = torch.stack([pixel % size[0], pixel // size[0]], 1).to(start)
        away, _, _ = _distance(start[side], end[side], center)
        inward = ((center - start[side]) * _inward_normal(start[side], end[side])).sum(1)
        behind = torch.where(inside[pixel], -inward, inward)
        near = ((behind < _SLACK) & (away < reach)).nonzero()[:, 0]
        # Sides that do not fit come last.
        away = away + reach * (behind > ON_OUTLINE)
        order = near[away[near].argsort(stable=True)]
        order = order[pixel[order].argsort(stable=True)]
        first = torch.ones_like(order, dtype=torch.bool)
        first[1:] = pixel[order[1:]] != pixel[order[:-1]]
        chosen = order[first]
    side, pixel, center = side[chosen], pixel[chosen], center[chosen]
    distance, along, place = _distance(start[side], end[side], center)
    normal = _inward_normal(start[side], end[side])
    inward = ((center - start[side]) * normal).sum(1)
    return Rim(pixel, side, along, distance, inward, normal, place)


def half_plane_area(
    distance: Float[Tensor, "pixels"], normal: Float[Tensor, "pixels 2"], softness: float
) -> Float[Tensor, "pixels"]:
    """Return the part of a square that lies in a half plane; differentiable.

    The sides of the square are `softness` long, along the axes.

    Args:
        distance: From the square's centre to the half plane's edge, negative outside of the half plane.
        normal: Unit vector across the edge, of either sign.
        softness: Side of the square, in the unit of the distance.
    """
    low, high = normal.abs().sort(1).values.unbind(1)
    outside = distance < 0
    scaled = torch.where(outside, -distance, distance) / softness
    # Upright edges often lie half way between centres, where the derivative would jump; this rounds the corner.
    low = low.clamp_min(_ROUNDED)
    # The density of the square's points along the normal is level in the middle and falls to zero linearly.
    level, end = (high - low) / 2, (high + low) / 2
    slope = (end - scaled).clamp_min(0).square() / (2 * low * high)
    more = torch.where(scaled < level, 0.5 + scaled / high, 1 - slope.clamp(max=1))
    return torch.where(outside, 1 - more, more)


def _inward_normal(start: Tensor, end: Tensor) -> Tensor:
    span = end - start
    return normalize(torch.stack([span[:, 1], -span[:, 0]], 1), dim=1)


def _distance(start: Tensor, end: Tensor, center: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the distance from a centre to a segment, and where on the segment the nearest point is."""
    span = end - start
    along = ((center - start) * span).sum(1) / span.square().sum(1).clamp_min(1e-12)
    along = along.clamp(0, 1)
    place = start + along[:, None] * span
    square = (center - place).square().sum(1)
    apart = square > 0
    return square.where(apart, 1.0).sqrt().where(apart, 0.0), along, place


def _candidates(start: Tensor, end: Tensor, reach: float, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Return sides and pixels such that the pixel is in the side's bounding box, widened by the reach."""
    limit = start.new_tensor(size)
    low = (torch.minimum(start, end) - reach).clamp_min(0).minimum(limit).ceil().long()
    high = (torch.maximum(start, end) + reach).clamp_min(-1).minimum(limit - 1).floor().long()
    box = (high - low + 1).clamp_min(0)
    count = box.prod(1)
    side = torch.repeat_interleave(count)
    place = torch.arange(len(side), device=side.device) - (count.cumsum(0) - count)[side]
    column, row = place % box[side, 0].clamp_min(1), place // box[side, 0].clamp_min(1)
    return side, (low[side, 1] + row) * size[0] + low[side, 0] + column
