import math

import pytest
import torch
from pydantic import ValidationError

from dig_framework.builtin.robot_dry_run import DryRun
from dig_framework.errors import ReachError
from dig_framework.grasp import ParallelJaw, Trial
from dig_framework.interfaces.robot import RobotState
from dig_framework.testing.robot_conformance import RobotConformance
from dig_framework.testing.solids import box_mesh
from dig_framework.testing.tabletop import table_object, table_scene, top_grasp, translation


class TestUR5e(RobotConformance):
    component = DryRun()


class TestUR5(RobotConformance):
    component = DryRun(arm="ur5", distance=0.45)
    samples = 6


class Reckless(DryRun):
    """Believes every plan, and its tool is 1 mm off."""

    def inverse(self, base_from_hand):
        shifted = base_from_hand.clone()
        shifted[0, 3] += 0.001
        return super().inverse(shifted)

    def execute(self, plan):
        return Trial(plan.grasp, True, 1.0, "held")

    def observe(self):
        return RobotState(torch.tensor(self.start, dtype=torch.float64))


def test_suite_finds_reckless_robot():
    class Suite(RobotConformance):
        component = Reckless()

    for check in (
        "test_solutions_reach_pose",
        "test_refuses_joint_beyond_limit",
        "test_refuses_altered_plan",
        "test_refuses_plan_for_another_robot_or_start",
        "test_dry_run_moves_nothing",
    ):
        with pytest.raises(AssertionError):
            getattr(Suite(), check)()


def cube(index=0, x=0.0, side=0.05):
    return table_object(index, box_mesh(side, side, side, dtype=torch.float64), translation(x, 0.0, side / 2), mass=0.2)


GRASP = top_grasp(0, 0.0, 0.0, 0.03, 0.07)


def refusal(robot, scene, grasp, **hand):
    with pytest.raises(ReachError) as caught:
        robot.plan(scene, grasp, ParallelJaw(**hand))
    return str(caught.value)


def test_names_length_out_of_reach():
    message = refusal(DryRun(distance=1.5), table_scene(cube()), GRASP)
    assert message.startswith("pregrasp: out of reach: the flange would be 1.5")
    assert "the ur5e reaches" in message


def test_names_joint_and_limit():
    narrow = DryRun(joint_limits={"wrist_1": (-0.1, 0.1)})
    message = refusal(narrow, table_scene(cube()), GRASP)
    assert "joint 'wrist_1' would be at" in message
    assert "its limit is" in message


def test_refuses_hand_in_table():
    assert "above the support plane" in refusal(DryRun(), table_scene(cube()), top_grasp(0, 0.0, 0.0, 0.0, 0.07))


def test_refuses_way_through_objects():
    shelf = table_object(1, box_mesh(0.6, 0.6, 0.02, dtype=torch.float64), translation(0.0, 0.0, 0.3), mass=1.0)
    assert "would touch object 1" in refusal(DryRun(), table_scene(cube(), shelf), GRASP)


def test_plans_with_a_calibrated_base():
    scene = table_scene(cube())
    found = DryRun().locate(scene)
    rows = tuple(tuple(row) for row in found.tolist())
    calibrated = DryRun(base_from_scene=rows)
    assert torch.equal(calibrated.locate(scene), found)
    assert calibrated.plan(scene, GRASP, ParallelJaw()).digest() == DryRun().plan(scene, GRASP, ParallelJaw()).digest()


def test_lifts_straight_up_and_takes_its_time():
    robot, scene = DryRun(), table_scene(cube())
    points = {point.name: point for point in robot.plan(scene, GRASP, ParallelJaw()).waypoints}
    rise = robot.forward(points["lift"].joints)[:3, 3] - robot.forward(points["close"].joints)[:3, 3]
    torch.testing.assert_close(rise, torch.tensor([0.0, 0.0, 0.15], dtype=torch.float64), rtol=0, atol=1e-9)
    turned = float((points["pregrasp"].joints - points["start"].joints).abs().max())
    assert points["pregrasp"].duration == pytest.approx(turned / robot.joint_speed)
    trial = robot.execute(robot.plan(scene, GRASP, ParallelJaw()))
    assert trial.reason == "dry run"
    assert trial.measures["duration_s"] > 4.0


def test_longer_fingers_keep_the_flange_higher():
    """The mount decides where the flange is, not the geometry of the hand."""
    scene = table_scene(cube())
    high = DryRun(flange_from_hand=((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0.2), (0, 0, 0, 1)))
    joints = {point.name: point.joints for point in high.plan(scene, GRASP, ParallelJaw()).waypoints}["grasp"]
    reached = high.forward(joints)
    wanted = high.locate(scene) @ GRASP.scene_from_hand
    torch.testing.assert_close(reached, wanted, rtol=0, atol=1e-9)
    assert float(DryRun().forward(joints)[2, 3]) == pytest.approx(float(reached[2, 3]) + 0.08, abs=1e-9)


@pytest.mark.parametrize(
    "settings",
    [
        {"base_from_scene": [[2, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]},
        {"flange_from_hand": [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 1]]},
        {"flange_from_hand": [[1, 0, 0, math.nan], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]},
        {"joint_limits": {"knee": (0, 1)}},
        {"joint_limits": {"elbow": (1, 0)}},
        {"arm": "ur7"},
    ],
)
def test_refuses_settings(settings):
    with pytest.raises(ValidationError):
        DryRun.model_validate(settings)


def test_wider_hand_needs_more_room():
    wall = table_object(1, box_mesh(0.02, 0.02, 0.2, dtype=torch.float64), translation(0.09, 0.0, 0.1), mass=1.0)
    scene = table_scene(cube(), wall)
    assert DryRun().plan(scene, GRASP, ParallelJaw())
    assert "the palm would touch object 1" in refusal(DryRun(), scene, GRASP, palm_width=0.24)
