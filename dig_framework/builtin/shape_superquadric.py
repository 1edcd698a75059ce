"""Superquadrics fitted to what is seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, final

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from dig_framework.completion.frame import UprightFrame
from dig_framework.completion.placement import placed
from dig_framework.completion.sight import sight
from dig_framework.completion.symmetry import sample
from dig_framework.evidence import Evidence, Hypothesis
from dig_framework.interfaces.shape import Shape
from dig_framework.mesh import Mesh
from dig_framework.primitives.superquadric import SuperquadricFit, superquadric
from dig_framework.primitives.superquadric_fit import fit_superquadric


@final
class Superquadric(Shape):
    """Fit a superquadric to the visible points by expectation and maximisation (Liu et al., CVPR 2022).

    Points are explained by a surface with noise or by outliers; nothing says that half of the object is hidden, so of a
    ball seen from one side a cap may come out. With `dropped`, the shadows of the points on the table belong to it.
    """

    parametric: ClassVar[bool] = True
    respects_evidence: ClassVar[bool] = False
    volume_error: ClassVar[float] = 0.8
    extent_error: ClassVar[float] = 0.5
    surface_error: ClassVar[float] = 0.024

    dropped: bool = Field(default=False, description="Whether shadows on the table belong to the points")
    outliers: float = Field(default=0.1, gt=0, lt=1, description="Prior probability of an outlier")
    rounds: int = Field(default=15, ge=1, description="Largest number of rounds of expectation and maximisation")
    points: int = Field(default=400, ge=100, description="Points that are used at most")
    erosion: int = Field(default=1, ge=0, description="Border pixels of the mask whose depth is not used [px]")
    reach: int = Field(default=4, ge=1, description="Half the size of the depth smoothing neighbourhood [px]")
    subdivisions: int = Field(default=4, ge=1, le=6, description="The mesh has 20 * 4^subdivisions triangles")

    def initialize(self, evidence: Evidence, seed: int) -> tuple[Hypothesis, ...]:
        """Return the superquadric; the seed chooses points.

        Raises:
            InputError: If there are too few points.
        """
        seen = sight(evidence, self.erosion, self.reach)
        points, floor = sample(seen.surface.points, self.points, seed), seen.frame.floor
        if self.dropped and np.isfinite(floor):
            points = np.concatenate([points, points * [1, 1, 0] + [0, 0, floor]])
        fit = fit_superquadric(points, self.outliers, self.rounds)
        like = evidence.observation.depth
        parameters = {"axes": torch.as_tensor(fit.axes).to(like), "exponents": torch.as_tensor(fit.exponents).to(like)}
        return (Hypothesis(parameters, placed(_own_frame(seen.frame, fit), like), uncertainty=seen.sigma),)

    def mesh(self, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the superquadric with semi-axes `axes` [m] and `exponents`; differentiable."""
        return superquadric(parameters["axes"], parameters["exponents"], self.subdivisions)


def _own_frame(frame: UprightFrame, fit: SuperquadricFit) -> UprightFrame:
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = fit.rotation, fit.centre
    return UprightFrame(frame.scene_from_upright @ pose, frame.floor)
