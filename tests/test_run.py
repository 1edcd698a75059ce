import multiprocessing

import pytest
from tiny_pipeline import SETTINGS

from dig_framework.config_reading import read_config
from dig_framework.errors import RunError
from dig_framework.run import new_run_path, run_state
from dig_framework.run_folder import MARKER, claimed
from dig_framework.stage_folders import write_record


def state(path):
    return (path / "state").read_text()


def test_states(tmp_path):
    run = tmp_path / "run"
    with claimed(run, ()):
        assert state(run) == "running\n"
        assert run_state(run) == "running"
    assert run_state(run) == "done"
    with pytest.raises(KeyError), claimed(run, ()):
        raise KeyError
    assert run_state(run) == "failed"


def test_a_run_whose_process_is_gone_was_interrupted(tmp_path):
    (tmp_path / "state").write_text("running\n")
    assert run_state(tmp_path) == "interrupted"


def test_one_writer(tmp_path):
    with claimed(tmp_path / "run", ()):
        with multiprocessing.get_context("fork").Pool(1) as pool:
            text = pool.apply(_claim, (tmp_path / "run",))
        assert text == f"{tmp_path}/run is being written by another process; wait, or give another folder."
        assert state(tmp_path / "run") == "running\n"


def _claim(path):
    try:
        with claimed(path, ()):
            return "claimed"
    except RunError as error:
        return str(error)


@pytest.mark.parametrize("name", ["thesis.tex", "config.yaml", "state", ".lock", "fit/stage.json", MARKER])
def test_a_folder_of_something_else_is_refused(tmp_path, name):
    names = [name, "meshes/cad.txt", "input/rgb.png", ".git/HEAD", "metrics.json"]
    for own in names:
        (tmp_path / own).parent.mkdir(exist_ok=True)
        (tmp_path / own).write_text("mine\n")
    with pytest.raises(RunError, match="holds files of something else"), claimed(tmp_path, ()):
        pass
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()} == set(names)
    assert (tmp_path / name).read_text() == "mine\n"


def test_a_run_keeps_what_no_run_wrote(tmp_path):
    own = ["meshes/cad.txt", "input/notes.txt", ".git/HEAD", ".half/stage.json", "pictures/me.jpg", "notes.txt"]
    with claimed(tmp_path / "run", ()) as run:
        for name in (*own, "meshes/000.ply", "input/rgb.png", "input/masks/000000.png", ".unfinished-fit/scene.json"):
            (run / name).parent.mkdir(parents=True, exist_ok=True)
            (run / name).write_text("{}")
    with claimed(run, ()):
        files = {path.relative_to(run).as_posix() for path in run.rglob("*") if path.is_file()}
        assert files == {MARKER, "state", *own}
        assert not (run / "input" / "masks").exists()


def test_what_a_link_in_a_run_leads_to_is_left_alone(tmp_path):
    (tmp_path / "scene").mkdir()
    (tmp_path / "scene" / "rgb.png").touch()
    with claimed(tmp_path / "run", ()) as run:
        (run / "input").symlink_to(tmp_path / "scene")
    with claimed(run, ()):
        assert not (run / "input").exists()
    assert (tmp_path / "scene" / "rgb.png").exists()


def test_a_folder_where_a_stage_belongs_is_refused(tmp_path):
    with claimed(tmp_path / "run", ()) as run:
        (run / "fit").mkdir()
    with pytest.raises(RunError, match="run/fit stands where a stage's result belongs"), claimed(run, ("fit",)):
        pass
    assert (run / "fit").exists()


def test_a_run_of_another_version_is_refused(tmp_path):
    (tmp_path / MARKER).write_text("dig_framework run directory, version 99\n")
    with pytest.raises(RunError, match="is a run of another version of dig_framework"), claimed(tmp_path, ()):
        pass


def test_a_process_that_ended_at_once_leaves_a_folder_that_can_be_used(tmp_path):
    (tmp_path / MARKER).touch()
    with claimed(tmp_path, ()):
        assert state(tmp_path) == "running\n"


def test_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="is a file"), claimed(tmp_path / "file", ()):
        pass


def test_old_answers_and_stages_that_are_not_run_go(tmp_path):
    with claimed(tmp_path / "run", ()) as run:
        for stage in ("fit", "grasp"):
            (run / stage).mkdir()
            write_record(run / stage, "key", 0.0)
        (run / "scene.json").touch()
        (run / "notes.txt").touch()
    with claimed(run, ("segment", "fit")):
        assert sorted(path.name for path in run.iterdir()) == [MARKER, "fit", "notes.txt", "state"]


def test_not_a_run(tmp_path):
    with pytest.raises(RunError, match="is no run directory"):
        run_state(tmp_path)


def test_names_tell_settings_apart(tmp_path):
    first = new_run_path(read_config(SETTINGS), tmp_path)
    other = new_run_path(read_config(SETTINGS, ["seed=1"]), tmp_path)
    assert "-tiny-" in first.name
    assert first.name.split("-")[-1] != other.name.split("-")[-1]
    first.mkdir()
    assert new_run_path(read_config(SETTINGS), tmp_path) != first
