"""Weights of the control points of a box of splines.

T. W. Sederberg, S. R. Parry: Free-Form Deformation of Solid Geometric Models, SIGGRAPH 1986 (their Eq. 2, with
Bernstein polynomials); uniform B-splines in their place keep the influence of a control point local.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor


def bernstein_basis(
    places: Float[Tensor, "points"], degree: int
) -> tuple[Float[Tensor, "points controls"], Float[Tensor, "controls"]]:
    """Return the degree + 1 Bernstein polynomials over [-1, 1], and where their control points are: evenly spaced."""
    t = (places[:, None] + 1) / 2
    powers = torch.arange(degree + 1).to(places)
    factors = torch.tensor([math.comb(degree, k) for k in range(degree + 1)]).to(places)
    return factors * t**powers * (1 - t) ** (degree - powers), torch.linspace(-1, 1, degree + 1, dtype=places.dtype)


def spline_basis(
    places: Float[Tensor, "points"], cells: int, degree: int
) -> tuple[Float[Tensor, "points controls"], Float[Tensor, "controls"]]:
    """Return uniform B-splines over [-1, 1] divided into cells, and where their control points are.

    Those are where a spline has its middle, so that splines with values linear in them are linear (Marsden's identity);
    cubics have one beyond either end. Degree 1 gives hat functions.
    """
    spacing = 2 / cells
    middles = torch.arange(-(degree // 2), cells + degree // 2 + 1).to(places)
    distance = ((places[:, None] + 1) / spacing - middles).abs()
    if degree == 1:
        return (1 - distance).clamp_min(0), middles * spacing - 1
    near = 2 / 3 - distance**2 + distance**3 / 2
    far = (2 - distance).clamp_min(0) ** 3 / 6
    return torch.where(distance < 1, near, far), middles * spacing - 1


def tensor_product(
    axes: list[tuple[Float[Tensor, "points _"], Float[Tensor, "_"]]],
) -> tuple[Float[Tensor, "points controls"], Float[Tensor, "controls 3"]]:
    """Return weights and places of a box's control points, of those along its axes; the last axis runs fastest."""
    (x, px), (y, py), (z, pz) = axes
    weights = torch.einsum("pi,pj,pk->pijk", x, y, z).flatten(1)
    places = torch.stack(torch.meshgrid(px, py, pz, indexing="ij"), -1).reshape(-1, 3)
    return weights, places
