"""A run is a directory: what it says of itself, and how it is named."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
from pathlib import Path

from dig_framework.config import PipelineConfig
from dig_framework.errors import RunError
from dig_framework.run_folder import locked
from dig_framework.scene import Failure, Scene
from dig_framework.stages.execution import Execution
from dig_framework.stages.grasping import Grasping
from dig_framework.stages.segmentation import Segmentation


@dataclasses.dataclass(frozen=True)
class Run:
    """What a pipeline did, and where."""

    path: Path
    """The run directory."""
    segmentation: Segmentation | None
    """Masks and the table; None if the run ended before."""
    scene: Scene
    """Of the last stage that gave one; empty if the run ended before."""
    grasping: Grasping
    """Ranked grasps, best first; empty if the run ended before."""
    execution: Execution | None
    """What the robot did, if the run went that far."""
    metrics: dict[str, int | float]
    """Figures by name, as in `metrics.json`."""

    def failures(self) -> tuple[Failure, ...]:
        """Return every object that could not be recovered or grasped, once a stage."""
        masks = () if self.segmentation is None else self.segmentation.failures
        found = (*masks, *self.scene.failures, *self.grasping.failures)
        return tuple({(item.index, item.stage): item for item in found}.values())


def new_run_path(config: PipelineConfig, parent: Path = Path("runs")) -> Path:
    """Return a path for a run, named after the time, the config and a hash of all its settings."""
    now = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    name = "".join(letter if letter.isalnum() or letter in "._" else "-" for letter in config.name)
    stem = f"{now}-{name}-{config_digest(config)}"
    taken = (parent / (stem + (f"-{count}" if count else "")) for count in range(10_000))
    return next(path for path in taken if not path.exists())


def config_digest(config: PipelineConfig) -> str:
    """Return eight letters that stand for everything in a config."""
    return hashlib.sha256(config.to_yaml().encode()).hexdigest()[:8]


def run_state(path: Path) -> str:
    """Return `running`, `done`, `failed`, or `interrupted` if its process went away without a word.

    Raises:
        RunError: If the folder is no run directory.
    """
    try:
        state = (path / "state").read_text("utf-8").strip()
    except OSError as error:
        raise RunError(f"{path} is no run directory: it has no file 'state'.") from error
    if state == "running":
        try:
            with locked(path):
                return "interrupted"
        except RunError:
            return state
    return state
