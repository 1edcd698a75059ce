"""Terms that compare images."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


def averaged(
    values: Float[Tensor, "height width"], weights: Float[Tensor, "height width"], area: Float[Tensor, ""]
) -> Float[Tensor, ""]:
    """Return the weighted sum over an image, divided by an area [px]; differentiable in the values."""
    return (values * weights).sum() / area


def robust(residual: Float[Tensor, "*shape"], scale: float) -> Float[Tensor, "*shape"]:
    """Return r^2 / (r^2 + scale^2), which is quadratic near zero and tends to one (Geman and McClure 1985)."""
    square = residual.square()
    return square / (square + scale**2)


def coverage(
    drawn: Float[Tensor, "height width"],
    observed: Float[Tensor, "height width"],
    counted: Float[Tensor, "height width"],
) -> Float[Tensor, "height width"]:
    """Return how much drawn and observed coverage differ, where it counts; in pixel areas."""
    return (drawn - observed).abs() * counted


def in_front(
    drawn: Float[Tensor, "*shape"], measured: Float[Tensor, "*shape"], margin: Float[Tensor, "*shape"]
) -> Float[Tensor, "*shape"]:
    """Return by how much [m] a drawn depth stands in front of a measured one, less a margin [m]; zero behind it."""
    return (measured - drawn - margin).clamp_min(0)


def smooth_depth(drawn: Float[Tensor, "height width"], measured: Float[Tensor, "height width"]) -> Float[Tensor, ""]:
    """Return mean|d D'| e^(mean|d D|), summed over both image axes, as the published method has it [m]."""
    total = drawn.new_zeros(())
    for axis in (0, 1):
        total = total + drawn.diff(dim=axis).abs().mean() * torch.exp(measured.diff(dim=axis).abs().mean())
    return total
