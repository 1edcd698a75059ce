import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tiny_pipeline
import torch
from tiny_pipeline import SETTINGS, STAGES, observation

import dig_framework
from dig_framework.cache import Cache
from dig_framework.config_reading import read_config
from dig_framework.errors import ConfigError, InputError, RunError
from dig_framework.events import read_events
from dig_framework.hooks import hookimpl
from dig_framework.pipeline import planned, run_pipeline
from dig_framework.run import run_state
from dig_framework.run_folder import MARKER
from dig_framework.scene_files import load_scene
from dig_framework.stage_keys import folder_digest, stage_key


@pytest.fixture
def go(tmp_path):
    """Run the tiny pipeline with a cache of the test's own; returns the run."""

    def run(into, *overrides, boxes=1, cache=True, **options):
        return run_pipeline(
            read_config(SETTINGS, overrides),
            observation(boxes),
            tmp_path / into,
            cache=Cache(tmp_path / "cache") if cache else None,
            report=False,
            stages=STAGES,
            **options,
        )

    return run


def computed(run):
    return [event["stage"] for event in read_events(run) if event["event"] == "stage_started"]


def keys(run):
    records = {path.parent.name: json.loads(path.read_text()) for path in run.glob("*/stage.json")}
    return {stage: records[stage]["key"] for stage in ("segment", "initialize", "fit", "grasp")}


def same_bits(first, second):
    ours, theirs = first.tensors(), second.tensors()
    return list(ours) == list(theirs) and all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_everything_is_in_the_run_directory(go, tmp_path):
    run = go("run", boxes=2)
    assert {path.name for path in run.path.iterdir()} == {
        *(MARKER, "state", "config.yaml", "provenance.json", "events.jsonl", "metrics.json", "input", "meshes"),
        *("scene.json", "scene.glb", "segment", "initialize", "fit", "grasp"),
    }
    assert run_state(run.path) == "done"
    assert same_bits(load_scene(run.path), run.scene)
    assert (run.path / "fit" / "loss.csv").read_text() == (
        "iteration,phase,step,loss,depth\n1,only,1,1.0,2.0\n2,only,2,0.5,1.0\n"
        "3,only,3,0.3333333333333333,0.6666666666666666\n"
    )
    metrics = json.loads((run.path / "metrics.json").read_text())
    assert metrics == run.metrics
    assert (metrics["objects"], metrics["grasps"], metrics["grasps_held"], metrics["fit_cached"]) == (2, 2, 2, 0)
    assert json.loads((run.path / "provenance.json").read_text())["components"]["shape"].startswith("TinyShape in ")


def test_its_config_repeats_a_run(go, tmp_path):
    first = go("first", "shape.size=0.07", "seed=3")
    again = run_pipeline(first.path / "config.yaml", observation(), tmp_path / "again", cache=None, report=False,
                         stages=STAGES)  # fmt: skip
    assert same_bits(again.scene, first.scene)
    assert (again.path / "config.yaml").read_text() == (first.path / "config.yaml").read_text()


def test_a_repeated_run_computes_nothing(go):
    first, second = go("first"), go("second")
    assert computed(first.path) == ["segment", "initialize", "fit", "grasp"]
    assert computed(second.path) == []
    assert same_bits(first.scene, second.scene)
    assert same_bits(first.grasping, second.grasping)


@pytest.mark.parametrize(
    ("override", "again"),
    [
        ("simulator.score=0.7", ["grasp"]),
        ("hand.opening=0.1", ["grasp"]),
        ("fit_schedule.steps=4", ["fit"]),
        ("shape.size=0.06", ["initialize", "fit", "grasp"]),
        ("segmenter.grow=1", ["segment"]),
        ("seed=1", ["segment", "grasp"]),
        ("name=other", []),
    ],
)
def test_a_change_computes_again_only_what_depends_on_it(go, override, again):
    """Where a stage gives the same bits as before, those after it are read back, whatever was asked of it."""
    go("first")
    assert computed(go("second", override).path) == again


