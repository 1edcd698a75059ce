import math
import multiprocessing
import os
import sys
import time

import pytest

from dig_framework import stage_folders
from dig_framework.cache import Cache, cache_limit, opened_cache
from dig_framework.cache_entries import cache_entries
from dig_framework.cli import main
from dig_framework.doctor import examine
from dig_framework.errors import UsageError
from dig_framework.stage_folders import read_record, write_record

SIZE = 1000


def finished(folder, key):
    """Write the folder of a finished stage of a bit more than `SIZE` bytes."""
    folder.mkdir()
    (folder / "data").write_bytes(bytes(SIZE))
    write_record(folder, key, 1.0)
    return folder


@pytest.fixture
def cache(tmp_path):
    """Return a cache with room for two of its three stages, which were last used in the order of their keys."""
    cache = Cache(tmp_path / "cache", limit=2.5 * SIZE)
    for age, key in enumerate("cba"):
        cache.put("fit", key, finished(tmp_path / f"made-{key}", key))
        when = time.time() - 100 * (age + 1)
        os.utime(cache.folder / f"fit-{key}", (when, when))
    return cache


def left(cache):
    return sorted(path.name for path in cache.folder.iterdir())


def test_what_was_not_used_for_longest_goes(cache):
    cache.trim()
    assert left(cache) == ["fit-b", "fit-c"]


def test_reading_counts_as_use(cache, tmp_path):
    assert cache.get("fit", "a", tmp_path / "again") is not None
    cache.trim()
    assert left(cache) == ["fit-a", "fit-c"]


def test_writing_counts_as_use(cache, tmp_path):
    cache.put("fit", "a", tmp_path / "made-a")
    cache.trim()
    assert left(cache) == ["fit-a", "fit-c"]


def test_what_the_run_uses_stays_whatever_its_size(cache):
    cache.limit = 0.0
    cache.trim([("fit", "a"), ("fit", "absent")])
    assert left(cache) == ["fit-a"]


def test_what_a_run_used_before_counts_as_used_then(cache):
    cache.limit = 3.5 * SIZE
    cache.trim([("fit", "a")])
    cache.limit = 1.5 * SIZE
    cache.trim()
    assert left(cache) == ["fit-a"]


def test_nothing_goes_below_the_limit(cache):
    cache.limit = math.inf
    cache.trim()
    assert left(cache) == ["fit-a", "fit-b", "fit-c"]
    assert [entry.path.name for entry in cache_entries(cache.folder)] == left(cache)
    assert all(SIZE < entry.size < 1.3 * SIZE for entry in cache_entries(cache.folder))


def test_foreign_files_stay_and_what_killed_processes_left_goes_after_a_day(cache):
    for name in ("photos", ".unfinished-new", ".unfinished-old", ".replaced-old"):
        (cache.folder / name).mkdir()
        (cache.folder / name / "file").write_bytes(bytes(9 * SIZE))
        if name.endswith("old"):
            os.utime(cache.folder / name, (0, time.time() - 25 * 3600))
    (cache.folder / "notes").write_text("mine")
    cache.limit = 0.0
    cache.trim()
    assert left(cache) == [".unfinished-new", "notes", "photos"]


def test_a_cache_that_is_not_there_has_nothing_to_trim(tmp_path):
    Cache(tmp_path / "none", limit=0.0).trim()
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("moment", ["digest", "copy"])
def test_a_stage_that_goes_while_it_is_read_is_absent(cache, tmp_path, monkeypatch, moment):
    """Another process trims between two steps of this one."""
    module, name = {"digest": (stage_folders, "folder_digest"), "copy": (sys.modules["shutil"], "copytree")}[moment]
    real = getattr(module, name)

    def after_trimming(*arguments, **options):
        monkeypatch.setattr(module, name, real)
        Cache(cache.folder, limit=0.0).trim()
        return real(*arguments, **options)

    monkeypatch.setattr(module, name, after_trimming)
    assert cache.get("fit", "a", tmp_path / "again") is None
    assert not (tmp_path / "again").exists()
    assert left(cache) == []


