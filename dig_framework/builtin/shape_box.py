"""Boxes around what is seen."""

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
from dig_framework.evidence import Evidence, Hypothesis
from dig_framework.interfaces.shape import Shape
from dig_framework.mesh import Mesh
from dig_framework.primitives.box import box
from dig_framework.primitives.rectangle import smallest_rectangle


@final
class Box(Shape):
    """Put a box around the visible points: upright down to the table, or along their principal directions.

    Upright, its footprint is the smallest rectangle around the points' shadows, and it reaches from the table to the
    highest point. Along the principal directions it is what everybody tries first.
    """

    parametric: ClassVar[bool] = True
    respects_evidence: ClassVar[bool] = False
    volume_error: ClassVar[float] = 0.8
    extent_error: ClassVar[float] = 0.5
    surface_error: ClassVar[float] = 0.024

    upright: bool = Field(default=True, description="Whether the box stands on the table; else principal directions")
    erosion: int = Field(default=1, ge=0, description="Border pixels of the mask whose depth is not used [px]")
    reach: int = Field(default=4, ge=1, description="Half the size of the depth smoothing neighbourhood [px]")

    def initialize(self, evidence: Evidence, seed: int) -> tuple[Hypothesis, ...]:
        """Return the box; the seed changes nothing.

        Raises:
            InputError: If there are too few points, or they lie above one line.
        """
        seen = sight(evidence, self.erosion, self.reach)
        points = seen.surface.points
        frame, half = _upright(points, seen.frame) if self.upright else _principal(points, seen.frame)
        like = evidence.observation.depth
        # A flat box would have no inside.
        half = torch.as_tensor(half.clip(min=seen.sigma)).to(like)
        return (Hypothesis({"half": half}, placed(frame, like), uncertainty=seen.sigma),)

    def mesh(self, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the box with half side lengths `half` [m]; differentiable."""
        return box(parameters["half"])


def _upright(points: np.ndarray, frame: UprightFrame) -> tuple[UprightFrame, np.ndarray]:
    """Return the frame at the middle of the box, and its half side lengths."""
    rectangle = smallest_rectangle(points[:, :2])
    top = points[:, 2].max()
    floor = frame.floor if np.isfinite(frame.floor) else points[:, 2].min()
    middle = np.array([*rectangle.centre, (top + floor) / 2])
    return frame.shifted(middle).turned(rectangle.yaw), np.array([*rectangle.half, (top - floor) / 2])


def _principal(points: np.ndarray, frame: UprightFrame) -> tuple[UprightFrame, np.ndarray]:
    """Return the same along the principal directions of the points."""
    mean = points.mean(0)
    _, _, directions = np.linalg.svd(points - mean, full_matrices=False)
    directions[2] = np.cross(directions[0], directions[1])
    local = (points - mean) @ directions.T
    low, high = local.min(0), local.max(0)
    turn = np.eye(4)
    turn[:3, :3] = directions.T
    turn[:3, 3] = mean + (low + high) / 2 @ directions
    return UprightFrame(frame.scene_from_upright @ turn, frame.floor), (high - low) / 2
