"""Lights: points, directions, and light from everywhere."""

from __future__ import annotations

import dataclasses
import math

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.tensor_record import TensorRecord


@dataclasses.dataclass(frozen=True, eq=False)
class Light(TensorRecord):
    """A point light without fall-off, as the published method has it."""

    position: Float[Tensor, "3"]
    """Position in the scene's frame [m]."""
    intensity: Float[Tensor, "3"]
    """Linear RGB radiance scale, no unit; one light of intensity one shows a white facing surface at 1."""


@dataclasses.dataclass(frozen=True, eq=False)
class DirectionalLight(TensorRecord):
    """A light so far away that it comes from one direction."""

    direction: Float[Tensor, "3"]
    """Towards the light, in the scene's frame; of any length but zero."""
    intensity: Float[Tensor, "3"]
    """Linear RGB radiance scale, no unit; one light of intensity one shows a white facing surface at 1."""


@dataclasses.dataclass(frozen=True, eq=False)
class AmbientLight(TensorRecord):
    """Light from all around, as far as a matte surface can tell: spherical harmonics up to degree two."""

    coefficients: Float[Tensor, "9 3"]
    """Of the incoming linear RGB radiance in real orthonormal spherical harmonics, in the scene's frame, in the order
    (l, m) = (0, 0), (1, -1), (1, 0), (1, 1), (2, -2), ..., (2, 2)
    (Ramamoorthi and Hanrahan, SIGGRAPH 2001, Eq. 3)."""

    @classmethod
    def uniform(cls, radiance: Float[Tensor, "3"]) -> AmbientLight:
        """Return light that is the same in all directions; of radiance one it shows a white surface at 1."""
        first = torch.zeros(9, 1, dtype=radiance.dtype, device=radiance.device)
        first[0] = math.sqrt(4 * math.pi)
        return cls(first * radiance)


LightSource = Light | DirectionalLight | AmbientLight
"""Any kind of light."""
