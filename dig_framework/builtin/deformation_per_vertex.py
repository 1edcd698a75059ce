"""Deformation by one offset a vertex."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from pydantic import Field
from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary

from dig_framework.interfaces.deformation import Binding, Deformation
from dig_framework.mesh import Mesh

if TYPE_CHECKING:
    from collections.abc import MutableMapping

_factors: MutableMapping[Tensor, dict[tuple[float, int], Any]] = WeakTensorKeyDictionary()
"""Factorised systems, by the edges of bindings that are still in use; recomputed where missing."""


class PerVertex(Deformation):
    """Displace every vertex by itself, with smooth steps (Nicolet, Jacobson, Jakob: Large Steps, SIGGRAPH Asia 2021).

    Parameters are u = (I + smoothing L) offset with the uniform Laplacian L (their Eq. 10), so that a gradient step on
    u moves neighbours together and yet any shape can be reached.
    """

    smoothing: float = Field(
        default=19.0, ge=0, description="Weight of the Laplacian; 0 displaces vertices plainly [1]"
    )

    def bind(self, mesh: Mesh) -> Binding:
        """Note the mesh's edges; the smoothing system is factorised at its first use."""
        rest = mesh.detach()
        constants = {"edges": rest.edges()}
        return Binding(rest, {"offsets": torch.zeros_like(rest.vertices)}, constants)

    def deform(self, binding: Binding, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the mesh with its vertices displaced; `offsets` in metres, before smoothing."""
        offsets = parameters["offsets"]
        if self.smoothing > 0:
            offsets = _Smoothed.apply(offsets, binding.constants["edges"], self.smoothing)
        return binding.rest.replace(vertices=binding.rest.vertices + offsets)


class _Smoothed(torch.autograd.Function):
    """Solve (I + smoothing L) x = y; the matrix is symmetric, so gradients go through the same factorisation."""

    @staticmethod
    def forward(ctx: Any, right: Tensor, edges: Tensor, smoothing: float) -> Tensor:
        ctx.save_for_backward(edges)
        ctx.smoothing = smoothing
        return _solved(edges, smoothing, right)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (edges,) = ctx.saved_tensors
        return _solved(edges, ctx.smoothing, gradients[0]), None, None


def _solved(edges: Tensor, smoothing: float, right: Tensor) -> Tensor:
    factors = _factors.setdefault(edges, {})
    key = (smoothing, len(right))
    if key not in factors:
        factors[key] = _factorised(edges, *key)
    return torch.as_tensor(factors[key].solve(right.detach().double().cpu().numpy())).to(right)


def _factorised(edges: Tensor, smoothing: float, count: int) -> Any:
    import numpy as np
    from scipy.sparse import coo_matrix, identity
    from scipy.sparse.linalg import splu

    start, end = edges.cpu().numpy().T
    ones = np.ones(len(start))
    adjacency = coo_matrix((ones, (start, end)), shape=(count, count)).tocsc()
    adjacency = adjacency + adjacency.T
    degree = np.asarray(adjacency.sum(1)).ravel()
    matrix = identity(count, format="csc").multiply(1 + smoothing * degree[:, None]) - smoothing * adjacency
    return splu(matrix.tocsc(), permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})
