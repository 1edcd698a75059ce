"""Deformation by spherical harmonics about the mesh's centre."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from dig_framework.cages.frames import ball_frame
from dig_framework.cages.levelling import levelled
from dig_framework.cages.solid_harmonics import solid_harmonics
from dig_framework.interfaces.deformation import Binding, Deformation
from dig_framework.mesh import Mesh

_AFFINE = 4
"""Harmonics of degrees 0 and 1."""


class SphericalHarmonics(Deformation):
    """Move a mesh by harmonics of the place of each vertex about the centre of its box.

    The mesh is taken to a frame in which its box is a cube within the unit ball. Degrees 0 and 1 are shifts and linear
    maps. Of the others, `surface` harmonics depend on the direction from the centre alone, as on a sphere: right for
    shapes of which every point sees the centre, and torn apart where a surface passes through it. `solid` ones grow
    with the distance to the power of their degree; they are smooth everywhere, so good for any mesh, but weak near the
    centre. Along `axes` every harmonic has a vector; along `rays` vertices move away from the centre and towards it,
    by one number a harmonic. `damping` evens out how far steps in the modes move the surface.
    """

    degree: int = Field(default=8, ge=1, le=20, description="Highest degree l; there are (l + 1)^2 harmonics [count]")
    kind: Literal["solid", "surface"] = Field(default="solid", description="Growing with the distance, or not")
    along: Literal["axes", "rays"] = Field(default="axes", description="Where harmonics of degree 2 and up push")
    damping: float = Field(
        default=0.03, gt=0, description="Modes weaker than this share of the strongest stay weak [ratio]"
    )

    def bind(self, mesh: Mesh) -> Binding:
        """Work out the harmonics at every vertex."""
        vertices = mesh.vertices.detach().double()
        center, size = ball_frame(vertices)
        places = (vertices - center) / size
        rays = torch.nn.functional.normalize(places, dim=1)
        harmonics = solid_harmonics(places if self.kind == "solid" else rays, self.degree)
        harmonics[:, 1:_AFFINE] = 3**0.5 * places
        weights = harmonics @ levelled(harmonics, torch.eye(harmonics.shape[1])[:, :_AFFINE].double(), self.damping)
        constants = {"weights": weights, "rays": rays, "size": size}
        return Binding(
            rest=mesh.detach(),
            parameters={name: torch.zeros(shape).to(mesh.vertices) for name, shape in self._shapes().items()},
            constants={name: value.to(mesh.vertices) for name, value in constants.items()},
        )

    def deform(self, binding: Binding, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the moved mesh; `affine` and `harmonics` are in units of the mesh's half extents."""
        weights, constants = binding.constants["weights"], binding.constants
        pushes = weights[:, :_AFFINE] @ parameters["affine"]
        if self.degree > 1:
            higher = weights[:, _AFFINE:] @ parameters["harmonics"]
            pushes = pushes + (higher if self.along == "axes" else higher[:, None] * constants["rays"])
        return binding.rest.replace(vertices=binding.rest.vertices + pushes * constants["size"])

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the parameters by name."""
        count = (self.degree + 1) ** 2 - _AFFINE
        higher = (count, 3) if self.along == "axes" else (count,)
        return {"affine": (_AFFINE, 3), **({"harmonics": higher} if count else {})}
