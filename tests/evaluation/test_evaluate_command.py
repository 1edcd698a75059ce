"""`dig-framework evaluate` from words to files."""

import json
import os
import shutil

import pytest
from scene_folders import QUICK, perfect, scenes, without, write_run

from dig_framework.cli import main
from dig_framework.errors import InputError

SETTINGS = [word for setting in QUICK for word in ("-s", setting)]


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    """Nothing wraps."""
    monkeypatch.setenv("COLUMNS", "1000")


@pytest.fixture(scope="module", autouse=True)
def quiet_threads():
    os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    """A dataset of two good scenes, one cut off and one without a known object, through the pipeline."""
    folder = tmp_path_factory.mktemp("evaluated")
    data = folder / "data"
    scenes(data)
    shutil.copytree(data / "a", data / "c")
    depth = data / "c" / "depth.png"
    depth.write_bytes(depth.read_bytes()[:200])
    shutil.copytree(data / "a", data / "d")
    (data / "d" / "gt.json").write_text('{"objects": []}')
    words = ["evaluate", str(data), "reference", *SETTINGS, "--no-cache", "--workers", "1", "--into", str(folder / "e")]
    assert main(words) == 0
    return folder / "e", words


def test_a_config_on_a_dataset(evaluated):
    folder, _ = evaluated
    values = json.loads((folder / "evaluation.json").read_text())
    assert [scene["name"] for scene in values["scenes"]] == ["a", "b", "c", "d"]
    a, b, c, d = values["scenes"]
    for scene in (a, b):
        assert [item["values"]["iou"] > 0.1 for item in scene["objects"]] == [True, True]
    assert "depth.png" in c["skipped"]
    assert "nothing can be judged" in d["skipped"]
    assert (values["summary"]["objects"], values["summary"]["skipped"]) == (4, 2)
    assert (folder / "runs" / "a" / "scene.json").exists()
    assert "a,object-0" in (folder / "objects.csv").read_text()
    assert "| chamfer [mm] | 4 |" in (folder / "tables.md").read_text()


def test_the_page_is_whole_and_needs_no_network(evaluated):
    page = (evaluated[0] / "report.html").read_text()
    assert page.count("<img ") == 4 * 7
    assert "http://" not in page
    assert "https://" not in page
    assert "There are no pictures" not in page
    assert "Skipped c:" in page


def test_a_second_time_everything_is_read_back(evaluated, capsys):
    folder, words = evaluated
    before = {path: path.stat().st_mtime_ns for path in folder.glob("*s/*") if path.is_file()}
    assert before
    first = json.loads((folder / "evaluation.json").read_text())
    assert main(words) == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before
    second = json.loads((folder / "evaluation.json").read_text())
    assert (second["scenes"], second["summary"]) == (first["scenes"], first["summary"])
    assert "4 objects in 2 scenes; 0 objects failed; 2 scenes skipped" in capsys.readouterr().out


def test_finished_runs(tmp_path, capsys):
    first, second = scenes(tmp_path / "data")
    good = write_run(tmp_path / "good", first, perfect(first))
    half = write_run(tmp_path / "half", second, without(perfect(second), 0))
    assert main(["evaluate", str(good), "--truth", str(tmp_path / "data" / "a"), "--into", str(tmp_path / "e")]) == 0
    assert "2 objects in 1 scenes; 0 objects failed" in capsys.readouterr().out
    for run, scene in ((good, "a"), (half, "b")):
        source = {"input": {"source": str(tmp_path / "data" / scene)}}
        (run / "provenance.json").write_text(json.dumps(source))
    assert main(["evaluate", str(good), str(half), str(tmp_path / "gone"), "--into", str(tmp_path / "f")]) == 0
    printed = capsys.readouterr().out
    assert "initialize: too dark" in printed
    assert "4 objects in 2 scenes; 1 objects failed; 1 scenes skipped" in printed
    assert "is no run directory" in (tmp_path / "f" / "tables.md").read_text()


@pytest.mark.parametrize("words", [["-d", "split=x"], ["--into", "FILE"]])
def test_words_that_do_not_fit_are_named(tmp_path, capsys, words):
    scenes(tmp_path / "data")
    (tmp_path / "FILE").write_text("")
    words = [str(tmp_path / word) if word == "FILE" else word for word in words]
    assert main(["evaluate", str(tmp_path / "data"), "quickstart", *words]) == 2
    complaint = capsys.readouterr().err
    assert complaint.count("\n") == 1
    assert "split" in complaint or "is a file" in complaint


