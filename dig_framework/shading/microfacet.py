"""Rough dielectric surfaces made of tiny mirrors."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import normalize

from dig_framework.shading.light_table import LightTable
from dig_framework.shading.surface_points import SurfacePoints

_LEAST = 1e-4
"""Least cosine by which is divided; grazing views have none."""
_SHARPEST = 1e-5
"""Least square of the roughness; a sharper highlight is lost in the rounding of cosines in float32."""


def microfacet_radiance(
    surface: SurfacePoints, lights: LightTable, arriving: Float[Tensor, "lights *batch"] | None = None
) -> Float[Tensor, "*batch 3"]:
    """Return the radiance of a matte body under a rough clear coat (Cook and Torrance, ACM TOG 1982).

    C = sum over lights of i [color ambient + max(0, n.w) (color diffuse (1 - F) + pi D F V)], with the distribution of
    Trowbridge and Reitz, D = a^2 / (pi ((n.h)^2 (a^2 - 1) + 1)^2), the height-correlated shadowing V of Smith (Heitz,
    JCGT 2014, Eq. 99), and Schlick's F = s + (g - s) (1 - v.h)^5 with g = min(1, 50 s), where h is halfway between w
    and v. `specular` is the mirror reflectance s of the coat, about 0.04 for plastic, and `shininess` tells the
    roughness as it does for Phong's highlight, a^2 = 2 / (shininess + 2) (Walter et al., EGSR 2007). Light from
    everywhere falls on the body alone.
    Differentiable in everything.
    """
    body = surface.color * surface.diffuse
    color = body * lights.surrounding(surface.normals)
    for index, direction in enumerate(lights.directions(surface.points)):
        half = normalize(direction + surface.views, dim=-1)
        fresnel = _fresnel(surface.specular, (surface.views * half).sum(-1, keepdim=True))
        cosine = (surface.normals * direction).sum(-1, keepdim=True).clamp_min(0)
        reflected = body * (1 - fresnel) + fresnel * _facets(surface, half, cosine)
        share = cosine if arriving is None else cosine * arriving[index][..., None]
        color = color + lights.sources[index, 3:6] * (surface.color * surface.ambient + share * reflected)
    return color


def _fresnel(mirror: Tensor, cosine: Tensor) -> Tensor:
    # Without a coat there is no mirror at grazing angles either (Lagarde and de Rousiers, SIGGRAPH course 2014).
    grazing = (50 * mirror).clamp(max=1)
    return mirror + (grazing - mirror) * (1 - cosine.clamp(0, 1)) ** 5


def _facets(surface: SurfacePoints, half: Tensor, light: Tensor) -> Tensor:
    """Return pi D V."""
    width = (2 / (surface.shininess.clamp_min(0) + 2)).clamp_min(_SHARPEST)
    along = (surface.normals * half).sum(-1, keepdim=True)
    spread = width / (along.square() * (width - 1) + 1).square()
    view = (surface.normals * surface.views).sum(-1, keepdim=True).clamp_min(_LEAST)
    masked = light * torch.sqrt(view.square() * (1 - width) + width)
    shadowed = view * torch.sqrt(light.square() * (1 - width) + width)
    return spread * 0.5 / (masked + shadowed).clamp_min(_LEAST)
