"""Terms that keep numbers in their range."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


def barrier(values: Float[Tensor, "*shape"], low: float, high: float, sharpness: float = 30.0) -> Float[Tensor, ""]:
    """Return the sum of e^(-sharpness (x - low)) + e^(sharpness (x - high)), as the published method has it.

    Exponents stop at 30, beyond which the term goes on as a straight line, so that it stays finite.
    """
    return (_exponential(sharpness * (low - values)) + _exponential(sharpness * (values - high))).sum()


def outside(values: Float[Tensor, "*shape"], low: float, high: float) -> Float[Tensor, ""]:
    """Return the sum of squared distances to the interval; zero within."""
    return ((low - values).clamp_min(0).square() + (values - high).clamp_min(0).square()).sum()


def _exponential(exponent: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    bounded = exponent.clamp(max=30.0)
    return torch.exp(bounded) * (1 + exponent - bounded)
