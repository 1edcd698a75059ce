"""What must hold for every robot."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.errors import ReachError
from dig_framework.grasp import Grasp, ParallelJaw
from dig_framework.interfaces.robot import Plan, Robot
from dig_framework.scene import Scene
from dig_framework.testing.conformance import Conformance, not_claimed
from dig_framework.testing.solids import box_mesh
from dig_framework.testing.tabletop import table_object, table_scene, top_grasp, translation


class RobotConformance(Conformance):
    """Kinematics against itself, refusals, and plans that are executed as they were checked.

    Nothing here moves a robot whose `moves` is true: it is asked to plan, never to execute.
    """

    component: ClassVar[Robot]  # pyright: ignore[reportIncompatibleVariableOverride]
    samples: ClassVar[int] = 12
    """Random configurations that are looked at."""

    def test_solutions_reach_pose(self) -> None:
        """The hand is where it should be, to 1e-9, for every solution of every reachable pose."""
        worst = max(self._residual(joints) for joints in self._configurations())
        assert worst < 1e-9, f"a solution misses its pose by {worst:.2e}; allowed 1e-9"

    def test_solutions_near_singularities(self) -> None:
        """The same where one joint after the other is 0, or off by 1e-12 to 1e-3 rad."""
        joints, worst = next(iter(self._configurations())), 0.0
        for index in range(len(joints)):
            for angle in (0.0, 1e-12, 1e-8, -1e-5, 1e-3):
                near = joints.clone()
                near[index] = angle
                if self._is_within(near):
                    worst = max(worst, self._residual(near))
        assert worst < 1e-9, f"near a singularity a solution misses its pose by {worst:.2e}; allowed 1e-9"

    def test_solutions_include_original(self) -> None:
        """The configuration that made a pose is among its solutions, up to whole turns."""
        for joints in self._configurations():
            found = self.component.inverse(self.component.forward(joints))
            away = torch.remainder(found - joints + math.pi, 2 * math.pi) - math.pi
            nearest = float(away.abs().amax(1).min()) if len(found) else math.inf
            assert nearest < 1e-5, f"the nearest solution is {nearest:.2e} rad from the angles {joints.tolist()}"

    def test_solutions_are_within_limits(self) -> None:
        """No solution is beyond a joint's limits."""
        for joints in self._configurations():
            for solution in self.component.inverse(self.component.forward(joints)):
                assert self._is_within(solution), (
                    f"the solution {solution.tolist()} is beyond {self.component.limits()}"
                )

    def test_pose_out_of_reach_has_no_solution(self) -> None:
        """A pose 10 m away gives zero rows."""
        far = torch.eye(4, dtype=torch.float64)
        far[0, 3] = 10.0
        found = self.component.inverse(far)
        assert len(found) == 0, f"{len(found)} solutions for a pose 10 m away"

    def test_refuses_grasp_out_of_reach(self) -> None:
        """Planning a grasp 10 m away raises ReachError with a length in metres."""
        scene, grasp = _box_and_grasp()
        far = self._shifted(scene, grasp, 10.0)
        message = self._refusal_to_plan(scene, far)
        assert " m" in message, f"the message names no length: {message}"

    def test_refuses_joint_beyond_limit(self) -> None:
        """Executing a motion with one joint beyond its limit raises ReachError that names the joint and the limit."""
        self._only_without_motion()
        plan = self._plan()
        for index, (name, (_, high)) in enumerate(self.component.limits().items()):
            message = self._refusal_to_execute(_bent(plan, index, high + 0.1).sealed())
            assert name in message, f"the message does not name the joint {name!r}: {message}"
            assert f"{high:.2f}" in message, f"the message does not name the limit {high:.2f}: {message}"

    def test_refuses_altered_plan(self) -> None:
        """Executing a plan that was changed after its check raises ReachError."""
        self._only_without_motion()
        plan = self._plan()
        middle = plan.waypoints[1].joints[0].item()
        self._refusal_to_execute(_bent(plan, 0, middle + 0.01))
        self._refusal_to_execute(plan.replace(waypoints=plan.waypoints[:-1]))

    def test_refuses_plan_for_another_robot_or_start(self) -> None:
        """Executing a plan made for another robot, or from another start, raises ReachError."""
        self._only_without_motion()
        plan = self._plan()
        self._refusal_to_execute(plan.replace(robot=f"not {plan.robot}").sealed())
        start = plan.waypoints[0]
        moved = start.replace(joints=start.joints + 0.1)
        self._refusal_to_execute(plan.replace(waypoints=(moved, *plan.waypoints[1:])).sealed())

    def test_plan_carries_grasp_out(self) -> None:
        """A plan goes from where the robot is over the pregrasp to the grasp, closes, and lifts straight up."""
        scene, grasp = _box_and_grasp()
        plan = self._planned(scene, grasp)
        names = [
            point.name for point in plan.waypoints if point.name in ("start", "pregrasp", "grasp", "close", "lift")
        ]
        assert names == ["start", "pregrasp", "grasp", "close", "lift"], f"the waypoints are {names}"
        at = {point.name: point for point in plan.waypoints}
        assert torch.equal(at["start"].joints, self.component.observe().joints), "the plan starts somewhere else"
        reached = self.component.forward(at["grasp"].joints)
        wanted = self.component.locate(scene) @ grasp.scene_from_hand.double()
        error = float((reached - wanted).abs().max())
        assert error < 1e-6, f"the hand closes {error:.2e} from the grasp; allowed 1e-6"
        back = reached[:3, 3] - self.component.forward(at["pregrasp"].joints)[:3, 3]
        error = float((back - grasp.approach * reached[:3, 2]).norm())
        assert error < 1e-6, f"the pregrasp is {error:.2e} m off the straight approach"
        assert at["close"].width < at["grasp"].width, "the hand does not close"

    def test_plan_keeps_limits(self) -> None:
        """No waypoint is beyond a joint's limits, and every one takes a time that is not negative."""
        for point in self._plan().waypoints:
            assert self._is_within(point.joints), f"waypoint {point.name!r} is beyond the limits"
            assert math.isfinite(point.duration), f"waypoint {point.name!r} takes {point.duration} s"
            assert point.duration >= 0, f"waypoint {point.name!r} takes {point.duration} s"

    def test_plan_is_deterministic(self) -> None:
        """The same scene and grasp give the same plan, to the last bit."""
        first, second = self._plan().digest(), self._plan().digest()
        assert first == second, f"two equal plans have the digests {first} and {second}"

    def test_planning_moves_nothing(self) -> None:
        """The robot is where it was after planning."""
        before = self.component.observe().joints.clone()
        self._plan()
        moved = float((self.component.observe().joints - before).abs().max())
        assert moved < 1e-3, f"planning moved a joint by {moved:.4f} rad"

    def test_dry_run_moves_nothing(self) -> None:
        """A robot that does not claim to move is where it was after executing, and claims no success."""
        self._only_without_motion()
        plan, before = self._plan(), self.component.observe().joints.clone()
        trial = self.component.execute(plan)
        assert torch.equal(self.component.observe().joints, before), "a dry run moved a joint"
        assert trial.grasp is plan.grasp, "the result is about another grasp"
        assert not trial.success, "a dry run says that it holds an object"

    def _only_without_motion(self) -> None:
        if self.component.moves:
            raise not_claimed("to stand still: it moves, so it is not asked to execute")

    def _plan(self) -> Plan:
        return self._planned(*_box_and_grasp())

    def _planned(self, scene: Scene, grasp: Grasp) -> Plan:
        return self.component.plan(scene, grasp, ParallelJaw())

    def _shifted(self, scene: Scene, grasp: Grasp, along: float) -> Grasp:
        """Return the grasp moved along the table."""
        pose = grasp.scene_from_hand.clone()
        pose[:3, 3] += along * pose[:3, 0]
        return grasp.replace(scene_from_hand=pose)

    def _refusal_to_plan(self, scene: Scene, grasp: Grasp) -> str:
        try:
            self.component.plan(scene, grasp, ParallelJaw())
        except ReachError as error:
            return str(error)
        raise AssertionError("the robot plans a grasp 10 m away")

    def _refusal_to_execute(self, plan: Plan) -> str:
        try:
            self.component.execute(plan)
        except ReachError as error:
            return str(error)
        raise AssertionError("the robot executes a plan that it must refuse")

    def _configurations(self) -> list[Float[Tensor, "joints"]]:
        generator = torch.Generator().manual_seed(0)
        limits = torch.tensor(list(self.component.limits().values()), dtype=torch.float64).clamp(-math.pi, math.pi)
        shares = torch.rand(self.samples, len(limits), generator=generator, dtype=torch.float64)
        return list(limits[:, 0] + shares * (limits[:, 1] - limits[:, 0]))

    def _residual(self, joints: Float[Tensor, "joints"]) -> float:
        """Return the largest error of the solutions for the pose of a configuration; infinite without a solution."""
        pose = self.component.forward(joints)
        found = self.component.inverse(pose)
        errors = [float((self.component.forward(solution) - pose).abs().max()) for solution in found]
        return max(errors, default=math.inf)

    def _is_within(self, joints: Float[Tensor, "joints"]) -> bool:
        pairs = zip(joints.tolist(), self.component.limits().values(), strict=True)
        return all(low - 1e-9 <= angle <= high + 1e-9 for angle, (low, high) in pairs)


def _box_and_grasp() -> tuple[Scene, Grasp]:
    """Return a box of 5 cm on a table, 0.7 m from the camera, and a grasp from above."""
    box = table_object(0, box_mesh(0.05, 0.05, 0.05, dtype=torch.float64), translation(0.0, 0.0, 0.025), mass=0.2)
    return table_scene(box), top_grasp(0, 0.0, 0.0, 0.03, 0.07)


def _bent(plan: Plan, joint: int, angle: float) -> Plan:
    """Return the plan with one joint of its second waypoint at another angle [rad]."""
    joints = plan.waypoints[1].joints.clone()
    joints[joint] = angle
    changed = plan.waypoints[1].replace(joints=joints)
    return plan.replace(waypoints=(plan.waypoints[0], changed, *plan.waypoints[2:]))
