"""The alpha shape of what is seen and its shadow on the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, final

import numpy as np
from pydantic import Field
from torch import Tensor

from dig_framework.completion.extraction import closed_mesh
from dig_framework.completion.placement import free_mesh
from dig_framework.completion.sight import sight
from dig_framework.completion.solid import Grid
from dig_framework.completion.symmetry import thinned
from dig_framework.evidence import Evidence, Hypothesis
from dig_framework.interfaces.shape import Shape
from dig_framework.mesh import Mesh
from dig_framework.primitives.alpha_solid import alpha_occupancy


@final
class AlphaShape(Shape):
    """Fill the alpha shape of the visible points and of their shadows on the table.

    A hull that follows hollows wider than the ball of radius `alpha`. Like the hull it lacks the hidden side.
    """

    parametric: ClassVar[bool] = True
    extent_error: ClassVar[float] = 0.45

    alpha: float = Field(
        default=0.5, gt=0, description="Radius of the ball that does not fit in [longest side of the points' bounds]"
    )
    erosion: int = Field(default=1, ge=0, description="Border pixels of the mask whose depth is not used [px]")
    reach: int = Field(default=4, ge=1, description="Half the size of the depth smoothing neighbourhood [px]")
    spacing: float = Field(default=0.003, gt=0, description="Points are thinned to this distance [m]")
    resolution: int = Field(default=56, ge=16, description="Grid samples along the longest side")
    triangles: int = Field(default=4000, ge=200, description="Approximate number of triangles")

    def initialize(self, evidence: Evidence, seed: int) -> tuple[Hypothesis, ...]:
        """Return the alpha shape; the seed changes nothing.

        Raises:
            InputError: If there are too few points, or all lie in one plane.
        """
        seen = sight(evidence, self.erosion, self.reach)
        points, floor = thinned(seen.surface.points, self.spacing), seen.frame.floor
        if np.isfinite(floor):
            points = np.concatenate([points, points * [1, 1, 0] + [0, 0, floor]])
        vertices, faces = closed_mesh(_field(points, self.alpha, self.resolution), self.triangles)
        vertices[:, 2] = np.maximum(vertices[:, 2], floor)
        return (free_mesh(vertices, faces, seen.frame, seen.sigma, evidence.observation.depth),)

    def mesh(self, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the mesh of `vertices` [m] and `faces`."""
        return Mesh(parameters["vertices"], parameters["faces"])


def _field(points: np.ndarray, alpha: float, resolution: int) -> Grid:
    """Return the signed distance to the border of the alpha shape in samples, on a grid with a margin."""
    from scipy import ndimage

    low, high = points.min(0), points.max(0)
    longest = float((high - low).max())
    step = longest / resolution
    axes = [np.arange(a - 3 * step, b + 3.5 * step, step) for a, b in zip(low, high, strict=True)]
    samples = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
    # A grain of noise, always the same, keeps regular points from making flat tetrahedra.
    grain = np.random.default_rng(0).normal(scale=1e-3 * step, size=points.shape)
    inside = alpha_occupancy(points + grain, alpha * longest, samples.reshape(-1, 3)).reshape(samples.shape[:3])
    distance = np.asarray(ndimage.distance_transform_edt(inside)) - np.asarray(ndimage.distance_transform_edt(~inside))
    smooth = np.asarray(ndimage.gaussian_filter(distance, 0.7))
    return Grid(smooth.astype(np.float32), low - 3 * step, step)