def test_another_image_computes_everything(go):
    go("first")
    assert computed(go("second", boxes=2).path) == ["segment", "initialize", "fit", "grasp"]


def test_a_damaged_entry_is_computed_again(go, tmp_path):
    first = go("first")
    entry = next((tmp_path / "cache").glob("initialize-*"))
    (entry / "scene.json").write_text("{}")
    second = go("second")
    assert computed(second.path) == ["initialize"]
    assert same_bits(first.scene, second.scene)


def test_a_run_cuts_the_cache_back_to_its_limit_but_keeps_what_it_uses(go, tmp_path, monkeypatch):
    monkeypatch.setenv("DIG_CACHE_GB", "0")
    used = {}
    for name, boxes in (("first", 1), ("second", 2)):
        used[name] = [f"{stage}-{key}" for stage, key in keys(go(name, boxes=boxes).path).items()]
        assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == sorted(used[name])
    assert not set(used["first"]) & set(used["second"])
    assert computed(go("second", boxes=2).path) == []
    with pytest.raises(RuntimeError, match="boom"):
        go("third", "shape.flaw=boom", boxes=2)
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == [used["second"][0]]


def test_without_a_cache_the_run_directory_resumes(go, tmp_path):
    with pytest.raises(RuntimeError, match="boom"):
        go("run", "shape.flaw=boom", cache=False)
    assert run_state(tmp_path / "run") == "failed"
    assert computed(go("run", cache=False).path) == ["initialize", "fit", "grasp"]
    assert computed(go("run", cache=False).path) == []
    assert not (tmp_path / "cache").exists()


def test_until_leaves_later_stages_out_and_removes_what_was_there(go):
    go("run")
    run = go("run", until="initialize")
    assert sorted(path.parent.name for path in run.path.glob("*/stage.json")) == ["initialize", "segment"]
    assert run.grasping.trials == ()


def test_null_components_leave_stages_out():
    config = read_config(SETTINGS, ["fit_schedule=null", "simulator=null"])
    assert [stage.name for stage in planned(config, None, STAGES)] == ["segment", "initialize"]
    with pytest.raises(ConfigError) as caught:
        planned(config, "initialise", STAGES)
    assert str(caught.value) == (
        "no stage of tiny is called 'initialise'. Did you mean 'initialize'? Stages: segment, initialize."
    )


def test_without_a_policy_no_robot_is_asked():
    config = read_config("reference", ["policy=null"])
    assert config.robot is not None
    assert [stage.name for stage in planned(config)] == ["segment", "initialize", "fit", "deform"]
    assert [stage.name for stage in planned(read_config("reference"))][-2:] == ["grasp", "execute"]


def test_a_run_without_a_policy_is_whole(go):
    run = go("run", "policy=null")
    assert run_state(run.path) == "done"
    assert (len(run.scene.objects), run.grasping.trials, run.execution) == (1, (), None)


def test_a_failing_stage_is_told_and_not_recorded(go, tmp_path):
    with pytest.raises(RuntimeError, match="boom"):
        go("run", "shape.flaw=boom")
    events = read_events(tmp_path / "run")
    assert [event["event"] for event in events][-3:] == ["stage_failed", "traceback", "run_failed"]
    assert events[-1]["reason"] == "boom"
    assert not list((tmp_path / "cache").glob("initialize-*"))
    assert not (tmp_path / "run" / "initialize").exists()


def test_no_object_at_all_is_a_failure_with_the_reasons(go, tmp_path):
    with pytest.raises(RunError) as caught:
        go("run", "shape.flaw=nothing")
    assert str(caught.value) == "no object could be recovered. box 0: it is not there."
    assert load_scene(tmp_path / "run").failures[0].reason == "it is not there."


def test_no_boxes(go):
    with pytest.raises(InputError, match="there is no box to reconstruct"):
        go("run", boxes=0)


