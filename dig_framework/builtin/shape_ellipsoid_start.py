"""Ellipsoids from the first two moments of what is seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, final

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from dig_framework.completion.frame import UprightFrame
from dig_framework.completion.placement import placed
from dig_framework.completion.sight import Sight, sight
from dig_framework.evidence import Evidence, Hypothesis
from dig_framework.icosphere import icosphere
from dig_framework.interfaces.shape import Shape
from dig_framework.mesh import Mesh
from dig_framework.primitives.half_ellipsoid import whole_from_half
from dig_framework.primitives.rectangle import smallest_rectangle


@final
class EllipsoidStart(Shape):
    """Take an ellipsoid by a formula, without optimisation.

    * `moments`: the published start (arXiv 2602.05029): centre at the mean of the visible points, semi-axes of two
      standard deviations. Of a sphere it lies 2/3 of a radius before the true centre, and is too flat in depth by
      the factor 2 / sqrt(18) = 0.47, because only the near half is seen.
    * `half`: the ellipsoid whose visible half has these moments, see `dig_framework.primitives.half_ellipsoid`.
    * `upright`: the largest upright ellipsoid in the smallest upright box around the points, down to the table.
    * `sphere`: the sphere around the middle of their bounds, whose diameter is the largest side of these.

    What would be below the table is pressed flat onto it, if `clipped`.
    """

    parametric: ClassVar[bool] = True
    respects_evidence: ClassVar[bool] = False
    volume_error: ClassVar[float] = 0.8
    extent_error: ClassVar[float] = 0.5
    surface_error: ClassVar[float] = 0.024

    form: Literal["moments", "half", "upright", "sphere"] = Field(default="moments", description="Which formula")
    clipped: bool = Field(default=False, description="Whether the part below the table is pressed flat onto it")
    erosion: int = Field(default=1, ge=0, description="Border pixels of the mask whose depth is not used [px]")
    reach: int = Field(default=4, ge=1, description="Half the size of the depth smoothing neighbourhood [px]")
    subdivisions: int = Field(default=3, ge=1, le=6, description="The mesh has 20 * 4^subdivisions triangles")

    def initialize(self, evidence: Evidence, seed: int) -> tuple[Hypothesis, ...]:
        """Return the ellipsoid; the seed changes nothing.

        Raises:
            InputError: If there are too few points, or they lie above one line.
        """
        seen = sight(evidence, self.erosion, self.reach)
        frame, axes = _FORMS[self.form](seen)
        like = evidence.observation.depth
        # Without a table nothing is clipped: the lowest point is at minus one semi-axis.
        lowest = frame.floor if self.clipped and np.isfinite(frame.floor) else -2 * axes[2]
        lowest = min(lowest, axes[2] - 2 * seen.sigma)
        parameters = {"axes": torch.as_tensor(axes).to(like), "lowest": torch.as_tensor(lowest).to(like)}
        return (Hypothesis(parameters, placed(frame, like), uncertainty=seen.sigma),)

    def mesh(self, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the ellipsoid with semi-axes `axes` [m], pressed flat below the height `lowest` [m]."""
        axes, lowest = parameters["axes"], parameters["lowest"]
        sphere = icosphere(self.subdivisions, axes.dtype).to(axes.device)
        vertices = sphere.vertices * axes
        heights = torch.maximum(vertices[:, 2], lowest)
        return sphere.replace(vertices=torch.cat([vertices[:, :2], heights[:, None]], 1))


_Ellipsoid = tuple[UprightFrame, np.ndarray]


def _moments(seen: Sight) -> _Ellipsoid:
    points = seen.surface.points
    return seen.frame.shifted(points.mean(0)), 2 * points.std(0).clip(min=seen.sigma)


def _half(seen: Sight) -> _Ellipsoid:
    points = seen.surface.points
    camera = seen.frame.from_scene(np.zeros((1, 3)))[0]
    centre, axes = whole_from_half(points.mean(0), points.std(0).clip(min=seen.sigma), camera)
    return seen.frame.shifted(centre), axes


def _upright(seen: Sight) -> _Ellipsoid:
    points, floor = seen.surface.points, seen.frame.floor
    rectangle = smallest_rectangle(points[:, :2])
    top = points[:, 2].max()
    floor = floor if np.isfinite(floor) else points[:, 2].min()
    middle = np.array([*rectangle.centre, (top + floor) / 2])
    half = np.array([*rectangle.half, (top - floor) / 2]).clip(min=seen.sigma)
    return seen.frame.shifted(middle).turned(rectangle.yaw), half


def _sphere(seen: Sight) -> _Ellipsoid:
    low, high = seen.surface.points.min(0), seen.surface.points.max(0)
    return seen.frame.shifted((low + high) / 2), np.full(3, (high - low).max() / 2)


_FORMS = {"moments": _moments, "half": _half, "upright": _upright, "sphere": _sphere}
