"""The box with corners at -1 and 1."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.mesh import Mesh

_FACES = (
    (0, 2, 3), (0, 3, 1), (4, 5, 7), (4, 7, 6), (0, 1, 5), (0, 5, 4),
    (2, 6, 7), (2, 7, 3), (0, 4, 6), (0, 6, 2), (1, 3, 7), (1, 7, 5),
)  # fmt: skip


def box(half: Float[Tensor, "3"]) -> Mesh:
    """Return the closed mesh of a box with these half side lengths [m] along the axes; differentiable in them."""
    signs = [[x, y, z] for z in (-1, 1) for y in (-1, 1) for x in (-1, 1)]
    return Mesh(torch.tensor(signs).to(half) * half, torch.tensor(_FACES, device=half.device))
