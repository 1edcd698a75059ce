"""A wrapper that makes another shape thicker."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field
from torch import Tensor

from dig_framework.builtin.shape_completion import SymmetricCompletion
from dig_framework.evidence import Evidence, Hypothesis
from dig_framework.interfaces import Shape
from dig_framework.mesh import Mesh


class ExampleShape(Shape):
    """Lets another component find the shape, and then moves its surface along the normals."""

    inner: Shape = Field(
        default_factory=lambda: SymmetricCompletion.model_validate({}), description="The shape that is changed"
    )
    margin: float = Field(default=0.0, description="How far the surface moves outward [m]")

    def initialize(self, evidence: Evidence, seed: int) -> tuple[Hypothesis, ...]:
        """Return the hypotheses of the inner shape."""
        return self.inner.initialize(evidence, seed)

    def mesh(self, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the mesh of the inner shape, its vertices moved by the margin."""
        mesh = self.inner.mesh(parameters)
        return mesh.replace(vertices=mesh.vertices + self.margin * mesh.vertex_normals())
