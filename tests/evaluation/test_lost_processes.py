"""Images on which the pipeline crashes, or which kill their process."""

import dataclasses
import shutil
from pathlib import Path

import pytest
from scene_folders import QUICK, scenes

from dig_framework.config_reading import read_config
from dig_framework.evaluation import worker
from dig_framework.evaluation.dataset_runs import score_dataset
from dig_framework.evaluation.plan import Plan
from dig_framework.evaluation.truth import open_dataset
from dig_framework.interfaces.launcher import Ended, Launcher


class Dying(Launcher):
    """Every process dies at once."""

    def launch(self, jobs):
        for job in jobs:
            yield Ended(job.name, -9)


class HereLauncher(Launcher):
    """Jobs are done in this very process."""

    def launch(self, jobs):
        for job in jobs:
            folder, *names = job.command[3:]
            yield Ended(job.name, worker.main([folder, *names]))


def plan_of(tmp_path: Path) -> Plan:
    scenes(tmp_path / "data")
    return Plan(tmp_path / "e", read_config("reference", QUICK), tmp_path / "data", None, {}, None, None, 1)


def test_a_process_that_dies_is_a_failed_run(tmp_path):
    told = []
    records = score_dataset(plan_of(tmp_path), Dying(), 2, report=lambda done, total: told.append((done, total)))
    assert [record.failure.startswith("its process died twice") for record in records] == [True, True]
    assert all(item.values["iou"] == 0.0 for record in records for item in record.objects)
    assert told[0] == (0, 2)


def test_a_crash_is_a_failed_run_and_the_next_image_goes_on(tmp_path, monkeypatch, capsys):
    plan, real = plan_of(tmp_path), worker.run_pipeline

    def crashing(config, observation, into, **options):
        if Path(into).name == "a":
            raise ZeroDivisionError("by a component")
        return real(config, observation, into, **options)

    monkeypatch.setattr(worker, "run_pipeline", crashing)
    monkeypatch.setattr(worker, "_limit_threads", lambda count: None)
    first, second = score_dataset(plan, HereLauncher(), 1)
    assert first.failure == "crashed with ZeroDivisionError: by a component"
    assert [item.failure for item in first.objects] == [first.failure] * 2
    assert second.failure is None
    assert "a crashed with" in capsys.readouterr().out


def test_other_settings_are_judged_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "_limit_threads", lambda count: None)
    plan = plan_of(tmp_path)
    (first,) = score_dataset(plan, HereLauncher(), 1, ["b"])
    assert plan.known("b", plan.key()) == first
    other = Plan(plan.folder, read_config("reference", [*QUICK, "seed=3"]), plan.dataset, None, {}, None, None, 1)
    assert other.known("b", other.key()) is None
    assert Plan.load(plan.folder).key() == plan.key()


@pytest.mark.parametrize("file", ["rgb.png", "gt.json"])
def test_changed_files_are_judged_anew(tmp_path, monkeypatch, capsys, file):
    monkeypatch.setattr(worker, "_limit_threads", lambda count: None)
    plan = plan_of(tmp_path)
    first = score_dataset(plan, HereLauncher(), 1)
    capsys.readouterr()
    assert score_dataset(plan, HereLauncher(), 1) == first
    assert capsys.readouterr().out == ""
    if file == "gt.json":
        text = (plan.dataset / "a" / file).read_text()
        (plan.dataset / "a" / file).write_text(text.replace('"label": "object-0"', '"label": "globe"'))
    else:
        shutil.copyfile(plan.dataset / "b" / file, plan.dataset / "a" / file)
    again = score_dataset(plan, HereLauncher(), 1)
    assert capsys.readouterr().out == "a judged\n"
    assert again[1] == first[1]
    assert ("globe" in [item.label for item in again[0].objects]) == (file == "gt.json")


def test_only_what_is_scored_is_run(tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "_limit_threads", lambda count: None)
    plan = plan_of(tmp_path)
    changed = plan.config.with_settings({"policy": "antipodal", "simulator": "quasi-static", "robot": "dry-run"})
    plan = dataclasses.replace(plan, config=changed)
    (record,) = score_dataset(plan, HereLauncher(), 1, ["a"])
    assert record.failure is None
    assert (plan.run("a") / "initialize").is_dir()
    assert not (plan.run("a") / "grasp").exists()


def test_readers_are_found_out(tmp_path):
    scenes(tmp_path / "data")
    assert type(open_dataset(tmp_path / "data")).__name__ == "FolderDataset"
    (tmp_path / "bop" / "test" / "000001").mkdir(parents=True)
    (tmp_path / "bop" / "test" / "000001" / "scene_camera.json").write_text("{}")
    assert type(open_dataset(tmp_path / "bop")).__name__ == "BopDataset"


@pytest.mark.parametrize("damage", ["{", '{"key": "other"}', '{"key": "k", "record": {"objects": []}}'])
def test_damaged_scores_are_judged_anew(tmp_path, damage):
    plan = plan_of(tmp_path)
    (plan.folder / "scores").mkdir(parents=True)
    (plan.folder / "scores" / "a.json").write_text(damage)
    assert plan.known("a", "k") is None
