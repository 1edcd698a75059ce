"""Score runs, or a config on a whole dataset, against the truth."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

    from dig_framework.evaluation.summary import Summary


def add_arguments(command: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    add = command.add_argument
    command.usage = "dig-framework evaluate RUN [RUN ...] | DATASET CONFIG [options]"
    add("words", nargs="+", metavar="RUN | DATASET CONFIG",
        help="run directories; or a dataset or folder of scene folders, and a preset or YAML file")  # fmt: skip
    add("--truth", type=Path, metavar="SCENE", help="scene folder with gt.json, for runs whose input has moved")
    add("--reader", metavar="NAME", help="how the dataset is read: bop, folder, fewsol, ...; found out by default")
    add("-d", "--data", action="append", default=[], metavar="KEY=VALUE", help="a setting of the reader, as split=val")
    add("-s", "--set", action="append", default=[], dest="settings", metavar="KEY=VALUE",
        help="change a setting of the config; may be repeated")  # fmt: skip
    add("--image", action="append", dest="images", metavar="NAME", help="only this image; may be repeated")
    add("--workers", type=_count, default=2, metavar="N", help="images at a time (2)")
    add("--simulator", metavar="NAME", help="lets every result settle for 2 s and adds its drift to the tables")
    add("--no-cache", action="store_true", help="keep finished stages nowhere but in the run directories")
    add("--into", type=Path, metavar="DIR", help="where results go; a new folder in evaluations/ by default")
    command.set_defaults(execute=_execute)


def _execute(given: argparse.Namespace) -> int:
    from dig_framework.errors import UsageError
    from dig_framework.evaluation.finished_runs import is_run

    if given.into is not None and given.into.exists() and not given.into.is_dir():
        raise UsageError(f"--into {given.into}: is a file; give a folder, new or of an evaluation that goes on.")
    signal.signal(signal.SIGTERM, _interrupt)
    paths = [Path(word) for word in given.words]
    return _runs(given, paths) if is_run(paths[0]) else _dataset(given)


def _runs(given: argparse.Namespace, runs: list[Path]) -> int:
    from dig_framework.errors import DigError
    from dig_framework.evaluation.finished_runs import score_run
    from dig_framework.evaluation.records import SceneRecord
    from dig_framework.evaluation.writing import save_evaluation

    simulator, samples, records = _simulator(given.simulator), {}, []
    for run in runs:
        try:
            record, sample = score_run(run, given.truth, simulator)
            samples[str(run)] = sample
        except DigError as error:
            record = SceneRecord(run.name, None, skipped=str(error))
        records.append(record)
    folder = given.into or _new_folder("runs")
    title = runs[0].resolve().name if len(runs) == 1 else f"{len(runs)} runs"
    summary = save_evaluation(folder, title, records, lambda record: samples[record.run or ""],
                              {"runs": [str(run.resolve()) for run in runs]})  # fmt: skip
    return _print(summary, records, folder)


def _dataset(given: argparse.Namespace) -> int:
    from dig_framework.config_reading import read_config
    from dig_framework.errors import UsageError
    from dig_framework.evaluation.dataset_runs import score_dataset
    from dig_framework.evaluation.plan import Plan
    from dig_framework.evaluation.truth import open_dataset, read_sample
    from dig_framework.evaluation.writing import save_evaluation
    from dig_framework.interfaces import Launcher
    from dig_framework.plugins import load

    if len(given.words) != 2:
        raise UsageError(
            f"{given.words[0]} is no run directory, so it is taken for a dataset, and one config is wanted after it; "
            f"{len(given.words) - 1} words follow."
        )
    path, name = Path(given.words[0]), given.words[1]
    config = read_config(name, given.settings)
    folder = given.into or _new_folder(config.name)
    threads = max(1, len(os.sched_getaffinity(0)) // max(given.workers, 1))
    plan = Plan(folder, config, path, given.reader, _settings(given.data), given.simulator,
                None if given.no_cache else "default", threads)  # fmt: skip
    _simulator(given.simulator)  # A wrong name is told before anything runs.
    launcher = load("launcher", "local").model_validate({"workers": given.workers})
    assert isinstance(launcher, Launcher)
    records = score_dataset(plan, launcher, given.workers, given.images, _tell)
    dataset = open_dataset(path, given.reader, plan.settings)
    title = f"{config.name} on {path.resolve().name}"
    about = {"dataset": str(path.resolve()), "config": config.to_yaml()}
    summary = save_evaluation(folder, title, records, lambda record: read_sample(dataset, record.name), about)
    return _print(summary, records, folder)


def _print(summary: Summary, records: Any, folder: Path) -> int:
    from dig_framework.evaluation.measures import MAIN
    from dig_framework.evaluation.tables import counts, object_grid, scene_grid, summary_grid
    from dig_framework.text_table import text_table

    for grid in (object_grid(records), scene_grid(records), summary_grid(summary, MAIN)):
        print(f"{grid.title}\n{text_table(grid.rows, grid.head)}\n")
    print(counts(summary))
    print(folder / "report.html")
    return 0 if summary.scenes else 1


def _simulator(name: str | None) -> Any:
    from dig_framework.plugins import load

    return None if name is None else load("simulator", name)()


def _settings(words: list[str]) -> dict[str, str]:
    from dig_framework.errors import UsageError

    for word in words:
        if "=" not in word:
            raise UsageError(f"-d wants key=value, such as split=val, not {word!r}.")
    return dict(word.split("=", 1) for word in words)


def _count(text: str) -> int:
    if not text.isdigit() or text == "0":
        raise argparse.ArgumentTypeError(f"wants a number from 1 on, not {text!r}")
    return int(text)


def _new_folder(name: str) -> Path:
    from datetime import datetime

    stem = f"{datetime.now():%Y%m%d-%H%M%S}-{name}"
    places = (Path("evaluations") / (stem + (f"-{count}" if count else "")) for count in range(10_000))
    return next(place for place in places if not place.exists())


def _tell(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} of {total} images", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
