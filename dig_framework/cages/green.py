"""Green coordinates, and harmonic coordinates made of them.

Y. Lipman, D. Levin, D. Cohen-Or: Green Coordinates, SIGGRAPH 2008. With Green's third identity, a function u that is
harmonic inside a closed cage is there u(x) = sum_i phi_i(x) u_i + sum_j psi_j(x) q_j, if it is linear on every face,
with values u_i at the vertices, and has the slope q_j along the outward normal of face j; phi and psi are layer
potentials of the faces, divided by 4 pi. The three coordinates are such functions, with the components of the normal
as slopes, so x = sum_i phi_i v_i + sum_j psi_j n_j (their Eq. 5).
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.cages.layer_potentials import layer_potentials
from dig_framework.errors import InputError
from dig_framework.mesh import Mesh


def green_coordinates(
    points: Float[Tensor, "points 3"], cage: Mesh, chunk: int = 256
) -> tuple[Float[Tensor, "points handles"], Float[Tensor, "points faces"]]:
    """Return the weights of a cage's vertices [1] and of its unit face normals [m] at points inside.

    Worked out in double precision, `chunk` points at a time, and returned in the dtype of the points. Not
    differentiable.

    Raises:
        InputError: If the cage is not closed or has a face without area, or a point does not lie inside.
    """
    vertices = _checked(cage)
    parts = [_rows(part, vertices, cage) for part in points.detach().double().split(chunk)]
    by_vertex = torch.cat([part[0] for part in parts]) if parts else vertices.new_zeros(0, len(vertices))
    by_face = torch.cat([part[1] for part in parts]) if parts else vertices.new_zeros(0, len(cage.faces))
    outside = ((by_vertex.sum(1) - 1).abs() > 1e-6).nonzero()[:, 0]
    if len(outside):
        first = points[outside[0]].tolist()
        raise InputError(
            f"{len(outside)} of {len(points)} points do not lie inside the cage, the first at {first}; "
            "Green coordinates belong to the inside: use a larger cage, or see that its faces turn outward."
        )
    return by_vertex.to(points), by_face.to(points)


def harmonic_coordinates(points: Float[Tensor, "points 3"], cage: Mesh) -> Float[Tensor, "points handles"]:
    """Return the weights with which harmonic functions inside a cage depend on its vertices (Joshi et al. 2007).

    Their values on the cage are linear on each face. Their slopes there are taken as constant on each face, and are
    such that Green's identity holds at the middle of every face (a boundary element method); so rows sum to one and
    reproduce points exactly, and are harmonic exactly, while they agree with the values on the cage up to the size of
    its faces. Worked out in double precision. Not differentiable.

    Raises:
        InputError: As `green_coordinates` does.
    """
    by_vertex, by_face = green_coordinates(points.detach().double(), cage)
    vertices = cage.vertices.detach().double()
    middles, own = vertices[cage.faces].mean(1), torch.eye(len(cage.faces), dtype=torch.bool)
    single, double = layer_potentials(middles, vertices, cage.faces, own)
    values = vertices.new_zeros(len(cage.faces), len(vertices))
    hats = values.scatter_add(1, cage.faces, torch.full_like(middles, 1 / 3))
    slopes = torch.linalg.solve(single, 2 * math.pi * hats - _by_vertex(double, cage, len(vertices)))
    return (by_vertex + by_face @ slopes).to(points)


def _checked(cage: Mesh) -> Float[Tensor, "handles 3"]:
    vertices = cage.vertices.detach().double()
    if not cage.is_closed():
        raise InputError("the cage is not closed; every edge must have two faces that pass it in opposite directions.")
    flat = (cage.face_normals().norm(dim=1) <= 0).nonzero()[:, 0]
    if len(flat):
        raise InputError(f"face {int(flat[0])} of the cage has no area, so no normal; remove such faces from the cage.")
    return vertices


def _rows(points: Float[Tensor, "points 3"], vertices: Float[Tensor, "handles 3"], cage: Mesh) -> tuple[Tensor, Tensor]:
    single, double = layer_potentials(points, vertices, cage.faces)
    return _by_vertex(double, cage, len(vertices)) / (4 * math.pi), single / (4 * math.pi)


def _by_vertex(double: Float[Tensor, "points faces 3"], cage: Mesh, count: int) -> Float[Tensor, "points handles"]:
    """Return what the faces around each vertex contribute."""
    total = double.new_zeros(len(double), count)
    for corner in range(3):
        total.index_add_(1, cage.faces[:, corner], double[:, :, corner])
    return total
