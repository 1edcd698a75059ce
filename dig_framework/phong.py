"""Phong's reflectance in plain torch, as the published method has it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import normalize

from dig_framework.light import Light
from dig_framework.material import Material


def material_row(material: Material) -> Float[Tensor, "7"]:
    """Return colour, ambient, diffuse, specular and shininess as one vector; differentiable."""
    parts = (material.ambient, material.diffuse, material.specular, material.shininess)
    return torch.cat([material.color, torch.stack(parts)])


def light_rows(lights: Sequence[Light]) -> Float[Tensor, "lights 6"]:
    """Return position [m] and intensity of each light as one row; differentiable."""
    rows = [torch.cat([light.position, light.intensity]) for light in lights]
    return torch.stack(rows) if rows else torch.zeros(0, 6)


def phong_radiance(
    points: Float[Tensor, "*batch 3"],
    normals: Float[Tensor, "*batch 3"],
    reflectance: Float[Tensor, "*batch 3"],
    material: Float[Tensor, "*#batch 7"],
    lights: Float[Tensor, "lights 6"],
    eye: Float[Tensor, "3"],
) -> Float[Tensor, "*batch 3"]:
    """Return linear RGB radiance towards the eye, without shadows.

    C = sum over lights of i [color (ambient + diffuse max(0, n.w)) + specular clip(r.v, 0, 1)^shininess], with w
    towards the light, v towards the eye and r = 2 (n.w) n - w (arXiv 2602.05029, Sec. IV). Differentiable in
    everything.

    Args:
        points: Where [m].
        normals: Outward, of any length.
        reflectance: Multiplies the material's colour.
        material: As of `material_row`, one for all points or one each.
        lights: As of `light_rows`, in the points' frame.
        eye: Position of the camera in the points' frame [m].
    """
    normal, view = normalize(normals, dim=-1), normalize(eye - points, dim=-1)
    own, ambient, diffuse, specular, shininess = material.split([3, 1, 1, 1, 1], -1)
    color = torch.zeros_like(points)
    for light in lights.to(points):
        direction = normalize(light[:3] - points, dim=-1)
        cosine = (normal * direction).sum(-1, keepdim=True)
        mirrored = (2 * cosine * normal - direction).mul(view).sum(-1, keepdim=True)
        lit = mirrored > 1e-9  # At zero the power has no finite derivative.
        highlight = mirrored.where(lit, 1.0).clamp(max=1.0) ** shininess * lit
        body = ambient + diffuse * cosine.clamp_min(0)
        color = color + light[3:] * (own * reflectance * body + specular * highlight)
    return color