def test_listeners_hear_the_run_and_cannot_break_it(go):
    heard = []

    class Loud:
        @hookimpl
        def run_started(self, config):
            heard.append(config.name)

        @hookimpl
        def stage_finished(self, stage, cached):
            heard.append(stage)
            if stage == "initialize":
                raise RuntimeError

    assert go("run", listeners=[Loud()]).metrics["objects"] == 1
    assert heard == ["tiny", "segment", "initialize"]
    assert "listener_failed" in [event["event"] for event in read_events(go("again", listeners=[Loud()]).path)]


def test_a_key_knows_the_source_of_what_it_uses(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "inner_module.py").write_text("size = 1\n")
    (tmp_path / "editable_shape.py").write_text(
        "from tiny_pipeline import TinyShape as Base\n"
        "from dig_framework.interfaces import Shape\n"
        "class Edited(Shape):\n"
        "    def initialize(self, evidence, seed): return ()\n"
        "    def mesh(self, parameters): return None\n"
    )
    config = read_config({**SETTINGS, "shape": "editable_shape:Edited"})

    def key(name):
        stage = next(stage for stage in STAGES if stage.name == name)
        return stage_key(stage, stage.settings(config), dict.fromkeys(stage.needs, "digest"))

    before = {name: key(name) for name in ("segment", "initialize", "grasp")}
    path = tmp_path / "editable_shape.py"
    path.write_text(path.read_text() + "# another thought\n")
    os.utime(path, (1, 1))
    after = {name: key(name) for name in before}
    assert [name for name in before if before[name] != after[name]] == ["initialize"]


def test_runs_do_not_touch_global_randomness(go):
    torch.manual_seed(0)
    before = torch.get_rng_state()
    go("run")
    assert torch.equal(before, torch.get_rng_state())


def test_an_interrupted_run_goes_on_after_its_last_finished_stage(go, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        go("run", "shape.flaw=interrupt")
    assert run_state(tmp_path / "run") == "failed"
    assert read_events(tmp_path / "run")[-1]["reason"] == "interrupted"
    assert computed(go("run").path) == ["initialize", "fit", "grasp"]


def test_a_killed_run_goes_on_after_its_last_finished_stage(go, tmp_path, monkeypatch):
    code = (
        "import tiny_pipeline as t; from dig_framework.pipeline import run_pipeline;"
        "run_pipeline({**t.SETTINGS, 'shape': {'type': 'tiny_pipeline:TinyShape', 'flaw': 'wait'}}, t.observation(),"
        " 'run', cache='cache', report=False, stages=t.STAGES)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(tiny_pipeline.__file__).parent)}
    process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=environment, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 120
    while not (tmp_path / "waiting").exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    assert process.communicate() == (None, b"")
    assert run_state(tmp_path / "run") == "interrupted"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "go-on").touch()
    assert computed(go("run", "shape.flaw=wait").path) == ["initialize", "fit", "grasp"]
    assert run_state(tmp_path / "run") == "done"


def test_arrays_to_a_scene_in_two_calls(monkeypatch, tmp_path):
    monkeypatch.setattr("dig_framework.pipeline.STAGES", STAGES)
    monkeypatch.setenv("DIG_CACHE", str(tmp_path / "cache"))
    view = observation()
    boxes = [(1.0, 2.0, 12.0, 10.0)]
    arrays = (view.color.numpy(), view.depth.numpy(), view.camera.intrinsics)
    scene = dig_framework.reconstruct(dig_framework.observation_from_arrays(*arrays, boxes), SETTINGS)
    assert [item.label for item in scene.objects] == ["object-0"]
    assert not list(tmp_path.glob("cache/grasp-*"))


def test_same_config_same_bits(go):
    first, second = go("first", cache=False), go("second", cache=False)
    for name in ("segment", "initialize", "fit", "grasp", "meshes"):
        ignore = frozenset({"stage.json"})
        assert folder_digest(first.path / name, ignore) == folder_digest(second.path / name, ignore), name
    assert (first.path / "scene.json").read_bytes() == (second.path / "scene.json").read_bytes()
