"""Phong's reflectance, as the published method has it."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from dig_framework.shading.lambert import lambert_radiance
from dig_framework.shading.light_table import LightTable
from dig_framework.shading.surface_points import SurfacePoints

_DARK = 1e-9
"""Mirrored light below this counts as none: at zero its power has no finite derivative."""


def phong_radiance(
    surface: SurfacePoints, lights: LightTable, arriving: Float[Tensor, "lights *batch"] | None = None
) -> Float[Tensor, "*batch 3"]:
    """Return Lambert's radiance and a highlight.

    C = sum over lights of i [color (ambient + diffuse max(0, n.w)) + specular clip(r.v, 0, 1)^shininess], with w
    towards the light, v towards the camera and r = 2 (n.w) n - w (arXiv 2602.05029, Sec. IV); to which comes the light
    from everywhere that `lambert_radiance` describes. Differentiable in everything.
    """
    color = lambert_radiance(surface, lights, arriving)
    for index, direction in enumerate(lights.directions(surface.points)):
        cosine = (surface.normals * direction).sum(-1, keepdim=True)
        mirrored = ((2 * cosine * surface.normals - direction) * surface.views).sum(-1, keepdim=True)
        lit = mirrored > _DARK
        highlight = surface.specular * mirrored.where(lit, 1.0).clamp(max=1.0) ** surface.shininess * lit
        share = highlight if arriving is None else highlight * arriving[index][..., None]
        color = color + lights.sources[index, 3:6] * share
    return color
