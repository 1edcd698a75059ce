"""The sRGB transfer function (IEC 61966-2-1), used where image files are read and written and nowhere else."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor


def linear_from_srgb(encoded: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Decode sRGB values in [0, 1] to linear light."""
    return ((encoded.clamp_min(0.04045) + 0.055) / 1.055).pow(2.4).where(encoded > 0.04045, encoded / 12.92)


def srgb_from_linear(linear: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Encode linear light in sRGB; values outside [0, 1] are clipped."""
    value = linear.clamp(0, 1)
    return (1.055 * value.clamp_min(0.0031308).pow(1 / 2.4) - 0.055).where(value > 0.0031308, value * 12.92)
