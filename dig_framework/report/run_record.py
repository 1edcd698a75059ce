"""Everything that a run directory says, as far as it says it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

from dig_framework.errors import DigError
from dig_framework.events import read_events
from dig_framework.execution_files import load_execution
from dig_framework.grasp import ParallelJaw
from dig_framework.grasp_files import load_grasping
from dig_framework.observation import Observation
from dig_framework.observation_files import load_observation
from dig_framework.report.loss_table import LossTable, read_losses
from dig_framework.scene import Failure, Scene
from dig_framework.scene_files import load_scene
from dig_framework.segmentation_files import load_segmentation
from dig_framework.stage import STAGES
from dig_framework.stages.execution import Execution
from dig_framework.stages.grasping import Grasping
from dig_framework.stages.segmentation import Segmentation
from dig_framework.yaml_files import parse_yaml

Value = TypeVar("Value")


@dataclasses.dataclass(frozen=True)
class StageRun:
    """What is known about one stage of a run."""

    name: str
    state: str
    """'done', 'cached', 'failed', 'unfinished', or 'absent' if the run did not come to it."""
    seconds: float | None = None
    """How long it took when it was computed [s]."""
    reason: str | None = None
    """Why it failed."""
    scene: Scene | None = None
    losses: LossTable | None = None


@dataclasses.dataclass(frozen=True)
class RunRecord:
    """A run directory that was read; whatever is absent is None or empty, whatever is damaged is in `problems`."""

    folder: Path
    observation: Observation | None
    segmentation: Segmentation | None
    stages: tuple[StageRun, ...]
    scene: Scene | None
    """The answer: that of the run, or of the last stage that gave one."""
    grasping: Grasping | None
    execution: Execution | None
    hand: ParallelJaw
    """The gripper of the settings; the default one if they name none."""
    config_text: str
    provenance: Mapping[str, Any]
    metrics: Mapping[str, Any]
    seconds: float | None
    """Whole duration [s]."""
    outcome: str
    """'done', 'failed' or 'unfinished'."""
    reason: str | None
    """Why it failed, in one sentence."""
    problems: tuple[str, ...]

    def stage(self, name: str) -> StageRun:
        """Return the stage of that name; an absent one if the run has none."""
        return next((item for item in self.stages if item.name == name), StageRun(name, "absent"))

    def failures(self) -> tuple[Failure, ...]:
        """Return every object that could not be recovered or grasped, once a stage."""
        sources = (self.segmentation, *(stage.scene for stage in self.stages), self.scene, self.grasping)
        found = [failure for source in sources if source is not None for failure in source.failures]
        return tuple({(item.index, item.stage): item for item in found}.values())


def read_run(folder: Path) -> RunRecord:
    """Read a run directory; nothing in it needs to be there."""
    reader = _Reader(folder)
    events = read_events(folder)
    stages = tuple(_stage_run(stage.name, events, reader) for stage in STAGES)
    config_text = reader.text("config.yaml")
    metrics = reader.mapping("metrics.json")
    scenes = [stage.scene for stage in stages if stage.scene is not None]
    outcome, reason = _outcome(events, stages, reader.text("state").strip())
    return RunRecord(
        folder=folder,
        observation=reader.value("input/camera.json", lambda: load_observation(folder / "input")),
        segmentation=reader.value("segment/segmentation.json", lambda: load_segmentation(folder / "segment")),
        stages=stages,
        scene=reader.value("scene.json", lambda: load_scene(folder)) or (scenes[-1] if scenes else None),
        grasping=reader.value("grasp/grasps.json", lambda: load_grasping(folder / "grasp")),
        execution=reader.value("execute/execution.json", lambda: load_execution(folder / "execute")),
        hand=reader.value("config.yaml", lambda: _hand(config_text)) or ParallelJaw(),
        config_text=config_text,
        provenance=reader.mapping("provenance.json"),
        metrics=metrics,
        seconds=metrics.get("seconds"),
        outcome=outcome,
        reason=reason,
        problems=tuple(reader.problems),
    )


class _Reader:
    """Reads files that may be absent or damaged, and remembers what was damaged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []

    def value(self, name: str, read: Callable[[], Value]) -> Value | None:
        """Return what `read` gives if the file is there and whole."""
        if not (self.folder / name).exists():
            return None
        try:
            return read()
        except (DigError, OSError, ValueError, TypeError, KeyError, yaml.YAMLError) as error:
            message = " ".join(str(error).split()) or type(error).__name__
            self.problems.append(message if name in message else f"{name}: {message}")
            return None

    def text(self, name: str) -> str:
        return self.value(name, lambda: (self.folder / name).read_text("utf-8")) or ""

    def mapping(self, name: str) -> dict[str, Any]:
        return self.value(name, lambda: dict(json.loads((self.folder / name).read_text("utf-8")))) or {}


def _hand(config_text: str) -> ParallelJaw:
    return ParallelJaw.model_validate(dict(parse_yaml(config_text)).get("hand") or {})


def _stage_run(name: str, events: list[dict[str, Any]], reader: _Reader) -> StageRun:
    scene = reader.value(f"{name}/scene.json", lambda: load_scene(reader.folder / name))
    losses = reader.value(f"{name}/loss.csv", lambda: read_losses(reader.folder / name / "loss.csv"))
    told = [event for event in events if event.get("stage") == name and str(event.get("event")).startswith("stage_")]
    if not told:
        state = "done" if (reader.folder / name).is_dir() else "absent"
        return StageRun(name, state, scene=scene, losses=losses)
    last = told[-1]
    seconds = last.get("seconds")
    if last["event"] == "stage_failed":
        return StageRun(name, "failed", reason=last.get("reason"), scene=scene, losses=losses)
    if last["event"] == "stage_started":
        return StageRun(name, "unfinished", scene=scene, losses=losses)
    return StageRun(name, "cached" if last.get("cached") else "done", seconds, scene=scene, losses=losses)


def _outcome(events: list[dict[str, Any]], stages: tuple[StageRun, ...], state: str) -> tuple[str, str | None]:
    """Judge a run, also while it writes its report: then its own last word is not yet in the files."""
    for event in reversed(events):
        if event.get("event") in ("run_failed", "stage_failed"):
            return "failed", event.get("reason")
    scenes = [stage.scene for stage in stages if stage.scene is not None]
    if scenes and not scenes[-1].objects:
        return "failed", "No object could be recovered."
    if state == "failed":
        return "failed", None
    if any(stage.state == "unfinished" for stage in stages) or all(stage.state == "absent" for stage in stages):
        return "unfinished", None
    return "done", None
