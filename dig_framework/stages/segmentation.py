"""What the segment stage finds out."""

from __future__ import annotations

import dataclasses

from jaxtyping import Bool
from torch import Tensor

from dig_framework.plane import Plane
from dig_framework.scene import Failure
from dig_framework.tensor_record import TensorRecord


@dataclasses.dataclass(frozen=True, eq=False)
class Segmentation(TensorRecord):
    """Masks of all boxes and the support plane."""

    masks: Bool[Tensor, "boxes height width"]
    """Visible pixels of each box's object; disjoint; all false for a failed box."""
    plane: Plane | None
    """What the objects stand on, or None if no plane is in view."""
    failures: tuple[Failure, ...] = ()
    """Boxes without a usable mask."""
