"""A wrapper that slows another robot down."""

from __future__ import annotations

from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from dig_framework.builtin.robot_dry_run import DryRun
from dig_framework.grasp import Grasp, ParallelJaw, Trial
from dig_framework.interfaces import Plan, Robot, RobotState
from dig_framework.scene import Scene


class ExampleRobot(Robot):
    """Lets another component plan and move, and gives every part of the motion more time."""

    inner: Robot = Field(default_factory=lambda: DryRun.model_validate({}), description="The robot that moves")
    patience: float = Field(default=2.0, ge=1, description="Factor on the duration of every part of a motion")

    def limits(self) -> dict[str, tuple[float, float]]:
        """Return the limits of the inner robot [rad]."""
        return self.inner.limits()

    def locate(self, scene: Scene) -> Float[Tensor, "4 4"]:
        """Return base_from_scene of the inner robot [m]."""
        return self.inner.locate(scene)

    def observe(self) -> RobotState:
        """Return where the inner robot is."""
        return self.inner.observe()

    def forward(self, joints: Float[Tensor, "joints"]) -> Float[Tensor, "4 4"]:
        """Return base_from_hand of the inner robot [m]."""
        return self.inner.forward(joints)

    def inverse(self, base_from_hand: Float[Tensor, "4 4"]) -> Float[Tensor, "solutions joints"]:
        """Return every configuration of the inner robot that reaches a pose [rad]."""
        return self.inner.inverse(base_from_hand)

    def plan(self, scene: Scene, grasp: Grasp, hand: ParallelJaw) -> Plan:
        """Return the inner robot's motion with more time, sealed again."""
        plan = self.inner.plan(scene, grasp, hand)
        slower = tuple(item.replace(duration=self.patience * item.duration) for item in plan.waypoints)
        return plan.replace(waypoints=slower).sealed()

    def execute(self, plan: Plan) -> Trial:
        """Let the inner robot carry the plan out."""
        return self.inner.execute(plan)
