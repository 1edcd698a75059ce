"""Deformation by a cage around the mesh that keeps angles as far as it can."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Float, Int
from pydantic import Field
from torch import Tensor

from dig_framework.cages.frames import ball_frame
from dig_framework.cages.green import green_coordinates
from dig_framework.cages.levelling import affine_modes, levelled
from dig_framework.icosphere import icosphere
from dig_framework.interfaces.deformation import Binding, Deformation
from dig_framework.mesh import Mesh


class GreenCage(Deformation):
    """Move a mesh through a sphere-like cage by Green coordinates (Lipman, Levin, Cohen-Or, SIGGRAPH 2008).

    Cage vertices draw as harmonic functions do, and face normals, scaled by how much their faces are stretched, turn
    detail along instead of shearing it: rotations and scalings of the cage carry over exactly, stretches only roughly.
    The cage is an icosphere about the unit ball, in the frame in which the mesh's box is a cube in that ball;
    coordinates belong to the cage as it is in metres. `damping` evens out how strong the modes of the vertices' part
    are.
    """

    subdivisions: int = Field(
        default=2, ge=0, le=3, description="Splits of the icosahedron; 2 gives 162 cage vertices [count]"
    )
    radius: float = Field(default=1.35, gt=1.3, description="Cage radius, in radii of the ball around the mesh [ratio]")
    damping: float | None = Field(
        default=0.3,
        gt=0,
        description="Modes weaker than this share of the strongest stay weak; None moves cage vertices plainly [ratio]",
    )

    def bind(self, mesh: Mesh) -> Binding:
        """Place the cage and work out the coordinates of every vertex."""
        vertices = mesh.vertices.detach().double()
        center, size = ball_frame(vertices)
        cage = icosphere(self.subdivisions)
        places = cage.vertices * self.radius
        cage = cage.replace(vertices=places * size + center)
        by_vertex, by_face = green_coordinates(vertices, cage)
        levels = torch.eye(len(places)).double()
        if self.damping is not None:
            levels = levelled(by_vertex, affine_modes(places), self.damping)
        constants = {"by_vertex": by_vertex, "by_face": by_face, "levels": levels, "cage": cage.vertices, "size": size}
        return Binding(
            rest=mesh.detach(),
            parameters={"cage": torch.zeros_like(places).to(mesh.vertices)},
            constants={"faces": cage.faces, **{name: value.to(mesh.vertices) for name, value in constants.items()}},
        )

    def deform(self, binding: Binding, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the mesh with displaced handles; `cage` is in units of the mesh's half extents."""
        constants = binding.constants
        offsets = constants["levels"] @ parameters["cage"] * constants["size"]
        before = constants["cage"]
        turned = _stretched_normals(before, before + offsets, constants["faces"])
        still = _stretched_normals(before, before, constants["faces"])
        moved = constants["by_vertex"] @ offsets + constants["by_face"] @ (turned - still)
        return binding.rest.replace(vertices=binding.rest.vertices + moved)


def _stretched_normals(
    before: Float[Tensor, "handles 3"], after: Float[Tensor, "handles 3"], faces: Int[Tensor, "faces 3"]
) -> Float[Tensor, "faces 3"]:
    """Return the unit normals after a change, times the stretch s of each face (Lipman et al. 2008, section 3.2).

    With two sides u and v of a face of area A, and u', v' after: 8 A^2 s^2 = |u'|^2 |v|^2 - 2 (u'.v') (u.v) + |v'|^2
    |u|^2.
    """
    (u, v), (moved_u, moved_v) = _sides(before[faces]), _sides(after[faces])
    quadruple = 2 * torch.linalg.cross(u, v).square().sum(1)
    square = moved_u.square().sum(1) * v.square().sum(1) + moved_v.square().sum(1) * u.square().sum(1)
    square = square - 2 * (moved_u * moved_v).sum(1) * (u * v).sum(1)
    # A face without extent has no normal; its share of the sum is then nothing.
    stretch = (square / quadruple).clamp_min(1e-24).sqrt()
    return torch.nn.functional.normalize(torch.linalg.cross(moved_u, moved_v), dim=1, eps=1e-24) * stretch[:, None]


def _sides(corners: Float[Tensor, "faces 3 3"]) -> tuple[Float[Tensor, "faces 3"], Float[Tensor, "faces 3"]]:
    return corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
