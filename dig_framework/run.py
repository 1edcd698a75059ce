"""A run is a directory: one writer, every file whole, its state written last."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from dig_framework.atomic_files import write_atomic
from dig_framework.config import PipelineConfig
from dig_framework.errors import RunError
from dig_framework.scene import Scene
from dig_framework.stages.execution import Execution
from dig_framework.stages.grasping import Grasping

_LOCK = ".lock"
_ANSWERS = ("scene.json", "scene.glb", "metrics.json", "report.html", "provenance.json", "events.jsonl", "state")


@dataclasses.dataclass(frozen=True)
class Run:
    """What a pipeline did, and where."""

    path: Path
    """The run directory."""
    scene: Scene
    """Of the last stage that gave one; empty if the run ended before."""
    grasping: Grasping
    """Ranked grasps, best first; empty if the run ended before."""
    execution: Execution | None
    """What the robot did, if the run went that far."""
    metrics: dict[str, int | float]
    """Figures by name, as in `metrics.json`."""


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
        with contextlib.suppress(RunError), _locked(path):
            return "interrupted"
    return state


@contextlib.contextmanager
def claimed(path: Path, stages: tuple[str, ...]) -> Iterator[Path]:
    """Make a run directory ready to be written by this process alone, and set its state.

    What an earlier run left of other stages, and its answers, are removed; folders of `stages` stay, to be read back
    if they are still right.

    Raises:
        RunError: If another process writes it, or it holds something that is no run.
    """
    if path.exists() and not path.is_dir():
        raise RunError(f"{path} is a file; give a folder for the run.")
    known = path / "state", path / "config.yaml", path / _LOCK
    if path.is_dir() and any(path.iterdir()) and not any(item.exists() for item in known):
        raise RunError(f"{path} holds files of something else; give an empty or a new folder.")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"{path} cannot be made: {error.strerror}; give another folder with --into.") from error
    with _locked(path):
        _clear(path, stages)
        write_atomic(path / "state", "running\n")
        try:
            yield path
        except BaseException:
            write_atomic(path / "state", "failed\n")
            raise
        write_atomic(path / "state", "done\n")


def _clear(path: Path, stages: tuple[str, ...]) -> None:
    for name in _ANSWERS:
        (path / name).unlink(missing_ok=True)
    for folder in [item for item in path.iterdir() if item.is_dir()]:
        is_stage = (folder / "stage.json").exists()
        leftover = folder.name.startswith(".") or folder.name == "meshes" or (is_stage and folder.name not in stages)
        if leftover:
            shutil.rmtree(folder)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with (path / _LOCK).open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunError(f"{path} is being written by another process; wait, or give another folder.") from error
        yield
