"""Grasps and what came of trying them."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from dig_framework.tensor_record import TensorRecord

_SIGNS = np.array([[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)])

APPROACH_LENGTH = 0.08
"""Of the straight approach of a grasp [m]; enough for fingers of usual length to come in from beyond the object."""


@dataclasses.dataclass(frozen=True, eq=False)
class HandBox:
    """One box of a hand, aligned with the hand's axes."""

    name: str
    """'left finger', 'right finger' or 'palm'."""
    center: Float[np.ndarray, "3"]
    """In the hand's frame [m]."""
    half: Float[np.ndarray, "3"]
    """Half extents along the hand's axes [m]."""

    def corners(self) -> Float[np.ndarray, "8 3"]:
        """Return the corners in the hand's frame [m]."""
        return self.center + _SIGNS * self.half


class ParallelJaw(BaseModel):
    """A two-finger gripper with primitive geometry.

    Hand frame: origin between the pads at the grasp point, `fingertip` short of the fingertips; z along the approach
    (out of the palm), x along the closing direction, y = z cross x. The pads are the inner faces of the fingers.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    opening: float = Field(default=0.085, gt=0, description="Largest distance between the pads [m]")
    finger_length: float = Field(default=0.045, gt=0, description="From the palm to the fingertips along z [m]")
    finger_width: float = Field(default=0.02, gt=0, description="Extent of a finger along y [m]")
    finger_thickness: float = Field(default=0.01, gt=0, description="Extent of a finger along x [m]")
    fingertip: float = Field(
        default=0.01, ge=0, description="From the origin of the hand frame to the fingertips along z [m]"
    )
    palm_width: float = Field(default=0.14, gt=0, description="Extent of the palm along x [m]")
    palm_depth: float = Field(default=0.05, gt=0, description="Extent of the palm along y [m]")
    palm_height: float = Field(default=0.06, gt=0, description="Extent of the palm along z, behind the fingers [m]")
    force: float = Field(default=30.0, gt=0, description="Force of each pad [N]")

    def boxes(self, width: float, sweep: float = 0.0) -> tuple[HandBox, HandBox, HandBox]:
        """Return left finger (-x), right finger (+x) and palm with the pads `width` [m] apart.

        With `sweep` [m] each box is drawn out backwards along z: what the hand passes through on a straight approach
        of that length.
        """
        root = self.fingertip - self.finger_length
        side = (width + self.finger_thickness) / 2
        fingers = (self.finger_thickness / 2, self.finger_width / 2, root - sweep, self.fingertip)
        palm = (self.palm_width / 2, self.palm_depth / 2, root - self.palm_height - sweep, root)
        return (_box("left finger", -side, *fingers), _box("right finger", side, *fingers), _box("palm", 0.0, *palm))


def _box(name: str, x: float, half_x: float, half_y: float, low_z: float, high_z: float) -> HandBox:
    center = np.array([x, 0.0, (low_z + high_z) / 2])
    return HandBox(name, center, np.array([half_x, half_y, (high_z - low_z) / 2]))


@dataclasses.dataclass(frozen=True, eq=False)
class Grasp(TensorRecord):
    """One way to take hold of one object with a parallel jaw."""

    object_index: int
    """`SceneObject.index` of what is grasped."""
    scene_from_hand: Float[Tensor, "4 4"]
    """Pose of the hand frame at the moment of closing [m]."""
    width: float
    """Distance between the pads before closing [m]."""
    approach: float = APPROACH_LENGTH
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
