import torch

from dig_framework.builtin.robot_dry_run import DryRun
from dig_framework.execution_files import load_execution, save_execution
from dig_framework.grasp import ParallelJaw, Trial
from dig_framework.stages.execute import execute
from dig_framework.testing.solids import box_mesh
from dig_framework.testing.tabletop import table_object, table_scene, top_grasp, translation

SCENE = table_scene(table_object(0, box_mesh(0.05, 0.05, 0.05, dtype=torch.float64), translation(0.0, 0.0, 0.025)))
GOOD = Trial(top_grasp(0, 0.0, 0.0, 0.03, 0.07), True, 0.8, "held")
LOW = Trial(top_grasp(0, 0.0, 0.0, -0.01, 0.07), True, 0.9, "held")


def test_carries_out_the_first_that_plans():
    done = execute(SCENE, (LOW, GOOD), DryRun(), ParallelJaw())
    assert done.plan is not None
    assert done.plan.grasp is GOOD.grasp
    assert done.trial.reason == "dry run"
    assert done.reason == "Grasp 2 of 2 was planned and carried out: dry run."


def test_does_not_try_what_is_expected_to_fail():
    done = execute(SCENE, (GOOD.replace(success=False, reason="slipped"),), DryRun(), ParallelJaw())
    assert (done.plan, done.trial) == (None, None)
    assert done.reason == "None of 1 grasps is expected to hold, so nothing was carried out."
    assert execute(SCENE, (), DryRun(), ParallelJaw()).plan is None


def test_says_why_nothing_was_planned():
    done = execute(SCENE, (LOW,), DryRun(), ParallelJaw())
    assert done.plan is None
    assert "No motion for any of 1 grasps. The best one: " in done.reason
    assert "above the support plane" in done.reason


def test_saved_plan_is_still_executed(tmp_path):
    grasp = GOOD.grasp.replace(scene_from_hand=GOOD.grasp.scene_from_hand.float())
    done = execute(SCENE, (GOOD.replace(grasp=grasp),), DryRun(), ParallelJaw())
    save_execution(done, tmp_path)
    loaded = load_execution(tmp_path)
    assert loaded.plan.digest() == done.plan.digest()
    assert DryRun().execute(loaded.plan).reason == "dry run"
