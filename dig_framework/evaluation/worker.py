"""Run and score some images of a plan, in a process of its own: `python -m ... FOLDER NAME NAME ...`."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from dig_framework import plugins
from dig_framework.errors import DigError
from dig_framework.evaluation.plan import Plan
from dig_framework.evaluation.reconstruction import Reconstruction, read_reconstruction
from dig_framework.evaluation.records import SceneRecord
from dig_framework.evaluation.sample_digest import digest_of
from dig_framework.evaluation.scene_scores import score_run_of
from dig_framework.evaluation.truth import open_dataset, read_sample
from dig_framework.ground_truth import Sample
from dig_framework.interfaces.dataset import Dataset
from dig_framework.interfaces.simulator import Simulator
from dig_framework.pipeline import last_scene_stage, run_pipeline
from dig_framework.scene import Scene


def main(words: Sequence[str]) -> int:
    """Carry out a part of a plan and return zero; what goes wrong with an image is in its scores."""
    plan = Plan.load(Path(words[0]))
    _limit_threads(plan.threads)
    dataset, key = open_dataset(plan.dataset, plan.reader, plan.settings), plan.key()
    simulator = None if plan.simulator is None else plugins.load("simulator", plan.simulator)()
    assert simulator is None or isinstance(simulator, Simulator)
    for name in words[1:]:
        record = judge(plan, dataset, name, simulator)
        plan.note(record, key, digest_of(dataset, name))
        print(name, record.skipped or record.failure or "judged", flush=True)
    return 0


def judge(plan: Plan, dataset: Dataset, name: str, simulator: Simulator | None) -> SceneRecord:
    """Run one image and score what comes out.

    An image whose files or truth cannot be used is skipped; a run that fails in whatever way counts as a failure of all
    its objects.
    """
    try:
        sample = read_sample(dataset, name)
    except DigError as error:
        return SceneRecord(name, None, skipped=str(error))
    found = attempt(plan, sample)
    try:
        return score_run_of(sample, found, simulator)
    except DigError as error:
        return SceneRecord(name, found.run, skipped=str(error))


def attempt(plan: Plan, sample: Sample) -> Reconstruction:
    """Run the pipeline on an image up to its final scene, which is what is scored; finished stages are read back."""
    run = plan.run(sample.name)
    if not sample.observation.boxes:
        return Reconstruction(Scene(), failure="the image has no box.", run=str(run))
    try:
        run_pipeline(plan.config, sample.observation, run, until=last_scene_stage(plan.config), cache=plan.cache,
                     report=False, source=str(plan.dataset.resolve()))  # fmt: skip
    except Exception as error:  # Whatever a component does to one image, the others are still to be judged.
        reason = str(error) if isinstance(error, DigError) else f"crashed with {type(error).__name__}: {error}"
        traceback.print_exc()
        return Reconstruction(Scene(), failure=" ".join(reason.split()), run=str(run))
    return read_reconstruction(run)


def _limit_threads(count: int) -> None:
    import cv2
    import numba
    import torch

    torch.set_num_threads(count)
    cv2.setNumThreads(count)
    numba.set_num_threads(min(count, numba.get_num_threads()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
