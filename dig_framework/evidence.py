"""Everything one image says about one object's shape."""

from __future__ import annotations

import dataclasses
from functools import cached_property

from jaxtyping import Bool, Float
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from dig_framework.observation import Observation
from dig_framework.plane import Plane
from dig_framework.pose import Pose
from dig_framework.tensor_record import TensorRecord


class SensorNoise(BaseModel):
    """Axial noise of a depth camera: sigma(z) = floor + quadratic (z - near)^2 (Nguyen et al., 3DIMPVT 2012)."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    floor: float = Field(default=0.0012, gt=0, description="Standard deviation at the near distance [m]")
    quadratic: float = Field(default=0.0019, ge=0, description="Growth with squared distance [1/m]")
    near: float = Field(default=0.4, ge=0, description="Distance of least noise [m]")

    def sigma(self, depth: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch"]:
        """Return the standard deviation [m] at each depth [m]."""
        return self.floor + self.quadratic * (depth - self.near).square()


@dataclasses.dataclass(frozen=True, eq=False)
class Evidence(TensorRecord):
    """What a shape backend is given: the image, which pixels are the object, which may hide it, and the table."""

    observation: Observation
    mask: Bool[Tensor, "height width"]
    """Pixels that show the object."""
    occluder: Bool[Tensor, "height width"]
    """Pixels that show something nearer, behind which the object may go on. All other pixels are free space up to
    their measured depth."""
    plane: Plane | None
    """What the object stands on, if known."""
    noise: SensorNoise
    """Of the depth camera."""
    index: int | None = None
    """Place of the object's box in the observation, if it has one."""

    @cached_property
    def points(self) -> Float[Tensor, "points 3"]:
        """Measured points of the object, in the scene's frame [m]."""
        seen = self.mask & (self.observation.depth > 0)
        return self.observation.points[seen]


@dataclasses.dataclass(frozen=True, eq=False)
class Hypothesis(TensorRecord):
    """One explanation of the evidence: parameters of a shape, where it is, and how much it is believed."""

    parameters: dict[str, Tensor]
    """What `Shape.mesh` takes."""
    pose: Pose
    """Of the object's frame in the scene's frame."""
    weight: float = 1.0
    """Posterior weight; the hypotheses of one object sum to one."""
    uncertainty: float | None = None
    """Standard deviation of the surface [m], where it is known."""
