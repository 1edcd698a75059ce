import multiprocessing

import pytest
from tiny_pipeline import SETTINGS

from dig_framework.config_reading import read_config
from dig_framework.errors import RunError
from dig_framework.run import claimed, new_run_path, run_state


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


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(RunError, match="holds files of something else"), claimed(tmp_path, ()):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="is a file"), claimed(tmp_path / "file", ()):
        pass


def test_old_answers_and_stages_that_are_not_run_go(tmp_path):
    with claimed(tmp_path / "run", ()) as run:
        for stage in ("fit", "grasp", ".half"):
            (run / stage).mkdir()
            (run / stage / "stage.json").touch()
        (run / "scene.json").touch()
        (run / "notes.txt").touch()
    with claimed(run, ("segment", "fit")):
        assert sorted(path.name for path in run.iterdir()) == [".lock", "fit", "notes.txt", "state"]


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
