"""Linear deformations whose parameters all count about equally."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


def affine_modes(places: Float[Tensor, "handles 3"]) -> Float[Tensor, "handles modes"]:
    """Return an orthonormal basis of what is affine in the handles' places; its first column is constant."""
    return torch.linalg.qr(torch.cat([torch.ones_like(places[:, :1]), places], 1)).Q


def levelled(
    weights: Float[Tensor, "vertices handles"], kept: Float[Tensor, "handles modes"], damping: float
) -> Float[Tensor, "handles handles"]:
    """Return the change of variables after which handles move the surface about equally in every mode.

    With W = U diag(s) V', the handles are V diag(1 / (s + damping s_0)) V' times the parameters, so that gradient steps
    go about as far in weak modes as in strong ones, and least-squares problems are well conditioned.

    Args:
        weights: How far each handle moves each vertex.
        kept: Orthonormal columns that are passed on as they are, such as affine motions; s_0 is how strong the first
            is.
        damping: Modes weaker than this share of s_0 stay weak [ratio].
    """
    others = torch.eye(len(kept)).to(kept) - kept @ kept.T
    energy, modes = torch.linalg.eigh(others @ (weights.T @ weights) @ others)
    strength = energy.clamp_min(0).sqrt()
    top = (weights @ kept[:, :1]).square().sum().sqrt()
    gain = top / (strength + damping * top)
    return kept @ kept.T + others @ (modes * gain) @ modes.T @ others
