"""Images whose visibility is Mitsuba's, with their derivatives."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from dig_framework.errors import ComponentError
from dig_framework.shading.model import ShadingName, shading_model
from dig_mitsuba.film_tracer import FilmTracer
from dig_mitsuba.point_sets import glow_points, pixel_points, scattered_points
from dig_mitsuba.seen import Hits, Seen, radiance, seen_at
from dig_mitsuba.silhouettes import silhouette_gradient
from dig_mitsuba.surfaces import Surfaces
from dig_mitsuba.tracer import Tracer, WavefrontTracer
from dig_mitsuba.variant import chosen

_AT_ONCE = 2**20
"""Rays that are followed together, which bounds memory."""


@dataclasses.dataclass(frozen=True)
class Brush:
    """How surfaces are drawn."""

    variant: str
    """Mitsuba's own name."""
    samples: int
    """Rays a pixel."""
    silhouette_samples: int
    """Points of silhouettes a pixel of the image, for gradients."""
    shadows: bool
    """Whether surfaces keep light from each other."""
    light_radius: float
    """[m]"""
    seed: int
    """Of points on lights and silhouettes."""
    reflectance: ShadingName
    """How materials reflect light."""
    background: tuple[float, float, float]
    """Linear RGB where nothing is hit."""
    near: float
    """Nearest depth [m]."""
    refusal: str
    """Why there are no gradients; empty if there are."""


def tracer_of(mi: ModuleType, surfaces: Surfaces, brush: Brush) -> Tracer:
    """Return surfaces as Mitsuba has loaded them, in the variant that has been chosen."""
    kind = FilmTracer if brush.variant.startswith("scalar") else WavefrontTracer
    return kind(mi, surfaces, brush.near)


def drawn(mi: ModuleType, tracer: Tracer, surfaces: Surfaces, brush: Brush) -> tuple[Tensor, Tensor, Tensor]:
    """Return colour, depth and masks in float64, differentiable in the surfaces' tensors."""
    return _Drawn.apply(mi, tracer, surfaces, brush, *surfaces.tensors())


def center_seen(tracer: Tracer, surfaces: Surfaces) -> Seen:
    """Return what the rays through pixel centres meet; not differentiable."""
    pixels = _centers(surfaces)[None]
    with torch.no_grad():
        seen = seen_at(surfaces, tracer.hits(pixels, None), pixels)
    return Seen(seen.owner[0], seen.points[0], seen.normals[0], seen.reflectance[0])


class _Drawn(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, mi: ModuleType, tracer: Tracer, surfaces: Surfaces, brush: Brush, *_: Tensor
    ) -> tuple[Tensor, ...]:
        ctx.mi, ctx.tracer, ctx.surfaces, ctx.brush = mi, tracer, surfaces.detached(), brush
        shape = (surfaces.camera.height, surfaces.camera.width)
        color = torch.zeros(*shape, 3, dtype=torch.float64)
        depth, masks = color.new_zeros(shape), color.new_zeros(surfaces.objects, *shape)
        owners = torch.arange(surfaces.objects)[:, None, None, None]
        for pixels, hits in _traced(tracer, ctx.surfaces, brush, pixel_points(brush.samples)[:, None, None]):
            seen = seen_at(ctx.surfaces, hits, pixels)
            color += radiance(ctx.surfaces, seen, hits, shading_model(brush.reflectance), brush.background).sum(0)
            depth += seen.points[..., 2].sum(0)
            masks += (seen.owner == owners).sum(1)
        return color / brush.samples, depth / brush.samples, masks / brush.samples

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Any, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        color, depth, masks = gradients
        if ctx.brush.refusal:
            raise ComponentError(ctx.brush.refusal)
        with chosen(ctx.mi, ctx.brush.variant):
            found = _interior(ctx.tracer, ctx.surfaces, ctx.brush, color, depth, ctx.needs_input_grad[4:])
            if found[0] is not None:
                found[0] = found[0] + _boundary(ctx.mi, ctx.surfaces, ctx.brush, color, depth, masks)
        return None, None, None, None, *found


