"""The arm and hand that carry a grasp out."""

from __future__ import annotations

import dataclasses
import hashlib
from abc import abstractmethod
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from dig_framework.component import Component
from dig_framework.grasp import Grasp, ParallelJaw, Trial
from dig_framework.scene import Scene
from dig_framework.tensor_record import TensorRecord


@dataclasses.dataclass(frozen=True, eq=False)
class RobotState(TensorRecord):
    """Where a robot is."""

    joints: Float[Tensor, "joints"]
    """Joint angles [rad]."""


@dataclasses.dataclass(frozen=True, eq=False)
class Waypoint(TensorRecord):
    """One named configuration on the way."""

    name: str
    """What it is for: 'start', 'pregrasp', 'grasp', 'close', 'lift', in this order; others may lie between them."""
    joints: Float[Tensor, "joints"]
    """Joint angles [rad]."""
    width: float
    """Distance between the pads of the hand [m]."""
    duration: float
    """Time from the waypoint before [s]."""


@dataclasses.dataclass(frozen=True, eq=False)
class Plan(TensorRecord):
    """An immutable motion that was checked as a whole and is executed as a whole."""

    robot: str
    """Which robot it was made for."""
    grasp: Grasp
    waypoints: tuple[Waypoint, ...]
    seal: str = ""
    """Digest at the moment when the motion was checked; empty for a motion that never was."""

    def sealed(self) -> Plan:
        """Return the plan as one that was checked; for robots, after they have."""
        return self.replace(seal=self.digest())

    def digest(self) -> str:
        """Return a hash of everything in the plan; what is confirmed is what is executed."""
        text = [self.robot, str(self.grasp.object_index), repr(self.grasp.width)]
        text += [f"{w.name} {w.width!r} {w.duration!r}" for w in self.waypoints]
        text += [f"{name} {value.double().tolist()!r}" for name, value in self.tensors().items()]
        return hashlib.sha256("\n".join(text).encode()).hexdigest()[:16]


class Robot(Component):
    """An arm with a hand."""

    slot: ClassVar[str] = "robot"
    moves: ClassVar[bool] = True
    """Whether `execute` moves anything."""

    @abstractmethod
    def limits(self) -> dict[str, tuple[float, float]]:
        """Return the lowest and highest angle [rad] of each joint by its name, in the order of the joints."""

    @abstractmethod
    def locate(self, scene: Scene) -> Float[Tensor, "4 4"]:
        """Return base_from_scene, where the scene is in the frame of the robot's base [m], in float64."""

    @abstractmethod
    def observe(self) -> RobotState:
        """Return where the robot is now."""

    @abstractmethod
    def forward(self, joints: Float[Tensor, "joints"]) -> Float[Tensor, "4 4"]:
        """Return base_from_hand, the pose of the grasp point [m], of a configuration [rad]."""

    @abstractmethod
    def inverse(self, base_from_hand: Float[Tensor, "4 4"]) -> Float[Tensor, "solutions joints"]:
        """Return every configuration [rad] within the limits that reaches a pose, in float64; none gives zero rows.

        Angles that differ by whole turns count as one.
        """

    @abstractmethod
    def plan(self, scene: Scene, grasp: Grasp, hand: ParallelJaw) -> Plan:
        """Return a checked motion that carries out the grasp from where the robot is now.

        Args:
            scene: Where the grasp is, and what is around it.
            grasp: What to carry out.
            hand: The gripper that the arm carries, the one that the grasp was proposed for.

        Raises:
            ReachError: If the pose is out of reach or a limit would be broken; names the joint and the limit.
        """

    @abstractmethod
    def execute(self, plan: Plan) -> Trial:
        """Carry a plan out.

        Raises:
            ReachError: If the plan was altered after it was checked, breaks a limit, or is for another robot or start.
        """
