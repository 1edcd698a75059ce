"""Completion of the unseen side by symmetry, support and free space, without learned priors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from dig_framework.evidence import Evidence, Hypothesis
from dig_framework.interfaces.shape import Shape
from dig_framework.mesh import Mesh

Array = NDArray[np.floating]


@final
class SymmetricCompletion(Shape):
    """Complete an object as a prism, or by mirror planes or an axis of revolution down to the table, and carve.

    The visible surface is smoothed and cleaned. If a box, a cylinder or a prism between both explains it, that is
    taken, and an end that an occluder hides is put at the median of where it may be. Otherwise upright mirror planes
    and axes are scored by where the copies of visible points land: on the visible surface, behind it, behind an
    occluder, or where the image shows free space. The convex hull of all points, carved by silhouette, visible depth
    and table, is meshed. Several good mirror planes are averaged as signed distances. Mirror symmetry as a cue for the
    hidden side: Thrun and Wegbreit, ICCV 2005.
    """

    concurrent: ClassVar[bool] = True
    parametric: ClassVar[bool] = True

    erosion: int = Field(default=1, ge=0, description="Border pixels of the mask whose depth is not used [px]")
    reach: int = Field(default=4, ge=1, description="Half the size of the depth smoothing neighbourhood [px]")
    planes: int = Field(default=4, ge=1, description="Mirror planes that are averaged")
    temperature: float = Field(
        default=0.05, gt=0, description="Score difference that makes a mirror plane e times less likely"
    )
    least_score: float = Field(default=0.15, description="Mirror planes that score less are not used")
    least_cross_score: float = Field(default=0.12, description="The same for the plane across the first one")
    tolerance: float = Field(
        default=0.003, gt=0, description="Distance within which noise explains a contradiction [m]"
    )
    behind_credit: float = Field(default=0.4, ge=0, description="Credit of a mirrored point behind the visible surface")
    hidden_credit: float = Field(default=0.1, ge=0, description="Credit of a mirrored point behind an occluder")
    violation_cost: float = Field(default=2.0, ge=0, description="Cost of a mirrored point 10 mm in the way")
    mirror_violation: float = Field(default=0.08, ge=0, description="Largest violation of a mirror plane, 1 for 10 mm")
    turn_violation: float = Field(default=0.02, ge=0, description="Largest violation of an object of revolution")
    turn_overlap: float = Field(default=0.3, ge=0, le=1, description="Least overlap of an object of revolution")
    turned_over: float = Field(
        default=0.08, ge=0, description="Largest violation at which the object is its own upside-down"
    )
    carried: float = Field(
        default=0.25, ge=0, le=1, description="Share of the footprint that low points must cover to stand"
    )
    prisms: bool = Field(default=True, description="Whether boxes and cylinders are tried before symmetries")
    prism_tolerance: float = Field(
        default=0.002, gt=0, description="Distance from a prism at which a visible point counts half [m]"
    )
    prism_explained: float = Field(
        default=0.88, ge=0, le=1, description="Least share of visible points within two tolerances of a prism"
    )
    prism_violation: float = Field(default=0.011, ge=0, description="Largest violation of a prism")
    resolution: int = Field(default=56, ge=16, description="Grid samples along the object's longest side")
    smoothing: float = Field(default=0.7, ge=0, description="Standard deviation of the field's smoothing [samples]")
    triangles: int = Field(default=4000, ge=200, description="Approximate number of triangles")

    def initialize(self, evidence: Evidence, seed: int) -> tuple[Hypothesis, ...]:
        """Return one hypothesis, the mean of the good explanations.

        Raises:
            InputError: If the mask or the depth in it leaves fewer than 30 trusted points.
        """
        from dig_framework.completion.complete import complete
        from dig_framework.completion.placement import free_mesh

        result = complete(evidence, self, seed)
        like = evidence.observation.depth
        return (free_mesh(result.vertices, result.faces, result.frame, result.uncertainty, like),)

    def mesh(self, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the mesh of `vertices` [m] and `faces`."""
        return Mesh(parameters["vertices"], parameters["faces"])
