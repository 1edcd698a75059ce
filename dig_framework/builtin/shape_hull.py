"""The baseline that every completion must beat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, final

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from dig_framework.errors import InputError
from dig_framework.evidence import Evidence, Hypothesis
from dig_framework.interfaces.shape import Shape
from dig_framework.mesh import Mesh
from dig_framework.pose import Pose


@final
class DroppedHull(Shape):
    """Take the convex hull of the visible points and of their shadows straight below them on the table.

    Without a table it is the hull of the visible points alone. The hidden side is missing: an egg of which the near
    half is seen comes out little more than half as deep as it is.
    """

    parametric: ClassVar[bool] = True
    extent_error: ClassVar[float] = 0.45

    erosion: int = Field(default=1, ge=0, description="Border pixels of the mask whose depth is not used [px]")
    reach: int = Field(default=4, ge=1, description="Half the size of the depth smoothing neighbourhood [px]")

    def initialize(self, evidence: Evidence, seed: int) -> tuple[Hypothesis, ...]:
        """Return the hull; the seed changes nothing.

        Raises:
            InputError: If there are too few points, or all lie in one plane.
        """
        from dig_framework.completion.sight import sight

        seen = sight(evidence, self.erosion, self.reach)
        points = seen.surface.points
        if np.isfinite(seen.frame.floor):
            points = np.concatenate([points, points * [1, 1, 0] + [0, 0, seen.frame.floor]])
        vertices, faces = _hull(points)
        centre = (vertices.min(0) + vertices.max(0)) / 2
        like = evidence.observation.depth
        parameters = {"vertices": torch.as_tensor(vertices - centre).to(like), "faces": torch.as_tensor(faces)}
        pose = Pose.from_matrix(torch.as_tensor(seen.frame.shifted(centre).scene_from_upright)).to(dtype=like.dtype)
        return (Hypothesis(parameters, pose, uncertainty=seen.sigma),)

    def mesh(self, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the mesh of `vertices` [m] and `faces`."""
        return Mesh(parameters["vertices"], parameters["faces"])


def _hull(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the vertices and outward faces of a convex hull."""
    from scipy.spatial import ConvexHull, QhullError

    try:
        hull = ConvexHull(points)
    except QhullError as error:
        raise InputError("the object's points lie in one plane and there is no table to drop them on") from error
    number = np.full(len(points), -1)
    number[hull.vertices] = np.arange(len(hull.vertices))
    a, b, c = points[hull.simplices].transpose(1, 0, 2)
    inward = (np.cross(b - a, c - a) * hull.equations[:, :3]).sum(1) < 0
    simplices = np.where(inward[:, None], hull.simplices[:, ::-1], hull.simplices)
    return points[hull.vertices], number[simplices].astype(np.int64)
