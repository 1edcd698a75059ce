"""What lies in a cache's folder, and what has to go when it is too much."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from dig_framework.stage_folders import OLD, UNFINISHED, discard, is_record

_ABANDONED = 24 * 3600.0
"""Age at which what a process was writing or deleting is taken for left behind by one that was killed [s]."""


@dataclasses.dataclass(frozen=True)
class CacheEntry:
    """One finished stage in a cache."""

    path: Path
    size: int
    """Of its files [bytes]."""
    used: float
    """When it was last read or written [s since 1970]."""


def cache_entries(folder: Path) -> list[CacheEntry]:
    """Return the finished stages in a cache's folder, those that were not used for longest first.

    Other processes may delete any of them at any time. Folders that are no finished stage are left out.
    """
    found: list[CacheEntry] = []
    for path in _folders(folder):
        with contextlib.suppress(OSError):  # It has gone meanwhile.
            if not path.name.startswith((UNFINISHED, OLD)) and is_record(path):
                found.append(CacheEntry(path, _size(path), path.stat().st_mtime))
    return sorted(found, key=lambda entry: (entry.used, entry.path))


def evict(folder: Path, limit: float, kept: Collection[Path] = ()) -> None:
    """Delete the finished stages that were not used for longest, and what killed processes have left.

    Each is gone at once, so that whoever reads it meanwhile finds it absent and computes it again. What cannot be
    deleted, and what is no finished stage, stays.

    Args:
        folder: Of the cache.
        limit: Most bytes of finished stages that shall be left.
        kept: Stages that stay, whatever their size.
    """
    for path in _abandoned(folder):
        shutil.rmtree(path, ignore_errors=True)
    entries = cache_entries(folder)
    total = sum(entry.size for entry in entries)
    for entry in entries:
        if total <= limit:
            return
        if entry.path not in kept:
            with contextlib.suppress(OSError):
                discard(entry.path)
                total -= entry.size


def _abandoned(folder: Path) -> Iterator[Path]:
    for path in _folders(folder):
        with contextlib.suppress(OSError):
            if path.name.startswith((UNFINISHED, OLD)) and time.time() - path.stat().st_mtime > _ABANDONED:
                yield path


def _folders(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()]
    except OSError:
        return []


def _size(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size
    return total
