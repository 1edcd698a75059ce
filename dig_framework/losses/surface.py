"""Terms that keep a surface reasonable. Lengths are in units of the object's size, so that all objects count alike."""

from __future__ import annotations

from jaxtyping import Float, Int
from torch import Tensor

from dig_framework.mesh import Mesh


def edge_energy(values: Float[Tensor, "vertices 3"], edges: Int[Tensor, "edges 2"]) -> Float[Tensor, ""]:
    """Return tr(V' L V) with the uniform Laplacian L of the edge graph: the sum of squared differences along edges.

    For a surface that is refined it tends to a constant; the unit sphere has about 43.
    """
    return (values[edges[:, 0]] - values[edges[:, 1]]).square().sum()


def volume_change(mesh: Mesh, start: Mesh) -> Float[Tensor, ""]:
    """Return the squared relative change of the enclosed volume."""
    reference = start.volume().detach()
    return ((mesh.volume() - reference) / reference.abs().clamp_min(1e-12)).square()


def displacement(
    vertices: Float[Tensor, "vertices 3"],
    start: Float[Tensor, "vertices 3"],
    weights: Float[Tensor, "vertices"],
    scale: float,
) -> Float[Tensor, ""]:
    """Return the weighted mean of squared displacements in units of `scale` [m]."""
    square = (vertices - start).square().sum(-1)
    return (square * weights).sum() / weights.sum().clamp_min(1e-12) / scale**2
