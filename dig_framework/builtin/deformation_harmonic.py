"""Deformation by a cage around the mesh, through harmonic functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor

from dig_framework.cages.green import harmonic_coordinates
from dig_framework.cages.sphere_cage import bound_to_sphere
from dig_framework.interfaces.deformation import Binding, Deformation
from dig_framework.mesh import Mesh


class HarmonicCage(Deformation):
    """Move a mesh through the vertices of a sphere-like cage, by harmonic coordinates (Joshi et al., SIGGRAPH 2007).

    The mesh is taken to a frame in which its box is a cube within the unit ball; there the cage is an icosphere.
    Inside it every component of the displacement is the harmonic function of its values at the cage: the smoothest
    there is, in that it has the least energy. Detail of degree n on the sphere is damped by exactly radius^-n;
    `damping` undoes that slope down to the given share of the strongest mode.
    """

    handles: ClassVar[str | None] = "cage"

    subdivisions: int = Field(
        default=2, ge=0, le=3, description="Splits of the icosahedron; 2 gives 162 cage vertices [count]"
    )
    radius: float = Field(default=1.6, gt=1.3, description="Cage radius, in radii of the ball around the mesh [ratio]")
    damping: float | None = Field(
        default=0.03,
        gt=0,
        description="Modes weaker than this share of the strongest stay weak; None moves cage vertices plainly [ratio]",
    )

    def bind(self, mesh: Mesh) -> Binding:
        """Place the cage and work out the coordinates of every vertex."""
        constants = bound_to_sphere(mesh, harmonic_coordinates, self.subdivisions, self.radius, self.damping)
        return Binding(mesh.detach(), {"cage": torch.zeros_like(constants["cage"])}, constants)

    def deform(self, binding: Binding, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the mesh with displaced handles; `cage` is in units of the mesh's half extents."""
        offsets = binding.constants["weights"] @ parameters["cage"]
        return binding.rest.replace(vertices=binding.rest.vertices + offsets * binding.constants["size"])
