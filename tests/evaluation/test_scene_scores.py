"""Scores of reconstructions that are known to be right, shifted, or missing."""

import math

import pytest
import torch
from scene_folders import perfect, scenes, without, write_run

from dig_framework.builtin.simulator_quasi_static import QuasiStatic
from dig_framework.errors import InputError, RunError
from dig_framework.evaluation.finished_runs import is_run, score_run
from dig_framework.evaluation.measures import MEASURES
from dig_framework.evaluation.reconstruction import Reconstruction, read_reconstruction
from dig_framework.evaluation.scene_scores import score_scene
from dig_framework.light import DirectionalLight
from dig_framework.mesh import Mesh
from dig_framework.metrics.surface import box_diagonal, surface_of
from dig_framework.pose import Pose
from dig_framework.testing.miniature_views import miniature_sample


@pytest.fixture(scope="module")
def sample():
    return miniature_sample("view")


def test_the_truth_scores_as_well_as_it_can(sample):
    record = score_scene(sample, Reconstruction(perfect(sample)))
    assert record.failure is record.skipped is None
    for item in record.objects:
        values = item.values
        assert item.failure is None
        assert values["iou"] == values["fscore"] == values["close"] == values["good"] == 1.0
        assert values["chamfer"] < 0.001
        assert values["mask_iou"] > 0.97
        assert values["depth_error"] < 0.002
        assert values["vsd"] == 1.0
        assert values["watertight"] == 1.0
        assert values["self_intersections"] == values["penetration"] == 0
        assert values["table_penetration"] < 1e-4
        assert values["support_gap"] < 1e-3
        assert values["psnr"] > 5
        assert set(values) <= {measure.name for measure in MEASURES}


def test_a_shift_is_measured(sample):
    normal = sample.truth.plane.normal
    record = score_scene(sample, Reconstruction(perfect(sample, tuple((0.01 * normal).tolist()))))
    for item in record.objects:
        assert item.values["center"] == pytest.approx(0.01, abs=1e-5)
        assert item.values["support_gap"] == pytest.approx(0.01, abs=1e-3)
        assert 0.002 < item.values["chamfer"] < 0.01
        assert item.values["two_way"] == pytest.approx(item.values["chamfer"] / item.diameter)
    sunk = score_scene(sample, Reconstruction(perfect(sample, tuple((-0.01 * normal).tolist()))))
    assert sunk.objects[1].values["table_penetration"] == pytest.approx(0.01, abs=1e-4)


def test_what_is_missing_counts_as_worst(sample):
    scene = without(perfect(sample), 1)
    found = Reconstruction(scene, {1: "initialize: too dark"})
    first, second = score_scene(sample, found).objects
    assert first.failure is None
    assert second.failure == "initialize: too dark"
    half = box_diagonal(surface_of(sample.truth.objects[1].posed())) / 2
    assert second.values["chamfer"] == second.values["hidden"] == second.values["center"] == pytest.approx(half)
    assert second.values["iou"] == second.values["fscore"] == second.values["mask_iou"] == 0.0
    assert second.values["psnr"] is None


def test_a_mesh_without_a_surface_is_a_failure(sample):
    scene = perfect(sample)
    flat = Mesh(torch.zeros(3, 3), torch.tensor([[0, 1, 2]]))
    broken = scene.replace(objects=(scene.objects[0].replace(mesh=flat), scene.objects[1]))
    record = score_scene(sample, Reconstruction(broken))
    assert "no area" in record.objects[0].failure
    assert record.objects[1].failure is None


def test_objects_without_a_box_are_not_asked(sample):
    first, second = sample.truth.objects
    truth = sample.truth.replace(objects=(first, second.replace(index=None)))
    record = score_scene(sample.replace(truth=truth), Reconstruction(perfect(sample)))
    assert (len(record.objects), record.not_asked) == (1, 1)
    with pytest.raises(InputError, match="nothing can be judged"):
        score_scene(sample.replace(truth=truth.replace(objects=())), Reconstruction(perfect(sample)))


def test_truth_behind_the_camera_is_refused(sample):
    first, second = sample.truth.objects
    behind = first.replace(pose=Pose(-first.pose.translation, first.pose.rotation))
    truth = sample.truth.replace(objects=(behind, second))
    with pytest.raises(InputError, match="behind the camera; check its pose and unit"):
        score_scene(sample.replace(truth=truth), Reconstruction(perfect(sample)))


def test_drift_and_light(sample):
    plane, up = sample.truth.plane, sample.truth.plane.normal
    lifted = perfect(sample, tuple((0.02 * up).tolist()))
    side = torch.linalg.cross(up, torch.tensor([1.0, 0.0, 0.0]))
    scene = lifted.replace(plane=plane, lights=(DirectionalLight(up, torch.ones(3)),))
    truth = sample.truth.replace(lights=(DirectionalLight(side, torch.ones(3)),))
    record = score_scene(sample.replace(truth=truth), Reconstruction(scene), QuasiStatic())
    assert record.light_angle == pytest.approx(math.pi / 2, abs=1e-6)
    assert record.objects[1].values["drift"] == pytest.approx(0.02, abs=1e-3)
    assert record.objects[1].values["settled"] == 0.0


def test_files_are_read_as_far_as_they_can_be(tmp_path):
    first, _ = scenes(tmp_path / "data")
    run = write_run(tmp_path / "run", first, perfect(first))
    mesh = next((run / "meshes").glob("001*"))
    mesh.write_bytes(mesh.read_bytes()[:40])
    found = read_reconstruction(run)
    assert [item.index for item in found.scene.objects] == [0]
    assert mesh.name in found.reasons[1]
    (run / "scene.json").write_text("{")
    assert "no valid JSON" in read_reconstruction(run).failure


def test_runs_are_scored_against_a_scene_folder(tmp_path):
    first, _ = scenes(tmp_path / "data")
    run = write_run(tmp_path / "run", first, perfect(first))
    record, sample = score_run(run, tmp_path / "data" / "a")
    assert sample.name == record.name == "a"
    assert [item.values["iou"] > 0.99 for item in record.objects] == [True, True]
    assert is_run(run)
    with pytest.raises(InputError, match="does not say where its input came from"):
        score_run(run)
    with pytest.raises(RunError, match="is no run directory"):
        score_run(tmp_path / "data" / "a", tmp_path / "data" / "a")


def test_a_run_with_other_boxes_is_refused(tmp_path):
    first, _ = scenes(tmp_path / "data")
    run = write_run(tmp_path / "run", first, perfect(first))
    (run / "input").mkdir()
    (run / "input" / "boxes.json").write_text('[{"label": "ball", "xyxy": [0, 0, 5, 5]}]')
    with pytest.raises(InputError, match="its 1 boxes are not the 2 of the truth"):
        score_run(run, tmp_path / "data" / "a")
