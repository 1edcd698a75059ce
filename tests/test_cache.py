import pytest

from dig_framework.cache import Cache, default_cache, opened_cache
from dig_framework.errors import RunError
from dig_framework.stage_folders import move_folder, read_record, write_record


@pytest.fixture
def finished(tmp_path):
    folder = tmp_path / "fit"
    (folder / "meshes").mkdir(parents=True)
    (folder / "scene.json").write_text("{}")
    (folder / "meshes" / "000.ply").write_bytes(b"ply")
    write_record(folder, "key", 1.5)
    return folder


def test_what_was_put_comes_back(tmp_path, finished):
    cache = Cache(tmp_path / "cache")
    cache.put("fit", "key", finished)
    record = cache.get("fit", "key", tmp_path / "again")
    assert record == read_record(finished, "key")
    assert (tmp_path / "again" / "meshes" / "000.ply").read_bytes() == b"ply"
    assert [path.name for path in cache.folder.iterdir()] == ["fit-key"]


def test_another_key_is_absent(tmp_path, finished):
    cache = Cache(tmp_path / "cache")
    cache.put("fit", "key", finished)
    assert cache.get("fit", "other", tmp_path / "again") is None
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("damage", ["change", "remove", "add", "record"])
def test_a_damaged_entry_is_absent_and_goes(tmp_path, finished, damage):
    cache = Cache(tmp_path / "cache")
    cache.put("fit", "key", finished)
    entry = cache.folder / "fit-key"
    {
        "change": lambda: (entry / "meshes" / "000.ply").write_bytes(b"plx"),
        "remove": lambda: (entry / "scene.json").unlink(),
        "add": lambda: (entry / "more").touch(),
        "record": lambda: (entry / "stage.json").write_text('{"key": "key"'),
    }[damage]()
    assert cache.get("fit", "key", tmp_path / "again") is None
    assert not entry.exists()
    assert not (tmp_path / "again").exists()


def test_a_folder_without_a_record_is_unfinished(tmp_path):
    assert read_record(tmp_path, "key") is None


def test_putting_again_replaces(tmp_path, finished):
    cache = Cache(tmp_path / "cache")
    cache.put("fit", "key", finished)
    (finished / "scene.json").write_text("{ }")
    write_record(finished, "key", 2.5)
    cache.put("fit", "key", finished)
    record = cache.get("fit", "key", tmp_path / "again")
    assert record is not None
    assert record.seconds == 2.5


def test_an_unwritable_cache_says_so(tmp_path, finished):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(RunError, match=r"the cache .* cannot be written"):
        Cache(tmp_path / "cache").put("fit", "key", finished)


def blocked(tmp_path):
    """Return a place in which no folder can be made, whoever asks."""
    (tmp_path / "file").touch()
    return tmp_path / "file" / "cache"


def test_a_cache_that_cannot_be_written_is_refused_before_anything_runs(tmp_path):
    with pytest.raises(RunError, match=r"file/cache cannot be written \(Not a directory\); .* or --no-cache"):
        opened_cache(blocked(tmp_path), pytest.fail)


def test_a_default_cache_that_cannot_be_written_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setenv("DIG_CACHE", str(blocked(tmp_path)))
    told = []
    assert opened_cache("default", told.append) is None
    assert len(told) == 1
    assert told[0].startswith(f"the cache {tmp_path}/file/cache cannot be written (Not a directory); going on without")


def test_a_cache_that_can_be_written(tmp_path):
    cache = opened_cache(str(tmp_path / "new" / "cache"), pytest.fail)
    assert cache is not None
    assert list(cache.folder.iterdir()) == []
    assert opened_cache(cache, pytest.fail) is cache
    assert opened_cache(None, pytest.fail) is None


def test_moving_leaves_nothing_behind(tmp_path):
    for name in ("new", "place"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    move_folder(tmp_path / "new", tmp_path / "place")
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == ["place", "place/new"]


def test_default_place(monkeypatch):
    monkeypatch.setenv("DIG_CACHE", "/some/where")
    assert str(default_cache()) == "/some/where"
    monkeypatch.delenv("DIG_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert str(default_cache()) == "/x/dig-framework"
