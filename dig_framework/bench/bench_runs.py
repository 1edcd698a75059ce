"""Runs of the pipeline, each in a process of its own, for benchmarks to look at."""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Sequence
from pathlib import Path

from dig_framework.bench.timed_process import Timed, command_line, run_timed
from dig_framework.errors import RunError
from dig_framework.events import read_events


def demo_scene() -> Path:
    """Return the folder of the embedded demo scene."""
    return Path(str(importlib.resources.files("dig_framework"))) / "demo"


def scenes_with_truth(data: Path) -> list[Path]:
    """Return the scene folders in a folder whose gt.json lists objects that have a box in the image, by name."""
    return [path.parent for path in sorted(data.glob("*/gt.json")) if _judged_boxes(path)]


def _judged_boxes(truth: Path) -> list[int]:
    """Return the places of true objects' boxes, without those boxes that are null."""
    boxes = json.loads((truth.parent / "boxes.json").read_text("utf-8"))
    places = (item.get("index") for item in json.loads(truth.read_text("utf-8"))["objects"])
    return [place for place in places if place is not None and place < len(boxes) and boxes[place].get("xyxy")]


def five_objects(data: Path | None) -> Path:
    """Return the first scene folder with truth that has five boxes, or the embedded one."""
    scenes = scenes_with_truth(data) if data else []
    return next((scene for scene in scenes if box_count(scene) == 5), demo_scene())


def box_count(scene: Path) -> int:
    """Return how many boxes a scene folder has."""
    return len(json.loads((scene / "boxes.json").read_text("utf-8")))


def run_command(config: str, scene: Path, into: Path, changes: Sequence[str] = ()) -> list[str]:
    """Return the command that runs a config on a scene folder."""
    settings = [word for change in changes for word in ("-s", change)]
    return command_line("run", config, str(scene), "--into", str(into), *settings)


def run_bench(config: str, scene: Path, into: Path, cache: Path, changes: Sequence[str] = ()) -> Timed:
    """Run a config on a scene folder with a cache folder of its own.

    Raises:
        RunError: If it fails; has the last line that it printed.
    """
    timed = run_timed(run_command(config, scene, into, changes), {"DIG_CACHE": str(cache)})
    if timed.code != 0:
        last = (timed.output.strip().splitlines() or ["it printed nothing"])[-1]
        raise RunError(f"{config} on {scene} ended with status {timed.code}: {last}")
    return timed


def computed_stages(run: Path) -> list[str]:
    """Return the stages that a run computed rather than read back."""
    return [event["stage"] for event in read_events(run) if event["event"] == "stage_started"]
