"""All lights of a scene as tensors, in the frame in which surfaces are lit."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import normalize

from dig_framework.light import AmbientLight, DirectionalLight, Light, LightSource

# Ramamoorthi and Hanrahan, "An Efficient Representation for Irradiance Environment Maps" (SIGGRAPH 2001), Eq. 12.
_C1, _C2, _C3, _C4, _C5 = 0.429043, 0.511664, 0.743125, 0.886227, 0.247708
_ENTRIES = (
    (((8, _C1),), ((4, _C1),), ((7, _C1),), ((3, _C2),)),
    (((4, _C1),), ((8, -_C1),), ((5, _C1),), ((1, _C2),)),
    (((7, _C1),), ((5, _C1),), ((6, _C3),), ((2, _C2),)),
    (((3, _C2),), ((1, _C2),), ((2, _C2),), ((0, _C4), (6, -_C5))),
)
"""Coefficients of light, each with its factor, that make up each entry of the matrix of irradiance."""


@dataclasses.dataclass(frozen=True)
class LightTable:
    """Everything that lights a surface."""

    sources: Float[Tensor, "lights 7"]
    """Position [m] or direction towards the light, intensity, and 1 for a position or 0 for a direction."""
    ambient: Float[Tensor, "3 4 4"]
    """A matte white surface with unit normal n shows (n, 1) A (n, 1) of the light from everywhere, for each colour."""

    def directions(self, points: Float[Tensor, "*batch 3"]) -> Float[Tensor, "lights *batch 3"]:
        """Return unit vectors from points towards each light; differentiable."""
        rows = self.sources.reshape(-1, *[1] * (points.dim() - 1), 7)
        return normalize(rows[..., :3] - rows[..., 6:] * points, dim=-1)

    def surrounding(self, normals: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 3"]:
        """Return the light from everywhere that matte white surfaces with these unit normals show; differentiable."""
        ends = torch.cat([normals, torch.ones_like(normals[..., :1])], -1)
        return torch.einsum("...i,cij,...j->...c", ends, self.ambient, ends)


def light_table(lights: Sequence[LightSource], frame_from_scene: Float[Tensor, "4 4"]) -> LightTable:
    """Return the lights in another frame, in the dtype and on the device of its pose; differentiable in both."""
    rotation, translation = frame_from_scene[:3, :3], frame_from_scene[:3, 3]
    rows = [_source(light, rotation, translation) for light in lights if not isinstance(light, AmbientLight)]
    ambient = [
        _ambient(light.coefficients.to(rotation), rotation) for light in lights if isinstance(light, AmbientLight)
    ]
    return LightTable(
        torch.stack(rows) if rows else rotation.new_zeros(0, 7),
        torch.stack(ambient).sum(0) if ambient else rotation.new_zeros(3, 4, 4),
    )


def _source(light: Light | DirectionalLight, rotation: Tensor, translation: Tensor) -> Tensor:
    one = rotation.new_ones(1)
    if isinstance(light, DirectionalLight):
        return torch.cat([rotation @ light.direction.to(rotation), light.intensity.to(rotation), 0 * one])
    return torch.cat([rotation @ light.position.to(rotation) + translation, light.intensity.to(rotation), one])


def _ambient(coefficients: Tensor, rotation: Tensor) -> Tensor:
    rows = [torch.stack([_entry(coefficients, parts) for parts in row], -1) for row in _ENTRIES]
    turn = torch.block_diag(rotation, rotation.new_ones(1, 1))
    return turn @ torch.stack(rows, -2) @ turn.mT / torch.pi


def _entry(coefficients: Tensor, parts: tuple[tuple[int, float], ...]) -> Tensor:
    return torch.stack([factor * coefficients[index] for index, factor in parts]).sum(0)