def _interior(
    tracer: Tracer, surfaces: Surfaces, brush: Brush, color: Tensor, depth: Tensor, needed: tuple[bool, ...]
) -> list[Tensor | None]:
    """Return gradients with respect to the surfaces' tensors as long as each ray meets the same face.

    Its rays pass at random places of the pixels, so that the errors of an image differ from seed to seed.
    """
    parts = surfaces.tensors()
    total = [torch.zeros_like(part) if asked else None for part, asked in zip(parts, needed, strict=True)]
    shape = (surfaces.camera.height, surfaces.camera.width)
    for pixels, hits in _traced(tracer, surfaces, brush, scattered_points(brush.samples, shape, brush.seed)):
        with torch.enable_grad():
            leaves = [part.clone().requires_grad_(asked) for part, asked in zip(parts, needed, strict=True)]
            moved = surfaces.with_tensors(tuple(leaves))
            seen = seen_at(moved, hits, pixels)
            image = radiance(moved, seen, hits, shading_model(brush.reflectance), brush.background).sum(0)
            loss = ((image * color).sum() + (seen.points[..., 2].sum(0) * depth).sum()) / brush.samples
        if loss.requires_grad:
            loss.backward()
        for sum_, leaf in zip(total, leaves, strict=True):
            if sum_ is not None and leaf.grad is not None:
                sum_ += leaf.grad
    return total


def _boundary(
    mi: ModuleType, surfaces: Surfaces, brush: Brush, color: Tensor, depth: Tensor, masks: Tensor
) -> Float[Tensor, "vertices 3"]:
    """Return the gradient with respect to vertices that comes of silhouettes.

    With shadows the colours to either side of a silhouette are not known, and have no part in it.
    """
    color = torch.zeros_like(color) if brush.shadows else color

    def value(hits: Hits, pixels: Tensor, attached: bool) -> Tensor:
        column, row = (pixels + 0.5).floor().long().unbind(1)
        seen = seen_at(surfaces, hits, pixels, attached)
        shown = radiance(surfaces, seen, hits, shading_model(brush.reflectance), brush.background)
        total = (shown * color[row, column]).sum(1) + seen.points[:, 2] * depth[row, column]
        mine = seen.owner >= 0
        total[mine] += masks[seen.owner[mine], row[mine], column[mine]]
        return total

    def step(first: Hits, second: Hits, pixels: Tensor) -> Tensor:
        return value(first, pixels, False) - value(second, pixels, True)

    count = brush.silhouette_samples * surfaces.camera.width * surfaces.camera.height
    return silhouette_gradient(mi, surfaces, brush.near, count, brush.seed, step)


def _traced(
    tracer: Tracer, surfaces: Surfaces, brush: Brush, offsets: Float[np.ndarray, "samples #height #width 2"]
) -> Iterator[tuple[Float[Tensor, "samples height width 2"], Hits]]:
    """Yield places of the image [px], and what rays through them meet, a few samples at a time."""
    sources = None
    if brush.shadows:
        sources = surfaces.lights.sources.expand(brush.samples, -1, -1).clone()
        spread = torch.from_numpy(brush.light_radius * glow_points(brush.samples, brush.seed))
        sources[..., :3] += spread[:, None] * sources[..., 6:]
    size = max(1, _AT_ONCE // (surfaces.camera.width * surfaces.camera.height))
    for first in range(0, brush.samples, size):
        part = slice(first, first + size)
        pixels = _centers(surfaces) + torch.from_numpy(offsets[part])
        yield pixels, tracer.hits(pixels, None if sources is None else sources[part])


def _centers(surfaces: Surfaces) -> Float[Tensor, "height width 2"]:
    rows, columns = torch.meshgrid(
        torch.arange(surfaces.camera.height).double(), torch.arange(surfaces.camera.width).double(), indexing="ij"
    )
    return torch.stack([columns, rows], -1)
