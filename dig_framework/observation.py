"""What the robot sees: one RGBD image with boxes."""

from __future__ import annotations

import dataclasses
from functools import cached_property

from jaxtyping import Bool, Float
from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.tensor_record import TensorRecord


@dataclasses.dataclass(frozen=True)
class Box:
    """A box prompt: half-open pixel ranges, so that a whole image is (0, 0, width, height)."""

    label: str
    """Name of what is inside."""
    xyxy: tuple[float, float, float, float]
    """Left, top, right, bottom [px]."""


@dataclasses.dataclass(frozen=True, eq=False)
class Observation(TensorRecord):
    """One registered RGBD image. Colour is linear: image files are decoded from sRGB once, when they are read."""

    color: Float[Tensor, "height width 3"]
    """Linear RGB in [0, 1]."""
    depth: Float[Tensor, "height width"]
    """Distance along the optical axis [m]; zero where the sensor gave nothing."""
    camera: Camera
    """Of both, they are registered."""
    boxes: tuple[Box, ...] = ()
    """What to reconstruct."""
    masks: Bool[Tensor, "boxes height width"] | None = None
    """Given masks, one a box, if the input has them."""

    @cached_property
    def points(self) -> Float[Tensor, "height width 3"]:
        """What each pixel shows, in the scene's frame [m]; the camera's centre where there is no depth."""
        return self.camera.unproject(self.depth)
