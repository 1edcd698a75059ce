"""Real spherical harmonics as polynomials in space."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor


def solid_harmonics(points: Float[Tensor, "points 3"], degree: int) -> Float[Tensor, "points harmonics"]:
    """Return r^l Y_lm for l up to a degree and m from -l to l, one after the other.

    They are harmonic polynomials, homogeneous of degree l; on the unit sphere they are the real spherical harmonics,
    here with a mean square of one. With x + iy to the power m and the associated Legendre polynomials without their
    factor sin^m, by the recurrences in T. Helgaker, P. Jorgensen, J. Olsen: Molecular Electronic-Structure Theory,
    2000, section 6.4, which know no poles. Differentiable.
    """
    x, y, z = points.unbind(1)
    square = points.square().sum(1)
    real, imaginary = [torch.ones_like(x)], [torch.zeros_like(x)]
    for _ in range(degree):
        a, b = real[-1], imaginary[-1]
        real.append(x * a - y * b)
        imaginary.append(x * b + y * a)
    rows: dict[tuple[int, int], Tensor] = {}
    for m in range(degree + 1):
        for order, value in enumerate(_legendre(z, square, m, degree)):
            rows[m + order, m] = real[m] * value
            if m:
                rows[m + order, -m] = imaginary[m] * value
    return torch.stack([rows[order, m] for order in range(degree + 1) for m in range(-order, order + 1)], 1)


def _legendre(z: Float[Tensor, "points"], square: Float[Tensor, "points"], m: int, degree: int) -> list[Tensor]:
    """Return the normalised polynomials of orders m to the degree: r^(l - m) P_lm(z / r) / sin^m."""
    double_factorial = math.prod(range(1, 2 * m, 2))
    values = [torch.full_like(z, float(double_factorial))]
    if degree > m:
        values.append((2 * m + 1) * z * values[0])
    for k in range(m + 2, degree + 1):
        values.append(((2 * k - 1) * z * values[-1] - (k + m - 1) * square * values[-2]) / (k - m))
    return [value * _norm(m + order, m) for order, value in enumerate(values)]


def _norm(degree: int, m: int) -> float:
    both = 2 if m else 1
    return math.sqrt(both * (2 * degree + 1) * math.factorial(degree - m) / math.factorial(degree + m))
