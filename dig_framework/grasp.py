"""Grasps and what came of trying them."""

from __future__ import annotations

import dataclasses

from jaxtyping import Float
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from dig_framework.tensor_record import TensorRecord


class ParallelJaw(BaseModel):
    """A two-finger gripper with primitive geometry.

    Hand frame: origin between the fingertips' pads, z along the approach (out of the palm), x along the closing
    direction, y = z cross x.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    opening: float = Field(0.085, gt=0, description="Largest distance between the pads [m]")
    finger_length: float = Field(0.045, gt=0, description="From the palm to the fingertips along z [m]")
    finger_width: float = Field(0.02, gt=0, description="Extent of a finger along y [m]")
    finger_thickness: float = Field(0.01, gt=0, description="Extent of a finger along x [m]")
    palm_width: float = Field(0.14, gt=0, description="Extent of the palm along x [m]")
    palm_height: float = Field(0.06, gt=0, description="Extent of the palm along z, behind the fingers [m]")
    force: float = Field(30.0, gt=0, description="Force of each pad [N]")


@dataclasses.dataclass(frozen=True, eq=False)
class Grasp(TensorRecord):
    """One way to take hold of one object with a parallel jaw."""

    object_index: int
    """`SceneObject.index` of what is grasped."""
    scene_from_hand: Float[Tensor, "4 4"]
    """Pose of the hand frame at the moment of closing [m]."""
    width: float
    """Distance between the pads before closing [m]."""
    approach: float = 0.08
    """Length of the straight approach along the hand's z axis [m]."""


@dataclasses.dataclass(frozen=True, eq=False)
class Trial(TensorRecord):
    """What a simulator or a robot found out about one grasp."""

    grasp: Grasp
    success: bool
    """Whether the object was held to the end."""
    score: float
    """How likely the grasp is to hold, in [0, 1]; ranks grasps of one simulator."""
    reason: str
    """Why it failed, or 'held'; one of a small closed set per simulator, such as 'collision', 'missed', 'slipped'."""
    measures: dict[str, float] = dataclasses.field(default_factory=dict)
    """Figures behind the score, with the unit in the name, such as `epsilon`, `slip_m`, `contacts`."""