def test_a_reader_that_stumbles_skips_the_image(tmp_path, monkeypatch):
    from dig_framework.builtin.dataset_folder import FolderDataset
    from dig_framework.evaluation.truth import open_dataset, read_sample

    scenes(tmp_path / "data")
    monkeypatch.setattr(FolderDataset, "sample", lambda self, name: [][1])
    with pytest.raises(InputError, match=r"a: reader FolderDataset cannot read it \(IndexError"):
        read_sample(open_dataset(tmp_path / "data"), "a")


def test_one_damaged_run_leaves_the_others(tmp_path, capsys):
    first, _ = scenes(tmp_path / "data")
    truth = str(tmp_path / "data" / "a")
    good, far = (write_run(tmp_path / name, first, perfect(first)) for name in ("good", "far"))
    values = json.loads((far / "scene.json").read_text())
    values["objects"][0]["camera_from_object"][0][3] = 1e30
    values["objects"][1]["camera_from_object"][0][3] = 80.0
    (far / "scene.json").write_text(json.dumps(values))
    assert main(["evaluate", str(good), str(far), "--truth", truth, "--into", str(tmp_path / "e")]) == 0
    printed = capsys.readouterr().out
    assert "which no object that a camera sees is" in printed
    assert "4 objects in 1 scenes; 1 objects failed" in printed
    assert "a, good" in printed
    assert "a, far" in printed
    assert "settled" not in (tmp_path / "e" / "tables.md").read_text()


def test_what_cannot_be_scored_is_a_failure(tmp_path, capsys, monkeypatch):
    first, _ = scenes(tmp_path / "data")
    run = write_run(tmp_path / "run", first, perfect(first))

    def broken(*_):
        raise ZeroDivisionError("by a method of somebody else")

    monkeypatch.setattr("dig_framework.evaluation.scene_scores.shape_scores", broken)
    words = ["evaluate", str(run), "--truth", str(tmp_path / "data" / "a"), "--into", str(tmp_path / "e")]
    assert main(words) == 0
    printed = capsys.readouterr()
    assert "cannot be scored (ZeroDivisionError: by a method of somebody else)" in printed.out
    assert "Traceback" not in printed.err
    assert "2 objects failed" in printed.out


def test_runs_of_other_programs_may_have_meshes_of_any_format(tmp_path, capsys):
    import trimesh

    first, _ = scenes(tmp_path / "data")
    run = write_run(tmp_path / "run", first, perfect(first))
    values = json.loads((run / "scene.json").read_text())
    mesh = perfect(first).objects[0].mesh
    trimesh.Trimesh(mesh.vertices.numpy(), mesh.faces.numpy(), process=False).export(run / "meshes" / "other.obj")
    values["objects"][0]["mesh"] = "meshes/other.obj"
    (run / "scene.json").write_text(json.dumps(values))
    words = ["evaluate", str(run), "--truth", str(tmp_path / "data" / "a"), "--into", str(tmp_path / "e")]
    assert main(words) == 0
    assert "2 objects in 1 scenes; 0 objects failed" in capsys.readouterr().out


def test_wrong_words(tmp_path, capsys):
    scenes(tmp_path / "data")
    data = str(tmp_path / "data")
    assert main(["evaluate", data]) == 2
    assert "one config is wanted after it" in capsys.readouterr().err
    assert main(["evaluate", data, "reference", "-d", "split"]) == 2
    assert main(["evaluate", data, "reference", "--simulator", "nonesuch"]) == 2
    assert main(["evaluate", data, "reference", "--image", "z", "--into", str(tmp_path / "e")]) == 1
    assert "has no image called 'z'" in capsys.readouterr().err
    assert main(["evaluate", str(tmp_path / "gone"), "reference"]) == 1
    with pytest.raises(SystemExit):
        main(["evaluate", data, "reference", "--workers", "0"])


def test_a_folder_of_something_else_is_left_alone(tmp_path, capsys):
    scenes(tmp_path / "data")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("words")
    assert main(["evaluate", str(tmp_path / "data"), "reference", "--into", str(tmp_path / "mine")]) == 1
    assert "holds files of something else (thesis.txt" in capsys.readouterr().err
