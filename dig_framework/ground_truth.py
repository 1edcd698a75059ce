"""What is known to be true of an image."""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dig_framework.light import LightSource
from dig_framework.material import Material
from dig_framework.mesh import Mesh
from dig_framework.observation import Observation
from dig_framework.plane import Plane
from dig_framework.pose import Pose
from dig_framework.tensor_record import TensorRecord


@dataclasses.dataclass(frozen=True, eq=False)
class TrueObject(TensorRecord):
    """An object whose shape and pose are known."""

    label: str
    """What it is called."""
    index: int | None
    """Position of its box in the observation; None if it has none."""
    mesh: Mesh
    """Its surface in its own frame [m]."""
    pose: Pose
    """Where its frame is in the camera's frame."""
    visible_fraction: float | None = None
    """Visible share of its pixels, where it is known."""
    symmetries: Float[Tensor, "symmetries 4 4"] = dataclasses.field(default_factory=lambda: torch.eye(4)[None])
    """Rigid motions of its own frame that leave its looks alone [m], identity included; continuous ones sampled."""
    material: Material | None = None
    """How it reflects light, where that is known."""
    mass: float | None = None
    """Mass [kg], where it is known."""
    friction: float | None = None
    """Coulomb friction coefficient, where it is known."""

    def posed(self) -> Mesh:
        """Return the mesh in the camera's frame [m]."""
        return self.mesh.replace(vertices=self.pose.transform(self.mesh.vertices))


@dataclasses.dataclass(frozen=True, eq=False)
class GroundTruth(TensorRecord):
    """The true scene in the frame of the camera (OpenCV axes) [m]; what is not known is None or empty."""

    objects: tuple[TrueObject, ...] = ()
    plane: Plane | None = None
    lights: tuple[LightSource, ...] = ()
    depth: Float[Tensor, "height width"] | None = None
    """Depth without noise [m]; zero where there is no surface."""
    masks: Bool[Tensor, "boxes height width"] | None = None
    """True visible masks in the order of the observation's boxes; all false for a box without one."""


@dataclasses.dataclass(frozen=True, eq=False)
class Sample(TensorRecord):
    """One image of a dataset with what is known to be true of it."""

    name: str
    """Unique in its dataset, and fit to name a folder."""
    observation: Observation
    truth: GroundTruth
