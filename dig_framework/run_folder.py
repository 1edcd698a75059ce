"""A run directory while it is written: known by a marker, held by one process, and cleared of what runs wrote."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path

from dig_framework.atomic_files import write_atomic
from dig_framework.errors import RunError
from dig_framework.stage_folders import OLD, RECORD, UNFINISHED, discard, is_record

MARKER = ".dig-framework-run"
"""File by which a run directory is known, and which its writer holds locked."""

_FORMAT = "dig_framework run directory, version "
_VERSION = "1"
_WRITTEN = (
    *("scene.json", "scene.glb", "metrics.json", "report.html", "provenance.json", "events.jsonl", "state"),
    *("meshes/[0-9]*.ply", "input/rgb.png", "input/depth.png", "input/camera.json", "input/boxes.json"),
    *("input/masks/[0-9]*.png", "pictures/*.png", "pictures/*/*.png"),
)
"""Everything that a run writes outside its stages, besides the config, which is replaced."""


@contextlib.contextmanager
def claimed(path: Path, stages: tuple[str, ...]) -> Iterator[Path]:
    """Make a run directory ready to be written by this process alone, and set its state.

    What an earlier run left of other stages, and its answers, are removed; folders of `stages` stay, to be read back
    if they are still right. Files that no run wrote are left alone.

    Raises:
        RunError: If another process writes it, or it holds something that is no run.
    """
    if path.exists() and not path.is_dir():
        raise RunError(f"{path} is a file; give a folder for the run.")
    _require_run(path, stages)
    try:
        path.mkdir(parents=True, exist_ok=True)
        (path / MARKER).touch()
    except OSError as error:
        raise RunError(f"{path} cannot be written: {error.strerror}; give another folder with --into.") from error
    with locked(path):
        if not (path / MARKER).stat().st_size:
            (path / MARKER).write_text(f"{_FORMAT}{_VERSION}\n", "utf-8")
        _clear(path, stages)
        write_atomic(path / "state", "running\n")
        try:
            yield path
        except BaseException:
            write_atomic(path / "state", "failed\n")
            raise
        write_atomic(path / "state", "done\n")


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a run directory; nothing is held where there is no marker.

    Raises:
        RunError: If another process holds it.
    """
    if not (path / MARKER).exists():
        yield
        return
    with (path / MARKER).open() as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunError(f"{path} is being written by another process; wait, or give another folder.") from error
        yield


def _require_run(path: Path, stages: tuple[str, ...]) -> None:
    """Refuse a folder of which anything could be somebody's own."""
    names = sorted(item.name for item in path.iterdir()) if path.is_dir() else []
    said = (path / MARKER).read_text("utf-8", "replace").strip() if (path / MARKER).is_file() else None
    # A process that ended between making the marker and writing into it left an empty one alone in the folder.
    if not names or (names == [MARKER] and said == ""):
        return
    if said is None or not said.startswith(_FORMAT):
        shown = ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")
        raise RunError(f"{path} holds files of something else ({shown}); give an empty or a new folder with --into.")
    if said != _FORMAT + _VERSION:
        raise RunError(f"{path} is a run of another version of dig_framework ({said!r}); give another folder.")
    for stage in stages:
        if (path / stage).exists() and not (path / stage / RECORD).exists():
            raise RunError(f"{path / stage} stands where a stage's result belongs, but no run wrote it; move it away.")


def _clear(path: Path, stages: tuple[str, ...]) -> None:
    for folder in ("meshes", "input/masks", "input", "pictures"):
        if (path / folder).is_symlink():
            (path / folder).unlink()  # What it leads to is somebody's own.
    for pattern in _WRITTEN:
        for file in path.glob(pattern):
            file.unlink()
    for pattern in ("pictures/*", "pictures", "input/masks", "input", "meshes"):
        for folder in path.glob(pattern):
            with contextlib.suppress(OSError):
                folder.rmdir()  # Stays if it holds something else.
    for folder in [item for item in path.iterdir() if item.is_dir() and not item.is_symlink()]:
        if folder.name.startswith((UNFINISHED, OLD)):
            shutil.rmtree(folder)
        elif folder.name not in stages and is_record(folder):
            discard(folder)
