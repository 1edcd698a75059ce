"""A set of scenes, made by several processes, which goes on where it was interrupted."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path

from dig_framework.atomic_files import read_json, write_json
from dig_framework.errors import InputError, RunError
from dig_framework.synthesis.bop_models import model_info, model_path
from dig_framework.synthesis.recipe import Recipe
from dig_framework.synthesis.scene_making import SPLIT, make_scene, scene_folder

RECIPE_FILE = "dig_scenes.json"
"""What the scenes of a folder were made from."""

_PATIENCE = 3.0
"""How long processes that are told to end are waited for before they are killed, all together [s]."""

Report = Callable[[int, int], None]
"""Told how many scenes are there, and of how many."""


@dataclasses.dataclass(frozen=True)
class Made:
    """What became of a set."""

    there: int
    """Scenes that were there before."""
    made: int
    failures: dict[int, str]
    """By scene number, why one could not be made."""


def make_scenes(recipe: Recipe, dataset: Path, count: int, workers: int = 1, report: Report | None = None) -> Made:
    """Make scenes 0 to `count` - 1 of a recipe, those that are there left out.

    Each scene appears in one step when it is finished. Scenes do not depend on each other nor on the number of
    processes: the same recipe gives the same bytes.

    Args:
        recipe: What they are made from.
        dataset: Folder that becomes a BOP dataset.
        count: How many scenes it is to have.
        workers: Processes.
        report: Told of progress.

    Raises:
        InputError: If the folder holds scenes of another recipe, or the recipe's meshes cannot be used.
        ComponentError: If the renderer or the simulator is not installed.
        RunError: If a process ends by itself.
    """
    recipe.check()
    _begin(recipe, dataset)
    waiting = [number for number in range(count) if not scene_folder(dataset, number).exists()]
    there = count - len(waiting)
    failures: dict[int, str] = {}
    tell = report or (lambda done, whole: None)
    tell(there, count)
    try:
        for done, (number, problem) in enumerate(_outcomes(recipe, dataset, waiting, workers), 1):
            if problem:
                failures[number] = problem
            tell(there + done, count)
    finally:
        _finish(recipe, dataset)
    return Made(there, len(waiting) - len(failures), failures)


def _begin(recipe: Recipe, dataset: Path) -> None:
    path = dataset / RECIPE_FILE
    if path.exists():
        before, now = read_json(path), recipe.to_json()
        changed = [key for key in now if before.get(key) != now[key]]
        if changed:
            shown = ", ".join(_difference(key, before.get(key), now[key]) for key in changed)
            raise InputError(f"{dataset}: holds scenes of another recipe ({shown}); give another folder.")
    elif dataset.exists() and any(dataset.iterdir()):
        raise InputError(f"{dataset}: is not empty and holds no scenes of ours; give a new folder.")
    write_json(path, recipe.to_json())
    for left in (dataset / SPLIT).glob(".*"):
        shutil.rmtree(left, ignore_errors=True)  # Of a process that was killed amid a scene.


def _difference(key: str, before: object, now: object) -> str:
    """Say how a setting differs; the meshes of a folder are too many to be listed."""
    if key == "meshes":
        return "meshes of another folder, or changed ones"
    return f"{key} {before!r}, not {now!r}"


def _finish(recipe: Recipe, dataset: Path) -> None:
    """Write `models_info.json` for all models that are there."""
    catalogue = recipe.catalogue()
    numbers = [number for number in range(1, catalogue.count() + 1) if model_path(dataset, number).exists()]
    path = dataset / "models" / "models_info.json"
    known = read_json(path) if path.exists() else {}
    missing = [number for number in numbers if str(number) not in known]
    if missing:
        found = known | {str(number): model_info(catalogue.model(number)) for number in missing}
        write_json(path, {key: found[key] for key in sorted(found, key=int)})


def _outcomes(recipe: Recipe, dataset: Path, numbers: list[int], workers: int) -> Iterator[tuple[int, str]]:
    """Yield each scene's number as it is there, with what went wrong."""
    if workers <= 1 or len(numbers) <= 1:
        for number in numbers:
            yield number, _attempt(recipe, dataset, number)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(workers, len(numbers)), context, initializer=_begin_worker)
    try:
        yield from _gathered(pool, recipe, dataset, numbers)
    except BaseException:
        _stop(pool)
        raise
    pool.shutdown()


def _gathered(
    pool: ProcessPoolExecutor, recipe: Recipe, dataset: Path, numbers: list[int]
) -> Iterator[tuple[int, str]]:
    from concurrent.futures.process import BrokenProcessPool

    running: dict[Future[str], int] = {pool.submit(_attempt, recipe, dataset, number): number for number in numbers}
    while running:
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            number = running.pop(future)
            try:
                yield number, future.result()
            except BrokenProcessPool as error:
                raise RunError(
                    f"a process ended by itself while scene {number} or one beside it was made, perhaps for want of "
                    "memory; repeat the command with fewer workers, finished scenes stay."
                ) from error


def _stop(pool: ProcessPoolExecutor) -> None:
    """End the processes at once: what they had begun leaves no trace that counts.

    An interruption may come while the pool starts a process that it does not list yet, and one that is amid a long
    call of a library may not heed the request to end.
    """
    known = (getattr(pool, "_processes", None) or {}).values()
    processes = {process.pid: process for process in (*known, *multiprocessing.active_children())}.values()
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    patience = time.monotonic() + _PATIENCE
    for process in processes:
        process.join(max(0.0, patience - time.monotonic()))
        if process.is_alive():
            process.kill()
            process.join()


def _begin_worker() -> None:
    import torch

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The first process decides what an interruption means.
    os.environ["OMP_NUM_THREADS"] = "1"
    torch.set_num_threads(1)


def _attempt(recipe: Recipe, dataset: Path, number: int) -> str:
    """Make a scene and return why it could not be made; empty if it was."""
    try:
        make_scene(recipe, dataset, number)
    except InputError as error:
        return str(error)
    return ""
