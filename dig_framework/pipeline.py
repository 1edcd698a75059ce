"""Runs the stages of a config in order, reading back what is already known."""

from __future__ import annotations

import dataclasses
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dig_framework.atomic_files import write_atomic, write_json
from dig_framework.cache import Cache, opened_cache
from dig_framework.component import Component
from dig_framework.config import PipelineConfig
from dig_framework.config_reading import read_config
from dig_framework.derived_seed import derived_seed
from dig_framework.errors import ConfigUsageError, InputError, RunError
from dig_framework.events import Events
from dig_framework.interfaces import FitStep
from dig_framework.loss_files import save_losses
from dig_framework.observation import Observation
from dig_framework.observation_files import save_observation
from dig_framework.plugins import did_you_mean
from dig_framework.preparation import Preparation
from dig_framework.products import PRODUCTS
from dig_framework.provenance import provenance
from dig_framework.run import Run, new_run_path
from dig_framework.run_folder import claimed
from dig_framework.run_metrics import run_metrics
from dig_framework.scene import Failure, Scene
from dig_framework.scene_files import save_scene
from dig_framework.stage import STAGES, Stage
from dig_framework.stage_folders import (
    LOSSES,
    StageRecord,
    discard,
    move_folder,
    read_record,
    unfinished,
    write_record,
)
from dig_framework.stage_keys import observation_digest, stage_key
from dig_framework.stages.grasping import Grasping


def run_pipeline(
    config: PipelineConfig | str | Path | Mapping[str, Any],
    observation: Observation,
    into: str | Path | None = None,
    *,
    until: str | None = None,
    cache: Cache | str | None = "default",
    listeners: Iterable[object] = (),
    report: bool = True,
    source: str | None = None,
    stages: Sequence[Stage] | None = None,
) -> Run:
    """Run a pipeline on one image, and return what it found and where it is written.

    Args:
        config: A config, or what `read_config` takes: a preset's name, a file, a mapping.
        observation: The image, its camera and boxes.
        into: Run directory; None makes one in `runs/`, named after time and config.
        until: Last stage to run; None runs all.
        cache: Where finished stages are kept; a folder's name, None for nowhere. The default is the user's cache;
            if that cannot be written, a warning says so and the run goes on without. At the end of the run it is
            cut back to its limit, see `Cache.trim`.
        listeners: Objects with hooks of `dig_framework.hooks`.
        report: Whether to write `report.html`.
        source: Folder that the observation came from, for the record.
        stages: The steps, in order; None takes the reference pipeline's.

    Raises:
        ConfigError: If the config does not fit.
        InputError: If there is no box.
        RunError: If the directory or a cache that was given cannot be written, or no object at all was recovered.
        UsageError: If the environment's DIG_CACHE_GB is no size.
    """
    settings = read_config(config)
    plan = planned(settings, until, stages)
    place = new_run_path(settings) if into is None else Path(into)
    store = opened_cache(cache, lambda text: warnings.warn(text, stacklevel=3))
    with claimed(place, tuple(stage.name for stage in plan)):
        events = Events(place, listeners)
        return _Pipeline(settings, plan, place, store, events, report).run(observation, source)


def reconstruct(
    observation: Observation, config: PipelineConfig | str | Path | Mapping[str, Any] = "reference"
) -> Scene:
    """Return the scene in a registered RGBD image; what was computed before is read back from the user's cache.

    Args:
        observation: From `load_observation`, or from arrays through `observation_from_arrays`.
        config: A config, or what `read_config` takes: a preset's name, a file, a mapping.

    Raises:
        ConfigError: If the config does not fit.
        RunError: If no object at all was recovered.
    """
    settings = read_config(config)
    last = last_scene_stage(settings)
    with tempfile.TemporaryDirectory(prefix="dig-framework-") as folder:
        return run_pipeline(settings, observation, Path(folder) / "run", until=last, report=False).scene


def last_scene_stage(config: PipelineConfig) -> str:
    """Return the name of the stage that gives a config's final scene; grasping comes after it."""
    return [stage.name for stage in planned(config) if stage.gives == "scene"][-1]


def planned(
    config: PipelineConfig, until: str | None = None, stages: Sequence[Stage] | None = None
) -> tuple[Stage, ...]:
    """Return the stages that a config runs, up to and with `until`.

    Those whose component is null are left out, and so are those that need what only these would have given: without a
    policy there is no grasp, and no robot is asked.

    Raises:
        ConfigUsageError: If `until` is no stage, or one that the config leaves out.
    """
    plan = _wanted(config, STAGES if stages is None else stages)
    names = [stage.name for stage in plan]
    if until is None:
        return plan
    if until not in names:
        raise ConfigUsageError(
            f"no stage of {config.name} is called {until!r}.{did_you_mean(until, names)} Stages: {', '.join(names)}."
        )
    return plan[: names.index(until) + 1]


def _wanted(config: PipelineConfig, stages: Sequence[Stage]) -> tuple[Stage, ...]:
    plan: list[Stage] = []
    absent: set[str] = set()
    for stage in stages:
        if stage.skipped(config) or absent & {name.partition(".")[0] for name in stage.needs}:
            absent |= {stage.gives} - {earlier.gives for earlier in plan}
        else:
            plan.append(stage)
            absent.discard(stage.gives)
    return tuple(plan)


