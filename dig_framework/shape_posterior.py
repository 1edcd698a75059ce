"""What an object may be besides its best mesh."""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.mesh import Mesh
from dig_framework.tensor_record import TensorRecord


@dataclasses.dataclass(frozen=True, eq=False)
class ShapePosterior(TensorRecord):
    """Samples of a surface and intervals of its size and place, all relative to one mesh and in its own frame.

    Intervals hold 90 % of what is believed. They are changes, so that they stay right where the mesh is corrected.
    """

    offsets: Float[Tensor, "samples vertices 3"]
    """From the mesh's vertices to those of each sample [m]."""
    weights: Float[Tensor, " samples"]
    """How much each sample is believed; sum to one."""
    deviation: Float[Tensor, " vertices"]
    """Standard deviation of the surface along its normal [m]."""
    extent_change: Float[Tensor, "2 3"]
    """Lower and upper bound of what is added to the mesh's extents along the axes of its frame [m]."""
    centre_change: Float[Tensor, "2 3"]
    """The same for the middle of its bounds [m]."""
    yaw_change: Float[Tensor, "2"]
    """The same for its turn about the table's normal, or the frame's z axis where there is none [rad]."""
    failure: float
    """How likely the volumetric IoU is below .5 or the chamfer distance above 10 mm."""

    def sample(self, mesh: Mesh, number: int) -> Mesh:
        """Return one sample of the mesh that this belongs to."""
        return mesh.replace(vertices=mesh.vertices + self.offsets[number])

    def extents(self, mesh: Mesh) -> Float[Tensor, "2 3"]:
        """Return the bounds of the extents [m]."""
        own = mesh.vertices.amax(0) - mesh.vertices.amin(0)
        return (own + self.extent_change).clamp_min(0)

    def centre(self, mesh: Mesh) -> Float[Tensor, "2 3"]:
        """Return the bounds of the middle, in the object's frame [m]."""
        return (mesh.vertices.amax(0) + mesh.vertices.amin(0)) / 2 + self.centre_change

    def scaled(self, scale: Float[Tensor, "3"]) -> ShapePosterior:
        """Return what belongs to the mesh stretched along its axes."""
        return self.replace(
            offsets=self.offsets * scale,
            deviation=self.deviation * scale.prod().abs().pow(1 / 3),
            extent_change=self.extent_change * scale,
            centre_change=self.centre_change * scale,
        )

    def drawn(self, generator: torch.Generator) -> int:
        """Return the number of a sample, drawn by weight."""
        return int(torch.multinomial(self.weights.double().cpu(), 1, generator=generator))
