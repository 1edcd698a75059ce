"""The folder of a finished stage: whole with a record of what is in it, or absent."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
from pathlib import Path

from dig_framework.atomic_files import write_json
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
