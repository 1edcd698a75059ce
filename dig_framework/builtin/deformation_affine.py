"""Deformation by one affine map."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from dig_framework.interfaces.deformation import Binding, Deformation
from dig_framework.mesh import Mesh


class Affine(Deformation):
    """Stretch, shear, turn and shift a mesh as a whole: twelve parameters."""

    def bind(self, mesh: Mesh) -> Binding:
        """Take the middle of the mesh's box as the fixed point and its half diagonal as the unit of length."""
        rest = mesh.detach()
        low, high = rest.vertices.amin(0), rest.vertices.amax(0)
        constants = {"center": (low + high) / 2, "size": (high - low).norm() / 2}
        return Binding(rest, {"matrix": torch.zeros(3, 4).to(rest.vertices)}, constants)

    def deform(self, binding: Binding, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the mesh after x -> x + A (x - center) + b size, with `matrix` = [A | b]."""
        matrix, constants = parameters["matrix"], binding.constants
        vertices = binding.rest.vertices
        offsets = (vertices - constants["center"]) @ matrix[:, :3].mT + matrix[:, 3] * constants["size"]
        return binding.rest.replace(vertices=vertices + offsets)
