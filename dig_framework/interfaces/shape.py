"""From the evidence of one view to a closed surface."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor

from dig_framework.component import Component
from dig_framework.evidence import Evidence, Hypothesis
from dig_framework.mesh import Mesh


class Shape(Component):
    """A family of closed shapes and how to find members in an image."""

    slot: ClassVar[str] = "shape"
    parametric: ClassVar[bool] = False
    """Whether `mesh` is differentiable in its floating-point parameters."""
    respects_evidence: ClassVar[bool] = True
    """Whether nothing of it lies in front of measured depth or below the table; simple baselines do not promise it."""
    volume_error: ClassVar[float] = 0.4
    """Largest relative error of the volume of a convex solid of which one camera sees half."""
    extent_error: ClassVar[float] = 0.25
    """Largest relative error of its size along each of its axes."""
    concurrent: ClassVar[bool] = False
    """Whether `initialize` may be called from several threads at once."""
    surface_error: ClassVar[float] = 0.012
    """Largest mean distance between the vertices and its surface [m]."""

    @abstractmethod
    def initialize(self, evidence: Evidence, seed: int) -> tuple[Hypothesis, ...]:
        """Return explanations of the evidence, most believed first, weights summing to one.

        Args:
            evidence: What the image says about one object.
            seed: Of everything random in it; another one for each object.

        Raises:
            InputError: If the evidence does not determine a shape; says why.
        """

    @abstractmethod
    def mesh(self, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the closed mesh, normals outward, of a hypothesis' parameters in the object's own frame [m]."""