@dataclasses.dataclass
class _Pipeline:
    """One run while it goes on."""

    config: PipelineConfig
    plan: Sequence[Stage]
    path: Path
    cache: Cache | None
    events: Events
    report: bool
    data: dict[str, Any] = dataclasses.field(default_factory=dict)
    digests: dict[str, str] = dataclasses.field(default_factory=dict)
    records: dict[str, tuple[StageRecord, bool]] = dataclasses.field(default_factory=dict)

    def run(self, observation: Observation, source: str | None) -> Run:
        started = time.perf_counter()
        self.events.tell("run_started", config=self.config)
        try:
            self._take(observation, source)
            self._go_through()
        except BaseException as error:
            reason = "interrupted" if isinstance(error, KeyboardInterrupt) else str(error) or type(error).__name__
            self.events.note("traceback", text=traceback.format_exc())
            self.events.tell("run_failed", reason=reason)
            self._answer(time.perf_counter() - started)
            raise
        finally:
            if self.cache is not None:
                self.cache.trim([(stage, record.key) for stage, (record, _) in self.records.items()])
        metrics = self._answer(time.perf_counter() - started)
        self.events.tell("run_finished", metrics=metrics)
        scene, grasping = self.data.get("scene", Scene()), self.data.get("grasping", Grasping())
        return Run(self.path, self.data.get("segmentation"), scene, grasping, self.data.get("execution"), metrics)

    def _take(self, observation: Observation, source: str | None) -> None:
        """Find boxes, and write down everything that the run starts from."""
        write_atomic(self.path / "config.yaml", self.config.to_yaml())
        seed = derived_seed(self.config.seed, "detect", "detector")
        boxes = self.config.detector.detect(observation, self.config.noise, seed)
        if not boxes:
            raise InputError("there is no box to reconstruct; add boxes.json to the input, or choose a detector.")
        if boxes != observation.boxes:
            observation = observation.replace(boxes=boxes, masks=None)
        self.data["observation"] = observation
        self.digests["observation"] = observation_digest(observation)
        save_observation(observation, self.path / "input")
        write_json(self.path / "provenance.json", provenance(self.config, self.digests["observation"], source))

    def _go_through(self) -> None:
        used = [value for stage in self.plan for value in stage.settings(self.config).values()]
        with Preparation(
            {repr(value): value for value in used if isinstance(value, Component)}.values()
        ) as preparation:
            for stage in self.plan:
                self._pass(stage, preparation)
                scene = self.data.get("scene")
                if isinstance(scene, Scene) and not scene.objects:
                    raise _nothing_left(scene.failures)
        segmentation = self.data.get("segmentation")
        if "scene" not in self.data and segmentation is not None and not bool(segmentation.masks.any()):
            raise _nothing_left(segmentation.failures)

    def _pass(self, stage: Stage, preparation: Preparation) -> None:
        """Read a stage back, or compute it; then let later stages have what it gives."""
        settings = stage.settings(self.config)
        key = stage_key(stage, settings, {name: self.digests[name.partition(".")[0]] for name in stage.needs})
        folder = self.path / stage.name
        record = self._known(stage, key, folder)
        cached = record is not None
        if record is None:
            preparation.wait(settings.values())
            record = self._compute(stage, settings, key, folder)
        # What was saved is what goes on, so that a resumed run sees the same as an unbroken one.
        self.data[stage.gives] = PRODUCTS[stage.gives].load(folder)
        self.digests[stage.gives] = record.answer
        self.records[stage.name] = (record, cached)
        self.events.tell("stage_finished", stage=stage.name, cached=cached, seconds=record.seconds)

    def _known(self, stage: Stage, key: str, folder: Path) -> StageRecord | None:
        record = read_record(folder, key)
        if record is not None:
            return record
        discard(folder)
        return None if self.cache is None else self.cache.get(stage.name, key, folder)

    def _compute(self, stage: Stage, settings: Mapping[str, Any], key: str, folder: Path) -> StageRecord:
        self.events.tell("stage_started", stage=stage.name)
        temporary = unfinished(folder)
        temporary.mkdir()
        try:
            seconds = self._call(stage, settings, temporary)
        except BaseException as error:
            self.events.tell("stage_failed", stage=stage.name, reason=str(error) or type(error).__name__)
            raise
        record = write_record(temporary, key, seconds)
        move_folder(temporary, folder)
        if self.cache is not None:
            self.cache.put(stage.name, key, folder)
        return record

    def _call(self, stage: Stage, settings: Mapping[str, Any], folder: Path) -> float:
        """Call a stage's function, write what it gives into a folder, and return how long it took [s]."""
        arguments = {**stage.inputs(self.data), **settings}
        steps: list[FitStep] = []

        def report(step: FitStep) -> None:
            steps.append(step)
            self.events.tell("fit_step", stage=stage.name, step=step)

        if stage.reports:
            arguments["report"] = report
        started = time.perf_counter()
        value = stage.load()(**arguments)
        seconds = time.perf_counter() - started
        PRODUCTS[stage.gives].save(value, folder, self.data["observation"].camera)
        if stage.reports:
            save_losses(steps, folder / LOSSES)
        return seconds

    def _answer(self, seconds: float) -> dict[str, int | float]:
        """Write the answer, the figures and the report from whatever is known."""
        if "scene" in self.data:
            scene, camera = self.data["scene"], self.data["observation"].camera
            masks = {item.index: f"segment/masks/{item.index:03d}.png" for item in scene.objects}
            save_scene(scene, self.path, camera, masks)
        metrics = run_metrics(self.data, self.records, seconds)
        write_json(self.path / "metrics.json", metrics)
        if self.report and self.records:
            self._write_report()
        return metrics

    def _write_report(self) -> None:
        try:
            from dig_framework.report import write_report

            write_report(self.path)
        except Exception as error:  # Pictures of a result are not worth the result.
            self.events.note("report_failed", reason=f"{type(error).__name__}: {error}", text=traceback.format_exc())


def _nothing_left(failures: Iterable[Failure]) -> RunError:
    reasons = "; ".join(f"{item.label} {item.index}: {item.reason}" for item in failures)
    return RunError(f"no object could be recovered. {reasons}")
