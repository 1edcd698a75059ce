"""Phong reflectance, as the published method has it."""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.tensor_record import TensorRecord


@dataclasses.dataclass(frozen=True, eq=False)
class Material(TensorRecord):
    """Phong's seven numbers (arXiv 2602.05029, Sec. IV): linear light, no unit."""

    color: Float[Tensor, "3"]
    """Reflectance, linear RGB in [0, 1]."""
    ambient: Float[Tensor, ""]
    """Share of light that arrives from everywhere."""
    diffuse: Float[Tensor, ""]
    """Strength of the Lambert term."""
    specular: Float[Tensor, ""]
    """Strength of the highlight."""
    shininess: Float[Tensor, ""]
    """Exponent of the highlight."""

    @classmethod
    def matte(cls, color: Float[Tensor, "3"]) -> Material:
        """Return a material without a highlight."""
        one = torch.ones((), dtype=color.dtype, device=color.device)
        return cls(color, 0.4 * one, 0.6 * one, 0.0 * one, 50.0 * one)

    def possible(self) -> Material:
        """Return the nearest material that exists: reflectance in [0, 1], no term negative, shininess at least 1.

        Not differentiable.
        """
        ambient, diffuse, specular = (
            part.detach().clamp(min=0) for part in (self.ambient, self.diffuse, self.specular)
        )
        color, shininess = self.color.detach().clamp(0, 1), self.shininess.detach().clamp(min=1)
        return Material(color, ambient, diffuse, specular, shininess)
