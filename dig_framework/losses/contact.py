"""Terms of objects that touch the plane and each other."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.mesh import Mesh


def rest(heights: Float[Tensor, "vertices"], resting: bool, scale: float) -> Float[Tensor, ""]:
    """Return how badly an object stands, from its vertices' heights above the plane [m], in units of `scale` [m].

    The mean square of what is below the plane, and for an object that rests on it the square of its lowest height.
    """
    below = (-heights).clamp_min(0).square().mean()
    gap = heights.min().square() if resting else (-heights.min()).clamp_min(0).square()
    return (below + gap) / scale**2


def penetration(first: Mesh, second: Mesh, scale: float, samples: int = 400) -> Float[Tensor, ""]:
    """Return the mean squared depth of vertices inside the other mesh, in units of `scale` [m].

    A vertex is inside by its distance to the nearest vertex of the other mesh, if it lies under that vertex's normal
    within 45 degrees, so that sharp rims do not count what is beside them. Beyond ten scales the square goes on as a
    straight line. About `samples` vertices of each are tried; meshes whose boxes are apart cost nothing.
    """
    low = torch.maximum(first.vertices.amin(0), second.vertices.amin(0))
    high = torch.minimum(first.vertices.amax(0), second.vertices.amax(0))
    if not bool((low < high).all()):
        return first.vertices.new_zeros(())
    depths = torch.cat([_inside(first, second, samples), _inside(second, first, samples)]) / scale
    return torch.where(depths < 10, depths.square(), 20 * depths - 100).sum() / (2 * samples)


def _inside(mesh: Mesh, other: Mesh, samples: int) -> Float[Tensor, "points"]:
    """Return how deep those vertices of a mesh that are tried are inside another one [m], if in its box."""
    points = mesh.vertices[:: max(1, len(mesh.vertices) // samples)]
    within = (points > other.vertices.amin(0)) & (points < other.vertices.amax(0))
    points = points[within.all(1)]
    with torch.no_grad():
        nearest = torch.cdist(points, other.vertices).argmin(1)
        normals = other.vertex_normals()[nearest]
    offset = points - other.vertices[nearest]
    depth = -(offset * normals).sum(-1)
    under = depth > 0.7 * torch.linalg.vector_norm(offset.detach(), dim=-1)
    return depth * under
