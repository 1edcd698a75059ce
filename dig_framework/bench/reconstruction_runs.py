"""Runs of the benchmark of reconstruction: each image by each method, scored stage by stage and kept in a file."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dig_framework import plugins
from dig_framework.bench.reconstruction_conditions import Case, Condition
from dig_framework.bench.reconstruction_methods import Method
from dig_framework.bench.reconstruction_pose import with_pose_errors
from dig_framework.bench.reconstruction_scenes import settling_simulator
from dig_framework.config import PipelineConfig
from dig_framework.errors import DigError
from dig_framework.evaluation.reconstruction import Reconstruction, read_reconstruction
from dig_framework.evaluation.records import SceneRecord, from_json, to_json
from dig_framework.evaluation.sample_digest import sample_digest
from dig_framework.evaluation.scene_scores import score_run_of
from dig_framework.ground_truth import Sample
from dig_framework.interfaces.simulator import Simulator
from dig_framework.pipeline import last_scene_stage, planned, run_pipeline
from dig_framework.scene import Scene
from dig_framework.sources import source_digest
from dig_framework.stage_folders import RECORD

_MODULE = "dig_framework.bench.reconstruction_runs"


@dataclasses.dataclass(frozen=True)
class Judged:
    """One image after one stage of one method."""

    condition: str
    method: str
    stage: str
    group: str
    """What the bootstrap draws."""
    record: SceneRecord
    seconds: float | None
    """What the stages up to this one took, after the masks [s]."""


class Ledger:
    """Everything judged so far, one JSON line each; what is in the file is not judged again."""

    def __init__(self, folder: Path) -> None:
        """Read the file of a folder; a line that a killed run left half written is passed over."""
        self.folder = folder
        self._path = folder / "records.jsonl"
        self._known: dict[str, Judged] = {}
        self._scores: dict[str, SceneRecord] = {}
        self._code = source_digest({_MODULE, "dig_framework.pipeline"})
        for line in self._path.read_text("utf-8").splitlines() if self._path.exists() else ():
            self._take(line)

    def judged(self, condition: Condition, case: Case, method: Method) -> list[Judged]:
        """Return the scores of all stages of a method on an image, from the file or from a run."""
        config = configured(condition, case, method)
        keys = [self._key(condition, case, config, stage) for stage in method.stages]
        if any(key not in self._known for key in keys):
            for key, item in zip(keys, self._run(condition, case, method, config), strict=True):
                self._note(key, item)
        return [dataclasses.replace(self._known[key], method=method.name) for key in keys]

    def _run(self, condition: Condition, case: Case, method: Method, config: PipelineConfig) -> Iterator[Judged]:
        simulator = _simulator() if condition.settles else None
        runs = self.folder / "runs"
        runs.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=runs) as name:
            run = Path(name) / "run"
            failure = _attempt(config, case.sample, run, self.folder / "cache")
            spent = _seconds(run)
            order = [stage.name for stage in planned(config) if stage.gives == "scene"]
            for stage in method.stages:
                found = _found(run / stage, failure)
                record = self._scored(case.sample, found, run / stage, simulator, condition)
                before = order[: order.index(stage) + 1]
                seconds = None if spent is None else sum(spent.get(name, 0.0) for name in before)
                yield Judged(condition.name, method.name, stage, case.group, _chosen(record, condition), seconds)

    def _scored(
        self, sample: Sample, found: Reconstruction, folder: Path, simulator: Simulator | None, condition: Condition
    ) -> SceneRecord:
        """Return the scores of a stage; two stages that found the same are scored once."""
        answer = _answer(folder)
        key = None if answer is None else _hash(self._code, sample_digest(sample), answer, condition.name)
        if key is not None and key in self._scores:
            return self._scores[key]
        record = score_run_of(sample, dataclasses.replace(found, run=None), simulator)
        if condition.turned:
            record = with_pose_errors(record, sample, found)
        if key is not None:
            self._scores[key] = record
        return record

    def _key(self, condition: Condition, case: Case, config: PipelineConfig, stage: str) -> str:
        plain = config.with_settings({"name": "any"}).to_yaml()
        modules = {type(value).__module__ for value in dict(config).values()} - {"builtins"}
        code = self._code + source_digest({name for name in modules if name.startswith("dig")})
        return _hash(code, plain, sample_digest(case.sample), condition.name, stage)

    def _note(self, key: str, item: Judged) -> None:
        self._known[key] = item
        values = {**dataclasses.asdict(item), "record": to_json(item.record), "key": key}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")

    def _take(self, line: str) -> None:
        try:
            values: dict[str, Any] = json.loads(line)
            key = values.pop("key")
            self._known[key] = Judged(**{**values, "record": from_json(values["record"])})
        except (ValueError, KeyError, TypeError):
            logging.getLogger(__name__).debug("a damaged line is passed over")


def configured(condition: Condition, case: Case, method: Method) -> PipelineConfig:
    """Return a method's config with the masks that a condition wants: given ones where there are some, or our own."""
    own = condition.own_masks or case.sample.observation.masks is None
    return method.config.with_settings({"segmenter": "depth-grabcut" if own else "given"})


def _attempt(config: PipelineConfig, sample: Sample, run: Path, cache: Path) -> str | None:
    """Run a pipeline up to its last scene; return why it failed, if it did."""
    try:
        run_pipeline(config, sample.observation, run, until=last_scene_stage(config), cache=str(cache), report=False)
    except DigError as error:
        return str(error)
    except Exception as error:  # Whatever a method does to one image, the others are still to be judged.
        logging.getLogger(__name__).debug("a run crashed", exc_info=True)
        return f"crashed with {type(error).__name__}: {' '.join(str(error).split())}"
    return None


def _found(folder: Path, failure: str | None) -> Reconstruction:
    if not (folder / "scene.json").exists():
        return Reconstruction(Scene(), failure=failure or "the stage wrote no scene.")
    return read_reconstruction(folder)


def _chosen(record: SceneRecord, condition: Condition) -> SceneRecord:
    if condition.judged is None:
        return record
    return dataclasses.replace(record, objects=tuple(item for item in record.objects if item.index in condition.judged))


def _answer(folder: Path) -> str | None:
    try:
        return str(json.loads((folder / RECORD).read_text("utf-8"))["answer"])
    except (OSError, ValueError, KeyError):
        return None


def _seconds(run: Path) -> dict[str, float] | None:
    """Return what each stage took when it was computed [s]."""
    try:
        metrics = json.loads((run / "metrics.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return {name.removesuffix("_seconds"): value for name, value in metrics.items() if name.endswith("_seconds")}


def _simulator() -> Simulator:
    found = plugins.load("simulator", settling_simulator()).model_validate({})
    assert isinstance(found, Simulator)  # For the type checker; `load` has seen to it.
    return found


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
