"""A mesh in a box whose corners can be moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor

from dig_framework.interfaces import Binding, Deformation
from dig_framework.mesh import Mesh


class ExampleDeformation(Deformation):
    """Moves vertices with the eight corners of a box around the mesh, by trilinear interpolation."""

    handles: ClassVar[str | None] = "corners"

    margin: float = Field(default=0.1, gt=0, description="Room between mesh and box, as a share of the mesh's size")

    def bind(self, mesh: Mesh) -> Binding:
        """Work out where each vertex is in the box, as one weight a corner."""
        rest = mesh.detach()
        low, high = rest.vertices.amin(0), rest.vertices.amax(0)
        room = self.margin * (high - low).max()
        low, size = low - room, high - low + 2 * room
        units = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 3).to(low)
        place = (rest.vertices - low) / size
        weights = torch.where(units > 0, place[:, None], 1 - place[:, None]).prod(-1)
        return Binding(rest, {"corners": torch.zeros_like(units)}, {"corners": low + units * size, "weights": weights})

    def deform(self, binding: Binding, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the mesh after displacing the corners [m]; linear in the displacements."""
        moved = binding.constants["weights"] @ parameters["corners"]
        return binding.rest.replace(vertices=binding.rest.vertices + moved)
