"""From a scene to ranked grasps."""

from __future__ import annotations

from collections import Counter

from dig_framework.derived_seed import derived_seed
from dig_framework.grasp import ParallelJaw, Trial
from dig_framework.interfaces.policy import Policy
from dig_framework.interfaces.simulator import Simulator
from dig_framework.scene import Failure, Scene, SceneObject
from dig_framework.stages.grasping import Grasping
from dig_framework.statics.body import flaw_of


def grasp(scene: Scene, policy: Policy, hand: ParallelJaw, simulator: Simulator, seed: int) -> Grasping:
    """Propose grasps on every object, try them all, and rank them.

    Args:
        scene: What to grasp.
        policy: Where the candidates come from.
        hand: The gripper.
        simulator: What tries them.
        seed: Of the run; policy and simulator have theirs from it.

    Returns:
        All trials, best first, and one failure for each object that no trial lifts.
    """
    scene = scene.baked()
    candidates = policy.propose(scene, hand, derived_seed(seed, "grasp", "policy"))
    trials = simulator.attempt(scene, candidates, hand, derived_seed(seed, "grasp", "simulator"))
    ranked = tuple(sorted(trials, key=lambda trial: (not trial.success, -trial.score)))
    failed = [_failure(item, [t for t in ranked if t.grasp.object_index == item.index]) for item in scene.objects]
    return Grasping(ranked, tuple(failure for failure in failed if failure is not None))


def _failure(item: SceneObject, trials: list[Trial]) -> Failure | None:
    if any(trial.success for trial in trials):
        return None
    flaw = flaw_of(item)
    if flaw is not None:
        reason = f"It is no rigid body: {flaw}."
    elif not trials:
        reason = "No grasp is free of collisions and fits the hand."
    else:
        counts = Counter(trial.reason for trial in trials).most_common()
        reason = f"None of {len(trials)} grasps holds: {', '.join(f'{count} {name}' for name, count in counts)}."
    return Failure(item.label, item.index, "grasp", reason)
