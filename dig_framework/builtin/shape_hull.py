"""The baseline that every completion must beat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, final

import numpy as np
from pydantic import Field
from torch import Tensor

from dig_framework.completion.free_space import contradictions, free_space
from dig_framework.completion.placement import free_mesh
from dig_framework.completion.sight import sight
from dig_framework.completion.symmetry import POSSIBLE
from dig_framework.evidence import Evidence, Hypothesis
from dig_framework.interfaces.shape import Shape
from dig_framework.mesh import Mesh
from dig_framework.primitives.hull import convex_hull


@final
class DroppedHull(Shape):
    """Take the convex hull of the visible points and of their shadows straight below them on the table.

    Without a table, or without `dropped`, it is the hull of the visible points alone. The hidden side is missing: an
    egg of which the near half is seen comes out little more than half as deep as it is. With `mirrored` it is guessed
    by the mirror image of what is seen, in the upright plane across the line of sight where the object is widest;
    copies that lie where the image shows free space are left out.
    """

    parametric: ClassVar[bool] = True
    extent_error: ClassVar[float] = 0.45

    erosion: int = Field(default=1, ge=0, description="Border pixels of the mask whose depth is not used [px]")
    reach: int = Field(default=4, ge=1, description="Half the size of the depth smoothing neighbourhood [px]")

    dropped: bool = Field(default=True, description="Whether shadows on the table belong to the hull")
    mirrored: bool = Field(
        default=False, description="Whether points are mirrored at the upright plane across the line of sight"
    )

    def initialize(self, evidence: Evidence, seed: int) -> tuple[Hypothesis, ...]:
        """Return the hull; the seed changes nothing.

        Raises:
            InputError: If there are too few points, or all lie in one plane.
        """
        seen = sight(evidence, self.erosion, self.reach)
        points, floor = seen.surface.points, seen.frame.floor
        if self.mirrored:
            copies = _mirrored(points)
            space = free_space(seen.view, seen.surface, seen.frame, POSSIBLE)
            points = np.concatenate([points, copies[contradictions(space, copies) <= POSSIBLE]])
        if self.dropped and np.isfinite(floor):
            points = np.concatenate([points, points * [1, 1, 0] + [0, 0, floor]])
        vertices, faces = convex_hull(points)
        return (free_mesh(vertices, faces, seen.frame, seen.sigma, evidence.observation.depth),)

    def mesh(self, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the mesh of `vertices` [m] and `faces`."""
        return Mesh(parameters["vertices"], parameters["faces"])


def _mirrored(points: np.ndarray) -> np.ndarray:
    """Return the image of points in the upright plane across the line of sight through the outermost of them.

    Where a convex object that is its own mirror image is widest, its left and right end lie in that plane.
    """
    left, right = np.quantile(points[:, 0], [0.03, 0.97])
    ends = points[(points[:, 0] <= left) | (points[:, 0] >= right)]
    # The y axis of the upright frame is horizontal and away from the camera.
    return np.stack([points[:, 0], 2 * ends[:, 1].mean() - points[:, 1], points[:, 2]], 1)
