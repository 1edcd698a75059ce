"""The support plane."""

from __future__ import annotations

import dataclasses

from jaxtyping import Float
from torch import Tensor

from dig_framework.material import Material
from dig_framework.tensor_record import TensorRecord


@dataclasses.dataclass(frozen=True, eq=False)
class Plane(TensorRecord):
    """The plane that objects stand on; a point x has height `normal . x + offset` above it."""

    normal: Float[Tensor, "3"]
    """Unit normal in the scene's frame, away from the table, so that the camera has a positive height."""
    offset: Float[Tensor, ""]
    """Height of the scene's origin above the plane [m]."""
    material: Material | None = None
    """How it reflects light; None leaves it out of colour images."""

    def height(self, points: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"]:
        """Return signed heights above the plane [m]; differentiable."""
        return points @ self.normal.to(points) + self.offset.to(points)
