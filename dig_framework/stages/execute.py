"""From ranked grasps to a motion."""

from __future__ import annotations

from collections.abc import Sequence

from dig_framework.errors import ReachError
from dig_framework.grasp import ParallelJaw, Trial
from dig_framework.interfaces.robot import Robot
from dig_framework.scene import Scene
from dig_framework.stages.execution import Execution


def execute(scene: Scene, trials: Sequence[Trial], robot: Robot, hand: ParallelJaw) -> Execution:
    """Carry out the best grasp that is expected to hold and that the robot can plan.

    Args:
        scene: Where the grasps are.
        trials: Best first; failed ones are passed over.
        robot: What carries the grasp out.
        hand: The gripper that the grasps were tried with.

    Returns:
        The motion and what came of it, or the reason why nothing was carried out. A robot that refuses its own plan is
        not asked again.
    """
    hopeful = [trial for trial in trials if trial.success]
    if not hopeful:
        return Execution(None, None, f"None of {len(trials)} grasps is expected to hold, so nothing was carried out.")
    refusals: list[str] = []
    for rank, trial in enumerate(hopeful, 1):
        try:
            plan = robot.plan(scene, trial.grasp, hand)
        except ReachError as error:
            refusals.append(str(error))
            continue
        try:
            result = robot.execute(plan)
        except ReachError as error:
            return Execution(plan, None, f"The robot refused its own plan for grasp {rank}: {error}")
        return Execution(plan, result, f"Grasp {rank} of {len(hopeful)} was planned and carried out: {result.reason}.")
    return Execution(None, None, f"No motion for any of {len(hopeful)} grasps. The best one: {refusals[0]}")
