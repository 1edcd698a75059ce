"""Mean value coordinates of points in closed triangle meshes.

T. Ju, S. Schaefer, J. Warren: Mean Value Coordinates for Closed Triangular Meshes, SIGGRAPH 2005.

A face seen from x covers a spherical triangle with corners u_i = (p_i - x) / d_i. Its mean vector (their Eq. 7) is
m = 1/2 sum_i theta_i n_i, with theta_i the angle and n_i the unit normal of the plane through x and the edge opposite
to corner i, and the face gives corner i the weight w_i = n_i . m / (d_i n_i . u_i). Since the mean vectors of a closed
mesh add up to zero, the weighted corners balance around x. Sines of angles come from cross products, so that neither
short nor nearly straight ones lose digits.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dig_framework.mesh import Mesh


def mean_value_coordinates(points: Float[Tensor, "points 3"], cage: Mesh) -> Float[Tensor, "points handles"]:
    """Return the weights with which the cage's vertices reproduce each point: points = weights @ cage.vertices.

    Points may lie inside, outside or on the closed cage. Rows sum to one. Worked out in double precision, and returned
    in the dtype of the points; on any number of threads with the same bits. Not differentiable.
    """
    from dig_framework.cages.mean_value_kernel import mean_value_rows
    from dig_framework.worker_threads import spread

    vertices, wanted = _about_one(cage.vertices.detach().double(), points.detach().double())
    # Handles that no face uses, and flat cages, leave directions open, hence the pseudo-inverse.
    moments = torch.linalg.pinv(torch.cat([torch.ones_like(vertices[:, :1]), vertices], 1)).T
    weights = wanted.new_empty(len(wanted), len(vertices))
    arrays = (weights, wanted, vertices, cage.faces, *_edges_of_faces(cage.faces), moments)
    spread(mean_value_rows, *(array.cpu().contiguous().numpy() for array in arrays))
    return weights.to(points)


def _about_one(
    vertices: Float[Tensor, "handles 3"], points: Float[Tensor, "points 3"]
) -> tuple[Float[Tensor, "handles 3"], Float[Tensor, "points 3"]]:
    """Return both in the frame in which the cage's box lies about the origin, its longest side from -1 to 1."""
    low, high = vertices.amin(0), vertices.amax(0)
    center, size = (low + high) / 2, ((high - low).max() / 2).clamp_min(1e-300)
    return (vertices - center) / size, (points - center) / size


def _edges_of_faces(
    faces: Int[Tensor, "faces 3"],
) -> tuple[Int[Tensor, "edges 2"], Int[Tensor, "faces 3"], Float[Tensor, "faces 3"]]:
    """Return each edge once, the edge opposite to every corner, and +1 or -1 as the face runs along it or against."""
    ends = torch.stack([faces[:, [1, 2]], faces[:, [2, 0]], faces[:, [0, 1]]], 1)
    edges, inverse = torch.unique(ends.reshape(-1, 2).sort(1).values, dim=0, return_inverse=True)
    sign = torch.where(ends[..., 0] < ends[..., 1], 1.0, -1.0).double()
    return edges, inverse.reshape(-1, 3), sign
