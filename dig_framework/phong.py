"""Phong's reflectance in plain torch, as the published method has it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import normalize

from dig_framework.light import Light
from dig_framework.material import Material


def phong_radiance(
    points: Float[Tensor, "*batch 3"],
    normals: Float[Tensor, "*batch 3"],
    reflectance: Float[Tensor, "*batch 3"],
    material: Material,
    lights: Sequence[Light],
    eye: Float[Tensor, "3"],
) -> Float[Tensor, "*batch 3"]:
    """Return linear RGB radiance towards the eye, without shadows.

    C = sum over lights of i [color (ambient + diffuse max(0, n.w)) + specular clip(r.v, 0, 1)^shininess], with w
    towards the light, v towards the eye and r = 2 (n.w) n - w (arXiv 2602.05029, Sec. IV). Differentiable in
    everything.

    Args:
        points: Where, in the scene's frame [m].
        normals: Outward, of any length.
        reflectance: Multiplies the material's colour.
        material: Of the surface; its tensors may have the points' batch dimensions before their own.
        lights: In the scene's frame.
        eye: Position of the camera in the scene's frame [m].
    """
    normal, view = normalize(normals, dim=-1), normalize(eye - points, dim=-1)
    color = torch.zeros_like(points)
    for light in lights:
        direction = normalize(light.position - points, dim=-1)
        cosine = (normal * direction).sum(-1, keepdim=True)
        mirrored = (2 * cosine * normal - direction).mul(view).sum(-1, keepdim=True)
        lit = mirrored > 1e-9  # At zero the power has no finite derivative.
        highlight = mirrored.where(lit, 1.0).clamp(max=1.0) ** material.shininess[..., None] * lit
        body = material.ambient[..., None] + material.diffuse[..., None] * cosine.clamp_min(0)
        color = color + light.intensity * (
            material.color * reflectance * body + material.specular[..., None] * highlight
        )
    return color