def test_a_stage_that_another_process_puts_at_the_same_moment_is_as_good(cache, tmp_path, monkeypatch):
    made, real = finished(tmp_path / "made-d", "d"), os.rename

    def too_late(source, target):
        monkeypatch.setattr(os, "rename", real)
        cache.put("fit", "d", made)
        real(source, target)

    # The first move is that of what lies at the place already, which is nothing.
    monkeypatch.setattr("dig_framework.stage_folders._set_aside", lambda folder: folder.with_name("nothing"))
    monkeypatch.setattr(os, "rename", too_late)
    cache.put("fit", "d", made)
    assert read_record(cache.folder / "fit-d", "d") is not None
    assert left(cache) == ["fit-a", "fit-b", "fit-c", "fit-d"]


def write_read_and_trim(folder, made, name):
    cache = Cache(folder, limit=1.5 * SIZE)
    for turn in range(40):
        for key in "abc":
            cache.put("fit", key, made / f"made-{key}")
            cache.get("fit", key, made / f"read-{name}-{turn}-{key}")
            cache.trim([("fit", key)] if turn % 2 else [])


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_two_processes_write_read_and_trim_at_once(cache, tmp_path):
    # Forked, because a process that is started anew takes seconds to import what it needs.
    start = multiprocessing.get_context("fork").Process
    both = [start(target=write_read_and_trim, args=(cache.folder, tmp_path, name)) for name in ("first", "second")]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    for name in ("first", "second"):
        read = list(tmp_path.glob(f"read-{name}-*"))
        assert read
        assert all(read_record(folder, folder.name[-1]) is not None for folder in read)
    assert all(read_record(entry.path, entry.path.name[-1]) is not None for entry in cache_entries(cache.folder))


@pytest.mark.parametrize(("chosen", "size"), [(None, 5e9), ("", 5e9), ("2.5", 2.5e9), ("0", 0.0), ("inf", math.inf)])
def test_the_limit_of_the_environment(monkeypatch, chosen, size):
    monkeypatch.delenv("DIG_CACHE_GB", raising=False)
    if chosen is not None:
        monkeypatch.setenv("DIG_CACHE_GB", chosen)
    assert cache_limit() == size


@pytest.mark.parametrize("chosen", ["much", "-1", "nan", "5GB"])
def test_a_limit_that_is_none_is_told_before_anything_runs(monkeypatch, tmp_path, chosen):
    monkeypatch.setenv("DIG_CACHE_GB", chosen)
    with pytest.raises(UsageError, match=rf"DIG_CACHE_GB is '{chosen}'; give the size .* such as 2.5, or inf"):
        opened_cache(str(tmp_path / "cache"), pytest.fail)


def test_doctor_empties_the_cache(cache, monkeypatch, capsys):
    monkeypatch.setattr("dig_framework.doctor.examine", list)
    monkeypatch.setenv("DIG_CACHE", str(cache.folder))
    assert main(["doctor"]) == 0
    assert left(cache) == ["fit-a", "fit-b", "fit-c"]
    assert main(["doctor", "--empty-cache"]) == 0
    assert left(cache) == []


def test_doctor_tells_place_size_and_limit_of_the_cache(cache, monkeypatch):
    def told():
        return next((item.text, item.verdict) for item in examine() if item.name == "stage cache")

    monkeypatch.setattr("dig_framework.plugins.offers", list)
    monkeypatch.setenv("DIG_CACHE", str(cache.folder))
    monkeypatch.setenv("DIG_CACHE_GB", "0.5")
    expected = (
        f"{cache.folder}: 3 finished stages, 0.00 GB of at most 0.5 GB (DIG_CACHE_GB); --empty-cache deletes them"
    )
    assert told() == (expected, "fine")
    monkeypatch.setenv("DIG_CACHE_GB", "much")
    assert told()[1] == "broken"
