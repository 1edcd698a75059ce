"""Matte surfaces."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from dig_framework.shading.light_table import LightTable
from dig_framework.shading.surface_points import SurfacePoints


def lambert_radiance(
    surface: SurfacePoints, lights: LightTable, arriving: Float[Tensor, "lights *batch"] | None = None
) -> Float[Tensor, "*batch 3"]:
    """Return the radiance of matte surfaces: Phong's formula without the highlight.

    C = color [sum over lights of i (ambient + a diffuse max(0, n.w)) + diffuse E(n)], with w towards the light, a the
    arriving share, and E the light from everywhere as a white surface shows it. Differentiable in everything.
    """
    color = surface.diffuse * lights.surrounding(surface.normals)
    for index, direction in enumerate(lights.directions(surface.points)):
        cosine = (surface.normals * direction).sum(-1, keepdim=True).clamp_min(0)
        share = cosine if arriving is None else cosine * arriving[index][..., None]
        color = color + lights.sources[index, 3:6] * (surface.ambient + surface.diffuse * share)
    return surface.color * color
