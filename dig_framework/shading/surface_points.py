"""Points of surfaces that are to be lit."""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import normalize

from dig_framework.material import Material


@dataclasses.dataclass(frozen=True)
class SurfacePoints:
    """Where surfaces are, how they face, and what they are made of; everything in one frame."""

    points: Float[Tensor, "*batch 3"]
    """Positions [m]."""
    normals: Float[Tensor, "*batch 3"]
    """Outward unit normals."""
    views: Float[Tensor, "*batch 3"]
    """Unit vectors towards the camera."""
    color: Float[Tensor, "*batch 3"]
    """Reflectance, that of the material times that of the place, linear RGB."""
    ambient: Float[Tensor, "*#batch 1"]
    """As of `Material`, like the rest."""
    diffuse: Float[Tensor, "*#batch 1"]
    specular: Float[Tensor, "*#batch 1"]
    shininess: Float[Tensor, "*#batch 1"]


def material_row(material: Material) -> Float[Tensor, "7"]:
    """Return colour, ambient, diffuse, specular and shininess as one vector; differentiable.

    A negative shininess, which would be a highlight without bounds, counts as zero.
    """
    parts = (material.ambient, material.diffuse, material.specular, material.shininess.clamp(min=0))
    return torch.cat([material.color, torch.stack(parts)])


def surface_points(
    points: Float[Tensor, "*batch 3"],
    normals: Float[Tensor, "*batch 3"],
    reflectance: Float[Tensor, "*batch 3"],
    material: Float[Tensor, "*#batch 7"],
    eye: Float[Tensor, "3"] | None = None,
) -> SurfacePoints:
    """Return points ready to be lit; differentiable in everything.

    Args:
        points: Where [m].
        normals: Outward, of any length.
        reflectance: Multiplies the material's colour.
        material: As of `material_row`, one for all points or one each.
        eye: Position of the camera in the points' frame [m]; their origin by default.
    """
    away = -points if eye is None else eye - points
    color, ambient, diffuse, specular, shininess = material.split([3, 1, 1, 1, 1], -1)
    return SurfacePoints(
        points, normalize(normals, dim=-1), normalize(away, dim=-1), color * reflectance, ambient, diffuse, specular,
        shininess,
    )  # fmt: skip
