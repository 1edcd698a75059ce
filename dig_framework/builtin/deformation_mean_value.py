"""Deformation by a cage around the mesh."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor

from dig_framework.cages.sphere_cage import bound_to_sphere
from dig_framework.icosphere import icosphere
from dig_framework.interfaces.deformation import Binding, Deformation
from dig_framework.mean_value import mean_value_coordinates
from dig_framework.mesh import Mesh


class MeanValueCage(Deformation):
    """Move a mesh through the vertices of a sphere-like cage, by mean value coordinates (Ju et al. 2005).

    The mesh is taken to a frame in which its box is a cube within the unit ball; there the cage is an icosphere.
    Coordinates are worked out once; then a deformation is one matrix product. The coordinates act as a low pass: detail
    of degree n on the sphere is damped by radius^-n, so a far cage keeps the surface smooth, and a plain gradient step
    on its vertices hardly bends it. `damping` undoes that slope down to the given share of the strongest mode.
    """

    handles: ClassVar[str | None] = "cage"

    subdivisions: int = Field(
        default=2, ge=0, le=5, description="Splits of the icosahedron; 2 gives 162 cage vertices [count]"
    )
    radius: float = Field(default=1.6, gt=1.3, description="Cage radius, in radii of the ball around the mesh [ratio]")
    damping: float | None = Field(
        default=0.03,
        gt=0,
        description="Modes weaker than this share of the strongest stay weak; None moves cage vertices plainly [ratio]",
    )

    def needs_preparation(self) -> bool:
        """Whether the kernel has yet to be compiled, which takes some seconds once."""
        from dig_framework.kernel_folder import compiled_before

        return not compiled_before("mean_value")

    def prepare(self) -> None:
        """Compile the kernel by binding a small mesh."""
        from dig_framework.kernel_folder import note_compiled

        self.bind(icosphere(0))
        note_compiled("mean_value")

    def bind(self, mesh: Mesh) -> Binding:
        """Place the cage and work out the coordinates of every vertex."""
        constants = bound_to_sphere(mesh, mean_value_coordinates, self.subdivisions, self.radius, self.damping)
        return Binding(mesh.detach(), {"cage": torch.zeros_like(constants["cage"])}, constants)

    def deform(self, binding: Binding, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the mesh with displaced handles; `cage` is in units of the mesh's half extents."""
        offsets = binding.constants["weights"] @ parameters["cage"]
        return binding.rest.replace(vertices=binding.rest.vertices + offsets * binding.constants["size"])
