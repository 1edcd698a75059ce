"""Deformation by a box of control points."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from dig_framework.cages.frames import box_frame
from dig_framework.cages.lattice import bernstein_basis, spline_basis, tensor_product
from dig_framework.cages.levelling import affine_modes, levelled
from dig_framework.interfaces.deformation import Binding, Deformation
from dig_framework.mesh import Mesh


class Lattice(Deformation):
    """Move a mesh through the control points of a box around it (Sederberg and Parry, SIGGRAPH 1986).

    Space within the mesh's box is bent by a product of splines: cubic B-splines, whose control points act nearby;
    linear ones, which leave creases; or Bernstein polynomials over the whole box, as published. Cells are about cubes.
    `damping` evens out how far steps in the modes of the control points move the surface.
    """

    handles: ClassVar[str | None] = "lattice"

    basis: Literal["cubic", "linear", "bernstein"] = Field(default="cubic", description="What blends control points")
    cells: int = Field(
        default=4,
        ge=1,
        le=8,
        description="Along the box's longest side; Bernstein: degree of the polynomials [count]",
    )
    damping: float | None = Field(
        default=0.03,
        gt=0,
        description="Modes weaker than this share of the strongest stay weak; None moves points plainly [ratio]",
    )

    def bind(self, mesh: Mesh) -> Binding:
        """Place the control points and work out what each does to every vertex."""
        vertices = mesh.vertices.detach().double()
        center, size = box_frame(vertices)
        counts = [max(1, math.ceil(self.cells * float(side / size.max()) - 0.25)) for side in size]
        local = ((vertices - center) / size).unbind(1)
        weights, places = tensor_product([self._axis(*pair) for pair in zip(local, counts, strict=True)])
        touched = (weights > 0).any(0)
        weights, places = weights[:, touched], places[touched]
        if self.damping is not None:
            weights = weights @ levelled(weights, affine_modes(places), self.damping)
        constants = {"weights": weights, "lattice": places * size + center, "size": size}
        return Binding(
            rest=mesh.detach(),
            parameters={"lattice": torch.zeros_like(places).to(mesh.vertices)},
            constants={name: value.to(mesh.vertices) for name, value in constants.items()},
        )

    def deform(self, binding: Binding, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the mesh with displaced handles; `lattice` is in units of the mesh's half extents."""
        offsets = binding.constants["weights"] @ parameters["lattice"]
        return binding.rest.replace(vertices=binding.rest.vertices + offsets * binding.constants["size"])

    def _axis(
        self, places: Float[Tensor, "points"], count: int
    ) -> tuple[Float[Tensor, "points controls"], Float[Tensor, "controls"]]:
        if self.basis == "bernstein":
            return bernstein_basis(places, count)
        return spline_basis(places, count, 3 if self.basis == "cubic" else 1)
