"""Finished stages by key: folders that are whole, or absent."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from dig_framework.atomic_files import write_json
from dig_framework.errors import RunError
from dig_framework.stage_keys import folder_digest

RECORD = "stage.json"
"""File in the folder of a finished stage: its key, the digest of the other files, and how long it took."""

UNFINISHED, OLD = ".unfinished-", ".replaced-"
"""How names of folders begin that are being written, or were just replaced."""

LOSSES = "loss.csv"
"""File in the folder of a stage that fits."""


@dataclasses.dataclass(frozen=True)
class StageRecord:
    """What is known about the folder of a finished stage."""

    key: str
    digest: str
    """Of all files besides this record; tells damage."""
    answer: str
    """Of those files that later stages read; loss curves do not count."""
    seconds: float
    """How long it took to compute [s]."""


class Cache:
    """A folder of finished stages, shared by all runs of a user; several processes may use it at once."""

    def __init__(self, folder: Path) -> None:
        """Use a folder, which is made when it is first needed."""
        self.folder = folder

    def problem(self) -> str | None:
        """Return why it cannot be written, in half a sentence, or None if it can; makes the folder."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder):
                return None
        except OSError as error:
            return f"the cache {self.folder} cannot be written ({error.strerror or error})"

    def get(self, stage: str, key: str, target: Path) -> StageRecord | None:
        """Copy a finished stage to a folder that does not exist yet; None if it is absent or damaged."""
        source = self.folder / f"{stage}-{key}"
        if read_record(source, key) is None:
            shutil.rmtree(source, ignore_errors=True)
            return None
        temporary = unfinished(target)
        try:
            shutil.copytree(source, temporary)
            os.rename(temporary, target)
        except (OSError, shutil.Error):
            shutil.rmtree(temporary, ignore_errors=True)  # Somebody emptied the cache meanwhile.
            return None
        return read_record(target, key)

    def put(self, stage: str, key: str, source: Path) -> None:
        """Copy the folder of a finished stage into the cache.

        Raises:
            RunError: If the cache cannot be written.
        """
        target = self.folder / f"{stage}-{key}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            temporary = Path(tempfile.mkdtemp(dir=self.folder, prefix=f"{UNFINISHED}{stage}-"))
            try:
                shutil.copytree(source, temporary, dirs_exist_ok=True)
                move_folder(temporary, target)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
        except OSError as error:
            raise RunError(
                f"the cache {self.folder} cannot be written ({error}); give another with --cache, or --no-cache."
            ) from error


def default_cache() -> Path:
    """Return the cache folder: the environment's DIG_CACHE, or dig-framework in the user's cache folder."""
    chosen = os.environ.get("DIG_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser() / "dig-framework"


def opened_cache(chosen: Cache | Path | str | None, complain: Callable[[str], None]) -> Cache | None:
    """Return a cache that can be written, or None for none.

    Args:
        chosen: A cache or its folder; "default" for the user's, which is left out if it cannot be written.
        complain: Told in one sentence if it is left out.

    Raises:
        RunError: If a cache other than the default one cannot be written.
    """
    if chosen is None:
        return None
    is_default = chosen == "default"
    cache = chosen if isinstance(chosen, Cache) else Cache(default_cache() if is_default else Path(chosen))
    problem = cache.problem()
    if problem is None:
        return cache
    if not is_default:
        raise RunError(f"{problem}; give another with --cache, or --no-cache (in Python cache=None).")
    complain(f"{problem}; going on without it, so nothing is read back. DIG_CACHE names another, --no-cache none.")
    return None


def write_record(folder: Path, key: str, seconds: float) -> StageRecord:
    """Declare the folder of a stage finished."""
    digest, answer = folder_digest(folder, frozenset({RECORD})), folder_digest(folder, frozenset({RECORD, LOSSES}))
    record = StageRecord(key, digest, answer, seconds)
    write_json(folder / RECORD, dataclasses.asdict(record))
    return record


def read_record(folder: Path, key: str) -> StageRecord | None:
    """Return the record of a folder if it is that of `key` and every file is as it was when it was finished."""
    try:
        record = StageRecord(**json.loads((folder / RECORD).read_text("utf-8")))
        whole = record.key == key and record.digest == folder_digest(folder, frozenset({RECORD}))
    except (OSError, ValueError, TypeError):
        return None
    return record if whole else None


def is_record(folder: Path) -> bool:
    """Return whether a folder is that of a finished stage, whatever became of its files since."""
    try:
        values = json.loads((folder / RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(values, dict) and values.keys() == {field.name for field in dataclasses.fields(StageRecord)}


def unfinished(target: Path) -> Path:
    """Return a path beside a folder for what will be moved there; nothing is at it."""
    temporary = target.with_name(f"{UNFINISHED}{target.name}")
    shutil.rmtree(temporary, ignore_errors=True)
    return temporary


def move_folder(source: Path, target: Path) -> None:
    """Move a folder into place; one that is there already makes way at once and is then deleted."""
    old = _set_aside(target)
    os.rename(source, target)
    shutil.rmtree(old, ignore_errors=True)


def discard(folder: Path) -> None:
    """Delete a folder, if it is there; it is gone at once, so that nobody ever sees half of it."""
    shutil.rmtree(_set_aside(folder), ignore_errors=True)


def _set_aside(folder: Path) -> Path:
    old = folder.with_name(f"{OLD}{folder.name}-{os.getpid()}")
    shutil.rmtree(old, ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        os.rename(folder, old)
    return old
