"""Finished stages by key: folders that are whole, or absent."""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path

from dig_framework.cache_entries import evict
from dig_framework.errors import RunError, UsageError
from dig_framework.stage_folders import UNFINISHED, StageRecord, move_folder, read_record, unfinished

_USUAL_LIMIT = 5e9
"""Most bytes of finished stages; a run of the demo leaves 1.5 MB."""


class Cache:
    """A folder of finished stages, shared by all runs of a user; several processes may use it at once."""

    def __init__(self, folder: Path, limit: float | None = None) -> None:
        """Use a folder, which is made when it is first needed.

        Args:
            folder: Where finished stages are kept.
            limit: Most bytes that `trim` leaves; None for `cache_limit()`.

        Raises:
            UsageError: If DIG_CACHE_GB is no size.
        """
        self.folder = folder
        self.limit = cache_limit() if limit is None else limit

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
        source = self._entry(stage, key)
        if read_record(source, key) is None:
            shutil.rmtree(source, ignore_errors=True)
            return None
        temporary = unfinished(target)
        try:
            shutil.copytree(source, temporary)
            record = read_record(temporary, key)
            if record is not None:
                os.rename(temporary, target)
        except (OSError, shutil.Error):
            record = None  # Somebody emptied the cache meanwhile.
        shutil.rmtree(temporary, ignore_errors=True)
        _touch(source)
        return record

    def put(self, stage: str, key: str, source: Path) -> None:
        """Copy the folder of a finished stage into the cache.

        Raises:
            RunError: If the cache cannot be written.
        """
        target = self._entry(stage, key)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            temporary = Path(tempfile.mkdtemp(dir=self.folder, prefix=f"{UNFINISHED}{stage}-"))
            try:
                shutil.copytree(source, temporary, dirs_exist_ok=True)
                _move_unless_there(temporary, target, key)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
        except OSError as error:
            raise RunError(
                f"the cache {self.folder} cannot be written ({error}); give another with --cache, or --no-cache."
            ) from error
        _touch(target)

    def trim(self, used: Collection[tuple[str, str]] = ()) -> None:
        """Delete the finished stages that were not used for longest until the rest fit into the limit.

        Args:
            used: Stages and keys that the present run uses; they count as used now and stay, whatever their size.
        """
        kept = frozenset(self._entry(stage, key) for stage, key in used)
        for entry in kept:
            _touch(entry)
        evict(self.folder, self.limit, kept)

    def _entry(self, stage: str, key: str) -> Path:
        return self.folder / f"{stage}-{key}"


def default_cache() -> Path:
    """Return the cache folder: the environment's DIG_CACHE, or dig-framework in the user's cache folder."""
    chosen = os.environ.get("DIG_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser() / "dig-framework"


def cache_limit() -> float:
    """Return the most bytes that finished stages may take: the environment's DIG_CACHE_GB, or 5 GB.

    Raises:
        UsageError: If DIG_CACHE_GB is neither a number from 0 on nor 'inf'.
    """
    chosen = os.environ.get("DIG_CACHE_GB")
    if not chosen:
        return _USUAL_LIMIT
    size = math.nan
    with contextlib.suppress(ValueError):
        size = float(chosen)
    if not size >= 0:
        raise UsageError(
            f"DIG_CACHE_GB is {chosen!r}; give the size of the cache in gigabytes, such as 2.5, or inf for no limit."
        )
    return size * 1e9


def opened_cache(chosen: Cache | Path | str | None, complain: Callable[[str], None]) -> Cache | None:
    """Return a cache that can be written, or None for none.

    Args:
        chosen: A cache or its folder; "default" for the user's, which is left out if it cannot be written.
        complain: Told in one sentence if it is left out.

    Raises:
        RunError: If a cache other than the default one cannot be written.
        UsageError: If DIG_CACHE_GB is no size.
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


def _move_unless_there(source: Path, target: Path, key: str) -> None:
    try:
        move_folder(source, target)
    except OSError:
        if read_record(target, key) is None:
            raise  # Otherwise another process has put the same stage there meanwhile.


def _touch(entry: Path) -> None:
    """Note in an entry's time that it was used now."""
    with contextlib.suppress(OSError):
        os.utime(entry)
