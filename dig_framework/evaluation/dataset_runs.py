"""Run a pipeline on every image of a dataset and score it, several at a time."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from dig_framework.errors import DigError, InputError
from dig_framework.evaluation.plan import Plan
from dig_framework.evaluation.reconstruction import Reconstruction
from dig_framework.evaluation.records import SceneRecord
from dig_framework.evaluation.scene_scores import score_scene
from dig_framework.evaluation.truth import open_dataset, read_sample
from dig_framework.interfaces.dataset import Dataset
from dig_framework.interfaces.launcher import Job, Launcher
from dig_framework.scene import Scene

_MOST = 25
"""Images a process; starting one takes seconds."""


def score_dataset(
    plan: Plan,
    launcher: Launcher,
    workers: int,
    names: Sequence[str] | None = None,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> list[SceneRecord]:
    """Run and score the images of a plan; those that are scored already, and have not changed since, are read back.

    An image that takes its process down is tried once more alone, then counts as a failed run.

    Args:
        plan: What to do; it is saved into its folder.
        launcher: Runs the processes.
        workers: How many processes the images are spread over at a time.
        names: Which images; None takes all.
        report: Told how many are done, and of how many.

    Raises:
        InputError: If there is no image, or none of that name.
        RunError: If the plan's folder holds something else.
    """
    dataset = open_dataset(plan.dataset, plan.reader, plan.settings)
    wanted = _chosen(dataset.names(), names, plan)
    plan.save()
    key = plan.key()
    for name in wanted:
        plan.forget_changed(dataset, name, key)
    waiting = [name for name in wanted if plan.known(name, key) is None]
    total = len(wanted)
    report(total - len(waiting), total)
    size = max(1, min(_MOST, -(-len(waiting) // max(workers, 1))))
    parts = [waiting[start : start + size] for start in range(0, len(waiting), size)]
    codes: dict[str, int] = {}
    for alone in (False, True):
        rest = [[name] for name in waiting if plan.known(name, key) is None]
        for ended in launcher.launch([_job(plan, part) for part in (rest if alone else parts)]):
            codes[ended.name] = ended.code
            report(sum(plan.known(name, key) is not None for name in wanted), total)
    return [plan.known(name, key) or _lost(plan, dataset, name, codes.get(name)) for name in wanted]


def _chosen(known: list[str], names: Sequence[str] | None, plan: Plan) -> list[str]:
    if not known:
        raise InputError(f"{plan.dataset}: holds no image to evaluate.")
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise InputError(f"{plan.dataset}: has no image called {unknown[0]!r}; the first is {known[0]!r}.")
    return known if names is None else list(dict.fromkeys(names))


def _job(plan: Plan, names: Sequence[str]) -> Job:
    command = (sys.executable, "-m", "dig_framework.evaluation.worker", str(plan.folder), *names)
    return Job(names[0], command, plan.folder / "logs" / f"{names[0]}.txt")


def _lost(plan: Plan, dataset: Dataset, name: str, code: int | None) -> SceneRecord:
    """Return the scores of an image on which a process died, whatever it was that killed it."""
    log = plan.folder / "logs" / f"{name}.txt"
    reason = f"its process died twice, the last time with exit status {code}; see {log}."
    try:
        return score_scene(read_sample(dataset, name), Reconstruction(Scene(), failure=reason, run=str(plan.run(name))))
    except DigError as error:
        return SceneRecord(name, None, skipped=str(error))
