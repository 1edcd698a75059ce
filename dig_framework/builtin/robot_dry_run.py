"""A UR arm that only exists on paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float
from pydantic import Field, field_validator
from torch import Tensor

from dig_framework.errors import ReachError
from dig_framework.grasp import Grasp, ParallelJaw, Trial
from dig_framework.interfaces.robot import Plan, Robot, RobotState, Waypoint
from dig_framework.kinematics.base_placement import base_in_front
from dig_framework.kinematics.chain import Chain
from dig_framework.kinematics.joint_limits import check_limits, check_singularity, nearest_turn, within
from dig_framework.kinematics.motion import Surroundings, followed, interpolated, straight_line
from dig_framework.kinematics.rigid_setting import Rigid
from dig_framework.kinematics.ur import UR_ARMS, UR_LIMITS, ArmName, ur_inverse, ur_reach
from dig_framework.scene import Scene
from dig_framework.statics.assumptions import LIFT_HEIGHT
from dig_framework.statics.body import bodies_of
from dig_framework.statics.gravity import up_of

_AT_START = 0.02
"""How far a joint may be from where the plan starts [rad]."""


class DryRun(Robot):
    """Plan for a UR5 or UR5e with a parallel jaw, check every step, and move nothing.

    A plan goes in joint space from the start to the pregrasp, on a straight line to the grasp, closes, and lifts
    straight up. Checked all along: reach, joint limits, singularities of elbow and wrist, height of elbow, wrist and
    hand above the support plane, and, up to the pregrasp, hand against objects. The arm's own links are not checked
    against objects.
    """

    moves: ClassVar[bool] = False

    arm: ArmName = Field(default="ur5e", description="Which arm, with its nominal lengths")
    flange_from_hand: Rigid = Field(
        default=((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.12), (0.0, 0.0, 0.0, 1.0)),
        description="Mount: the hand's frame in the flange's [m]",
    )
    base_from_scene: Rigid | None = Field(
        default=None, description="Hand-eye calibration [m]; none puts the base on the plane in front of the objects"
    )
    distance: float = Field(
        default=0.5, gt=0, description="From the base to the objects where it is not calibrated [m]"
    )
    start: tuple[float, float, float, float, float, float] = Field(
        default=(0.0, -1.5708, -1.5708, -1.5708, 1.5708, 0.0), description="Where the joints are [rad]"
    )
    joint_limits: dict[str, tuple[float, float]] = Field(
        default_factory=dict, description="Narrower limits by joint [rad]; else 2 pi both ways, elbow pi"
    )
    limit_margin: float = Field(default=0.0873, ge=0, description="Least distance from a joint limit [rad]")
    singularity_margin: float = Field(default=0.05, ge=0, description="Least distance from a singularity [rad]")
    link_radius: float = Field(default=0.06, ge=0, description="Least height of elbow and wrist above the plane [m]")
    table_margin: float = Field(default=0.0, description="Least height of the hand above the plane [m]")
    lift_height: float = Field(default=LIFT_HEIGHT, gt=0, description="How far the object is lifted [m]")
    joint_speed: float = Field(default=0.5, gt=0, description="Of the fastest joint [rad/s]")
    linear_speed: float = Field(default=0.05, gt=0, description="Of the hand on straight lines [m/s]")
    closing_time: float = Field(default=1.0, gt=0, description="For the jaws [s]")

    @field_validator("joint_limits")
    @classmethod
    def _known_joints(cls, value: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
        for name, (low, high) in value.items():
            if name not in UR_LIMITS:
                raise ValueError(f"no joint is called {name!r}; the joints are {', '.join(UR_LIMITS)}")
            if not low < high:
                raise ValueError(f"the limits of {name!r} are {low} and {high} rad; the first must be the lower one")
        return value

    def observe(self) -> RobotState:
        """Return the start; a dry run never leaves it."""
        return RobotState(torch.tensor(self.start, dtype=torch.float64))

    def limits(self) -> dict[str, tuple[float, float]]:
        """Return the limits of the joints [rad]."""
        return UR_LIMITS | self.joint_limits

    def locate(self, scene: Scene) -> Float[Tensor, "4 4"]:
        """Return base_from_scene as calibrated, or derived from the plane and the objects."""
        if self.base_from_scene is not None:
            return torch.tensor(self.base_from_scene, dtype=torch.float64)
        return torch.from_numpy(base_in_front(scene, self.distance))

    def forward(self, joints: Float[Tensor, "joints"]) -> Float[Tensor, "4 4"]:
        """Return base_from_hand; differentiable."""
        return self._chain.frames(joints)[-1] @ torch.tensor(self.flange_from_hand, dtype=joints.dtype)

    def inverse(self, base_from_hand: Float[Tensor, "4 4"]) -> Float[Tensor, "solutions joints"]:
        """Return up to eight configurations, in closed form."""
        mount = torch.tensor(self.flange_from_hand, dtype=torch.float64)
        flange = base_from_hand.detach().double() @ torch.linalg.inv(mount)
        limits, zero = self.limits(), torch.zeros(6, dtype=torch.float64)
        found = [nearest_turn(joints, zero, limits, 0.0) for joints in ur_inverse(self._chain, flange)]
        found = [joints for joints in found if within(joints, limits)]
        return torch.stack(found) if found else torch.zeros(0, 6, dtype=torch.float64)

    def plan(self, scene: Scene, grasp: Grasp, hand: ParallelJaw) -> Plan:
        """Return the first motion, in the order of joint travel, that passes every check."""
        base_from_scene = self.locate(scene).numpy()
        poses = self._poses(base_from_scene, scene, grasp)
        entries = self._entries(poses[0])
        surroundings = self._surroundings(base_from_scene, scene)
        failure: ReachError | None = None
        for entry in entries:
            try:
                return self._checked_plan(grasp, hand, poses, entry, surroundings)
            except ReachError as error:
                failure = failure or error
        raise failure or ReachError("no configuration reaches the pregrasp.")

    def execute(self, plan: Plan) -> Trial:
        """Check the plan once more, and report how long it would take; a dry run holds nothing, so it is no success."""
        if plan.robot != self._name:
            raise ReachError(f"The plan was made for {plan.robot!r}; this is {self._name!r}. Plan again.")
        if not plan.waypoints or plan.seal != plan.digest():
            raise ReachError("The plan is not the one that was checked. Plan again, and execute that plan unaltered.")
        away = float((plan.waypoints[0].joints - self.observe().joints).abs().max())
        if not away <= _AT_START:
            raise ReachError(
                f"The plan starts {away:.3f} rad from where the robot is; allowed {_AT_START} rad. Plan again."
            )
        for waypoint in plan.waypoints:
            check_limits(waypoint.joints, self.limits(), self.limit_margin, waypoint.name)
        return Trial(plan.grasp, False, 0.0, "dry run", _travel(plan.waypoints))

    @property
    def _chain(self) -> Chain:
        return UR_ARMS[self.arm]

    @property
    def _name(self) -> str:
        return f"dry-run {self.arm}"

    def _surroundings(self, base_from_scene: Float[np.ndarray, "4 4"], scene: Scene) -> Surroundings:
        mount = np.array(self.flange_from_hand, dtype=float)
        bodies, scene_from_base = bodies_of(scene), np.linalg.inv(base_from_scene)
        return Surroundings(scene, bodies, scene_from_base, self._chain, mount, self.link_radius, self.table_margin)

    def _poses(
        self, base_from_scene: Float[np.ndarray, "4 4"], scene: Scene, grasp: Grasp
    ) -> tuple[Float[np.ndarray, "4 4"], Float[np.ndarray, "4 4"], Float[np.ndarray, "4 4"]]:
        """Return pregrasp, grasp and lift as base_from_hand [m]."""
        held = base_from_scene @ grasp.scene_from_hand.detach().double().cpu().numpy()
        before, after = np.array(held), np.array(held)
        before[:3, 3] -= grasp.approach * held[:3, 2]
        after[:3, 3] += self.lift_height * (base_from_scene[:3, :3] @ up_of(scene))
        return before, held, after

    def _entries(self, pregrasp: Float[np.ndarray, "4 4"]) -> list[Float[Tensor, "joints"]]:
        """Return configurations at the pregrasp, least joint travel first, whether within the limits or not."""
        mount = np.array(self.flange_from_hand, dtype=float)
        flange = pregrasp @ np.linalg.inv(mount)
        solutions = ur_inverse(self._chain, torch.from_numpy(flange))
        if not len(solutions):
            shoulder = np.array([0.0, 0.0, self._chain.d[0]])
            raise ReachError(
                f"pregrasp: out of reach: the flange would be {np.linalg.norm(flange[:3, 3] - shoulder):.3f} m from "
                f"the shoulder and {np.hypot(*flange[:2, 3]):.3f} m from its axis; the {self.arm} reaches "
                f"{ur_reach(self._chain):.3f} m at most. Choose another grasp, or place the base elsewhere."
            )
        start, limits = self.observe().joints, self.limits()
        turned = [nearest_turn(joints, start, limits, self.limit_margin) for joints in solutions]
        return sorted(turned, key=lambda joints: float((joints - start).abs().max()))

    def _solve(
        self, base_from_hand: Float[Tensor, "4 4"], near: Float[Tensor, "joints"]
    ) -> list[Float[Tensor, "joints"]]:
        mount = torch.tensor(self.flange_from_hand, dtype=torch.float64)
        solutions = ur_inverse(self._chain, base_from_hand @ torch.linalg.inv(mount))
        return [nearest_turn(joints, near, self.limits(), self.limit_margin) for joints in solutions]

    def _checked_plan(
        self,
        grasp: Grasp,
        hand: ParallelJaw,
        poses: Sequence[Float[np.ndarray, "4 4"]],
        entry: Float[Tensor, "joints"],
        around: Surroundings,
    ) -> Plan:
        before, held, after = poses
        check_limits(entry, self.limits(), self.limit_margin, "pregrasp")
        inward = followed(entry, straight_line(before, held), lambda pose: self._solve(pose, entry))
        upward = inward and followed(inward[-1], straight_line(held, after), lambda pose: self._solve(pose, entry))
        if not inward or not upward:
            part = "lift" if inward else "approach"
            raise ReachError(f"{part}: the arm cannot follow the straight line. Choose another grasp or base.")
        for where, path in (("pregrasp", [entry]), ("approach", inward), ("lift", upward)):
            for joints in path:
                check_limits(joints, self.limits(), self.limit_margin, where)
                check_singularity(joints, self.singularity_margin, where)
        wide, closed = hand.boxes(grasp.width), hand.boxes(0.0)
        around.check(interpolated(self.observe().joints, entry), wide, False, "way to the pregrasp")
        around.check(torch.stack([entry, *inward]), wide, True, "approach")
        around.check(torch.stack(upward), closed, True, "lift")
        return Plan(self._name, grasp, self._waypoints(grasp, entry, inward, upward)).sealed()

    def _waypoints(
        self,
        grasp: Grasp,
        entry: Float[Tensor, "joints"],
        inward: Sequence[Float[Tensor, "joints"]],
        upward: Sequence[Float[Tensor, "joints"]],
    ) -> tuple[Waypoint, ...]:
        start, width = self.observe().joints, grasp.width
        path = [Waypoint("start", start, width, 0.0)]
        path.append(Waypoint("pregrasp", entry, width, self._time(start, entry, 0.0)))
        names = ["approach"] * (len(inward) - 1) + ["grasp"]
        for name, joints in zip(names, inward, strict=True):
            path.append(
                Waypoint(name, joints, width, self._time(path[-1].joints, joints, grasp.approach / len(inward)))
            )
        # Closing is limited by force, so the command goes on to zero.
        path.append(Waypoint("close", inward[-1], 0.0, self.closing_time))
        names = ["lifting"] * (len(upward) - 1) + ["lift"]
        for name, joints in zip(names, upward, strict=True):
            path.append(
                Waypoint(name, joints, 0.0, self._time(path[-1].joints, joints, self.lift_height / len(upward)))
            )
        return tuple(path)

    def _time(self, start: Float[Tensor, "joints"], end: Float[Tensor, "joints"], length: float) -> float:
        return max(float((end - start).abs().max()) / self.joint_speed, length / self.linear_speed)


def _travel(waypoints: Sequence[Waypoint]) -> dict[str, float]:
    joints = torch.stack([waypoint.joints for waypoint in waypoints])
    return {
        "waypoints": float(len(waypoints)),
        "duration_s": sum(waypoint.duration for waypoint in waypoints),
        "travel_rad": float(joints.diff(dim=0).abs().sum(0).max()),
    }
