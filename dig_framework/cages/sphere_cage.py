"""Sphere-like cages through which meshes move linearly."""

from __future__ import annotations

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor

from dig_framework.cages.frames import ball_frame
from dig_framework.cages.levelling import affine_modes, levelled
from dig_framework.icosphere import icosphere
from dig_framework.mesh import Mesh


def bound_to_sphere(
    mesh: Mesh,
    coordinates: Callable[[Float[Tensor, "vertices 3"], Mesh], Float[Tensor, "vertices handles"]],
    subdivisions: int,
    radius: float,
    damping: float | None,
) -> dict[str, Tensor]:
    """Return what a mesh within a cage needs: `weights`, the places `cage` [m] of its vertices, and `size` [m].

    The mesh is taken to the frame in which its box is a cube within the unit ball; there the cage is an icosphere.
    Displacements of the mesh in units of `size` are `weights` times those of the cage, their modes levelled if there is
    a damping.
    """
    vertices = mesh.vertices.detach().double()
    center, size = ball_frame(vertices)
    cage = icosphere(subdivisions)
    cage = cage.replace(vertices=cage.vertices * radius)
    weights = coordinates((vertices - center) / size, cage)
    if damping is not None:
        weights = weights @ levelled(weights, affine_modes(cage.vertices), damping)
    constants = {"weights": weights, "cage": cage.vertices * size + center, "size": size}
    return {name: value.to(mesh.vertices) for name, value in constants.items()}
