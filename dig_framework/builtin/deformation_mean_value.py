"""Deformation by a cage around the mesh."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor

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

    def bind(self, mesh: Mesh) -> Binding:
        """Place the cage and work out the coordinates of every vertex."""
        vertices = mesh.vertices.detach().double()
        center, size = _frame(vertices)
        local = (vertices - center) / size
        cage = icosphere(self.subdivisions)
        cage = cage.replace(vertices=cage.vertices * self.radius)
        weights = mean_value_coordinates(local, cage)
        if self.damping is not None:
            weights = weights @ _levelled(weights, cage.vertices, self.damping)
        constants = {"weights": weights, "cage": cage.vertices * size + center, "size": size}
        return Binding(
            rest=mesh.detach(),
            parameters={"cage": torch.zeros_like(cage.vertices).to(mesh.vertices)},
            constants={name: value.to(mesh.vertices) for name, value in constants.items()},
        )

    def deform(self, binding: Binding, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the mesh with displaced handles; `cage` is in units of the mesh's half extents."""
        offsets = binding.constants["weights"] @ parameters["cage"]
        return binding.rest.replace(vertices=binding.rest.vertices + offsets * binding.constants["size"])


def _frame(vertices: Float[Tensor, "vertices 3"]) -> tuple[Float[Tensor, "3"], Float[Tensor, "3"]]:
    """Return centre and axis lengths [m] of the frame in which the mesh's box is a cube within the unit ball."""
    low, high = vertices.amin(0), vertices.amax(0)
    center, half = (low + high) / 2, (high - low) / 2
    half = half.clamp_min(0.02 * float(half.max()))
    reach = ((vertices - center) / half).norm(dim=1).max()
    return center, half * reach


def _levelled(
    weights: Float[Tensor, "vertices handles"], cage: Float[Tensor, "handles 3"], damping: float
) -> Float[Tensor, "handles handles"]:
    """Return the change of variables that makes handles move the surface about equally in every mode.

    With W = U diag(s) V', the handles are V diag(1 / (s + damping s_0)) V' times the parameters, except that affine
    motions of the cage are passed on as they are.
    """
    affine = torch.cat([torch.ones_like(cage[:, :1]), cage], 1)
    basis = torch.linalg.qr(affine).Q
    others = torch.eye(len(cage)).to(cage) - basis @ basis.T
    energy, modes = torch.linalg.eigh(others @ weights.T @ weights @ others)
    strength = energy.clamp_min(0).sqrt() * (len(cage) / len(weights)) ** 0.5
    top = (weights @ basis[:, :1]).square().sum().sqrt() * (len(cage) / len(weights)) ** 0.5
    gain = top / (strength + damping * top)
    return basis @ basis.T + others @ (modes * gain) @ modes.T @ others
