"""How probable an ellipsoid is, given points of its surface (arXiv 2602.05029, Eq. 11)."""

from __future__ import annotations

import dataclasses
import math

from jaxtyping import Float
from torch import Tensor

_ROUNDED = 0.01
"""Magnitudes are rounded within this of zero, so that a line search can step across."""
_STEEP = 1e3
"""Slope of the wall at the bound of the truncated normal."""


@dataclasses.dataclass(frozen=True)
class EllipsoidPrior:
    """What is believed of an upright ellipsoid before its points are compared, each a density of its own."""

    center: Float[Tensor, "3"]
    """Mean of the Laplace prior of the centre [m]."""
    axes: Float[Tensor, "3"]
    """Means of the semi-axes' priors, across the line of sight, along it, and up [m]."""
    center_scale: float
    """Scale of the Laplace prior [m]."""
    axis_scale: float
    """Deviation of the normal priors of the axes across and up, truncated to [0, 1.5 mean] [m]."""
    sight_scale: float
    """Deviation of the log-normal prior of the axis along the line of sight [m]."""

    def negative_log(self, center: Float[Tensor, "3"], axes: Float[Tensor, "3"]) -> Float[Tensor, ""]:
        """Return the negative logarithm of the prior density, up to a constant; differentiable.

        With mean m and deviation s, the log-normal density has sigma^2 = log(1 + s^2 / m^2) and
        mu = log m - sigma^2 / 2.
        """
        far = smooth_magnitude((center - self.center) / self.center_scale).sum()
        across, means = axes[[0, 2]], self.axes[[0, 2]]
        normal = 0.5 * ((across - means) / self.axis_scale).square().sum()
        beyond = (across / means - 1.5).clamp_min(0).mul(_STEEP).square().sum()
        variance = math.log1p((self.sight_scale / float(self.axes[1])) ** 2)
        logarithm = axes[1].log()
        sight = logarithm + (logarithm - self.axes[1].log() + variance / 2).square() / (2 * variance)
        return far + normal + beyond + sight


def residuals(
    points: Float[Tensor, "points 3"], center: Float[Tensor, "3"], axes: Float[Tensor, "3"]
) -> Float[Tensor, "points"]:
    """Return sum_j ((x_j - c_j) / a_j)^2 - 1 of every point [1]: zero on the surface, Laplace with scale 1."""
    return ((points - center) / axes).square().sum(-1) - 1


def smooth_magnitude(values: Float[Tensor, "values"]) -> Float[Tensor, "values"]:
    """Return the magnitude, rounded within 0.01 of zero."""
    return (values.square() + _ROUNDED**2).sqrt()
