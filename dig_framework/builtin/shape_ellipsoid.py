"""The robust ellipsoid of the published method."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar, final

import numpy as np
import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from dig_framework.completion.sight import Sight, sight
from dig_framework.evidence import Evidence, Hypothesis
from dig_framework.icosphere import icosphere
from dig_framework.interfaces.shape import Shape
from dig_framework.mesh import Mesh
from dig_framework.pose import Pose
from dig_framework.primitives.ellipsoid_posterior import EllipsoidPrior, residuals, smooth_magnitude
from dig_framework.primitives.half_ellipsoid import whole_from_half


@final
class Ellipsoid(Shape):
    """Fit an upright ellipsoid to the visible points by maximum a posteriori (arXiv 2602.05029, Eq. 11).

    Unknown are the centre c and the semi-axes a along the directions across the line of sight, along it, and up. The
    residuals sum_j ((x_j - c_j) / a_j)^2 - 1 are Laplace distributed with scale 1. The priors are
    c ~ Laplace(start, centre_scale), a ~ TruncatedNormal(start, axis_scale, 0, 1.5 start) across and up, and
    a ~ LogNormal with mean start and standard deviation sight_scale along the line of sight, half of which is never
    seen. Every point counts, so many points outweigh the priors.

    The published start, c = mean and a = 2 standard deviations (the line of sight: 1), lies before the true centre,
    because only the near half is seen. With `unseen_half`, the start is that of the ellipsoid whose visible half, seen
    by uniform pixels, has the points' mean and variances; with `standing`, its foot is then lowered to the table.
    """

    parametric: ClassVar[bool] = True

    unseen_half: bool = Field(default=True, description="Whether the start accounts for the half that is not seen")
    standing: bool = Field(
        default=True, description="Whether the ellipsoid reaches down to the table, with `unseen_half`"
    )
    centre_scale: float = Field(
        default=5e-3, gt=0, description="Scale of the centre's Laplace prior; published: 1e-4 [m]"
    )
    axis_scale: float = Field(
        default=5e-3, gt=0, description="Deviation of the semi-axes' priors across and up; published: 1e-4 [m]"
    )
    sight_scale: float = Field(
        default=5e-3, gt=0, description="Deviation of the prior along the line of sight; published: 3.2e-4 [m]"
    )
    cleaned: bool = Field(
        default=True, description="Whether points are smoothed and outliers dropped before; published: no"
    )
    trim: float = Field(
        default=3.5, gt=1, description="Points further from the median are outliers, if cleaned [standard deviations]"
    )
    steps: int = Field(default=150, ge=0, description="Largest number of L-BFGS steps")
    points: int = Field(default=2000, ge=100, description="Points that are used at most; published: all [count]")
    subdivisions: int = Field(default=3, ge=1, le=6, description="The mesh has 20 * 4^subdivisions triangles")

    def initialize(self, evidence: Evidence, seed: int) -> tuple[Hypothesis, ...]:
        """Return the most probable ellipsoid.

        Raises:
            InputError: If there are too few points.
        """
        seen = sight(evidence, 1, 4)
        points = self._points(evidence, seen, seed)
        centre, axes = self._start(points, seen)
        centre, axes = self._most_probable(torch.as_tensor(points), centre, axes)
        like = evidence.observation.depth
        frame = seen.frame.shifted(centre.numpy())
        pose = Pose.from_matrix(torch.as_tensor(frame.scene_from_upright)).to(dtype=like.dtype)
        return (Hypothesis({"axes": axes.to(like)}, pose, uncertainty=seen.sigma),)

    def mesh(self, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the ellipsoid with semi-axes `axes` [m], its vertices on the surface; differentiable."""
        axes = parameters["axes"]
        sphere = icosphere(self.subdivisions, axes.dtype).to(axes.device)
        return sphere.replace(vertices=sphere.vertices * axes)

    def _points(self, evidence: Evidence, seen: Sight, seed: int) -> np.ndarray:
        """Return the points that are compared, in the upright frame [m]."""
        if self.cleaned:
            return _core(seen.surface.points, self.trim, self.points, seed)
        return _core(seen.frame.from_scene(evidence.points.detach().cpu().double().numpy()), None, self.points, seed)

    def _start(self, points: np.ndarray, seen: Sight) -> tuple[Float[Tensor, "3"], Float[Tensor, "3"]]:
        """Return the means of the priors of centre and semi-axes [m]."""
        mean, deviation = points.mean(0), points.std(0).clip(min=seen.sigma)
        if not self.unseen_half:
            return torch.as_tensor(mean), torch.as_tensor(deviation * [2.0, 1.0, 2.0])
        camera = seen.frame.from_scene(np.zeros((1, 3)))[0]
        centre, axes = whole_from_half(mean, deviation, camera)
        floor = seen.frame.floor
        if self.standing and np.isfinite(floor):
            top = max(centre[2] + axes[2], floor + 2 * seen.sigma)
            centre[2], axes[2] = (top + floor) / 2, (top - floor) / 2
        return torch.as_tensor(centre), torch.as_tensor(axes)

    def _most_probable(
        self, points: Float[Tensor, "points 3"], centre: Float[Tensor, "3"], axes: Float[Tensor, "3"]
    ) -> tuple[Float[Tensor, "3"], Float[Tensor, "3"]]:
        """Minimise the negative log posterior over offsets and log ratios, which keep the axes positive."""
        if not self.steps:
            return centre, axes
        prior = EllipsoidPrior(centre, axes, self.centre_scale, self.axis_scale, self.sight_scale)
        unknown = torch.zeros(6, dtype=points.dtype)
        if not self.unseen_half:
            unknown[4] = math.log(2.0)  # The published search starts from two deviations in depth, too.
        unknown.requires_grad_()
        optimizer = torch.optim.LBFGS(
            [unknown], max_iter=self.steps, tolerance_grad=1e-6, line_search_fn="strong_wolfe"
        )

        def closure() -> Tensor:
            optimizer.zero_grad()
            shifted, stretched = centre + axes * unknown[:3], axes * unknown[3:].exp()
            data = smooth_magnitude(residuals(points, shifted, stretched)).sum()
            loss = (data + prior.negative_log(shifted, stretched)) / len(points)
            loss.backward()
            return loss

        optimizer.step(closure)
        best = unknown.detach()
        return centre + axes * best[:3], axes * best[3:].exp()


def _core(points: np.ndarray, trim: float | None, count: int, seed: int) -> np.ndarray:
    """Return at most `count` of the points, without those beyond `trim` standard deviations of their median."""
    if len(points) > count:
        points = points[np.random.default_rng(seed).choice(len(points), count, replace=False)]
    for _ in range(0 if trim is None else 5):
        distance = np.abs(points - np.median(points, 0)) / points.std(0).clip(min=1e-6)
        points = points[(distance < trim).all(1)]
    return points
