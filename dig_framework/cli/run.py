"""Reconstruct a scene: images and boxes to meshes, poses, materials, lights and grasps."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from dig_framework.stage import STAGES

if TYPE_CHECKING:
    from dig_framework.run import Run


def add_arguments(command: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    command.add_argument("config", metavar="CONFIG", help="preset (quickstart, reference, paper) or YAML file")
    command.add_argument("input", metavar="INPUT", type=Path, help="scene folder: rgb.png, depth.png, camera.json, ...")
    command.add_argument("--image", type=int, metavar="N", help="which image of a BOP scene; the first by default")
    add_run_options(command)
    command.set_defaults(execute=_execute)


def add_run_options(command: argparse.ArgumentParser) -> None:
    """Declare the options of whatever runs a pipeline."""
    add = command.add_argument
    add("-s", "--set", action="append", default=[], dest="settings", metavar="KEY=VALUE", type=_setting,
        help="change a setting, as shape=ellipsoid or fit_schedule.phases.0.steps=10; may be repeated")  # fmt: skip
    add("--seed", type=int, metavar="N", help="the same as -s seed=N")
    add("--into", type=Path, metavar="DIR", help="run directory; a new one in runs/ by default")
    add("--until", choices=[stage.name for stage in STAGES], metavar="STAGE",
        help=f"last stage to run: {', '.join(stage.name for stage in STAGES)}")  # fmt: skip
    add("--cache", type=Path, metavar="DIR", help="where finished stages are kept; by default DIG_CACHE, or ~/.cache")
    add("--no-cache", action="store_true", help="keep finished stages nowhere but in the run directory")
    add("--no-report", action="store_true", help="write no report.html")
    add("--listen", action="append", default=[], metavar="NAME", help="an installed listener, or module:Class")


def run_and_print(given: argparse.Namespace, config: str, folder: Path, image: int | None = None) -> int:
    """Run a config on a scene folder as the options say, and print what came out and where it is."""
    from dig_framework.cache import opened_cache
    from dig_framework.config_reading import read_config
    from dig_framework.hooks import load_listener
    from dig_framework.observation_files import load_observation
    from dig_framework.pipeline import run_pipeline
    from dig_framework.progress import ProgressBars

    seed = [] if given.seed is None else [f"seed={given.seed}"]
    settings = read_config(config, [*given.settings, *seed])
    signal.signal(signal.SIGTERM, _interrupt)
    run = run_pipeline(
        settings,
        load_observation(folder, image),
        given.into,
        until=given.until,
        cache=None if given.no_cache else opened_cache(given.cache or "default", _complain),
        listeners=[ProgressBars(), *(load_listener(name) for name in given.listen)],
        report=not given.no_report,
        source=str(folder.resolve()),
    )
    _print(run)
    return 0


def _execute(given: argparse.Namespace) -> int:
    return run_and_print(given, given.config, given.input, given.image)


def _print(run: Run) -> None:
    for failure in run.failures():
        print(f"{failure.stage}: {failure.label} {failure.index}: {failure.reason}", file=sys.stderr)
    held = {trial.grasp.object_index: trial for trial in reversed(run.grasping.trials) if trial.success}
    for item in run.scene.objects:
        x, y, z = item.posed().vertices.mean(0).tolist()
        trial = held.get(item.index)
        grasp = f"best grasp {trial.score:.2f}" if trial else ""
        print(f"{item.label:<20} at ({x:+.3f}, {y:+.3f}, {z:+.3f}) m   {grasp}".rstrip())
    if run.execution is not None:
        print(f"execute: {run.execution.reason}")
    print(f"{run.metrics['seconds']:.1f} s, peak memory {run.metrics['peak_memory_bytes'] / 2**20:.0f} MiB")
    report = run.path / "report.html"
    print(report if report.exists() else run.path)


def _complain(text: str) -> None:
    print(f"dig-framework: {text}", file=sys.stderr)


def _setting(text: str) -> str:
    key, separator, _ = text.partition("=")
    if not separator or not key:
        raise argparse.ArgumentTypeError(f"wants key=value, such as shape=ellipsoid, not {text!r}")
    return text


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
