"""Single views for the comparison of baselines, and their table."""

import json
import math

import numpy as np
import pytest
import torch

from dig_framework.bench import baselines
from dig_framework.bench.real_views import real_views
from dig_framework.bench.single_views import mesh_paths, single_views
from dig_framework.errors import InputError
from dig_framework.interfaces.shape import Shape
from dig_framework.metrics.surface import surface_of
from dig_framework.testing.miniature_views import mesh_text
from dig_framework.testing.miniatures import write_scene_folder_miniature
from dig_framework.testing.solids import box_mesh, sphere_mesh


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("meshes")
    (place / "block.ply").write_text(mesh_text(box_mesh(0.12, 0.08, 0.06)))
    (place / "ball.ply").write_text(mesh_text(sphere_mesh(0.04)))
    (place / "ball_collision.ply").write_text("")
    return place


def views(folder, count=2, **settings):
    return list(single_views([folder / "block.ply"], count, **settings))


def test_meshes_are_found_without_their_collision_shapes(folder):
    assert [path.stem for path in mesh_paths(folder)] == ["ball", "block"]
    assert [path.stem for path in mesh_paths(folder, ("block",))] == ["block"]
    assert [path.stem for path in mesh_paths(folder, ("block", "absent"))] == ["ball", "block"]


def test_a_folder_without_meshes_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no mesh"):
        mesh_paths(tmp_path)


def test_a_view_shows_the_mesh_on_the_table(folder):
    for view in views(folder, 3):
        evidence = view.evidence
        heights = evidence.plane.height(torch.from_numpy(view.truth.vertices).float())
        assert float(heights.min()) == pytest.approx(0, abs=1e-4)
        assert 0.5 - 0.1 < float(np.linalg.norm(view.truth.vertices.mean(0))) < 0.8 + 0.1
        measured = evidence.plane.height(evidence.points)
        sigma = float(evidence.noise.sigma(evidence.points[:, 2]).mean())
        assert float(measured.min()) > -6 * sigma
        around = ~evidence.mask & (evidence.observation.depth > 0)
        table = evidence.observation.camera.unproject(evidence.observation.depth)[around]
        assert float(evidence.plane.height(table).abs().median()) < 2 * sigma


def test_depth_has_the_noise_of_the_sensor(folder):
    (view,) = views(folder, 1)
    evidence = view.evidence
    away = ~evidence.mask & (evidence.observation.depth > 0) & (evidence.observation.depth < 1.5)
    rays = evidence.observation.camera.rays()
    exact = -evidence.plane.offset / (rays @ evidence.plane.normal)
    error = (evidence.observation.depth - exact)[away] / evidence.noise.sigma(exact)[away]
    assert float(error.std()) == pytest.approx(1, abs=0.02)
    assert float(error.mean()) == pytest.approx(0, abs=0.02)


def test_a_board_hides_as_much_as_it_should(folder):
    for whole, part in zip(views(folder), views(folder, hidden=0.4), strict=True):
        ratio = float(part.evidence.mask.sum()) / float(whole.evidence.mask.sum())
        assert ratio == pytest.approx(0.6, abs=0.03)
        assert not bool((part.evidence.mask & part.evidence.occluder).any())
        assert bool(part.evidence.occluder.any())


def test_the_same_seed_gives_the_same_views(folder):
    first, again, other = views(folder, 1)[0], views(folder, 1)[0], views(folder, 1, seed=1)[0]
    assert torch.equal(first.evidence.observation.depth, again.evidence.observation.depth)
    assert not torch.equal(first.evidence.observation.depth, other.evidence.observation.depth)


def test_every_baseline_is_a_shape():
    for settings in baselines.BASELINES.values():
        assert isinstance(Shape.model_validate(dict(settings)), Shape)


def test_scores_of_the_truth_and_of_nothing():
    ball = surface_of(sphere_mesh(0.04))
    perfect = baselines.score_view(ball, ball, "a", 0.1)
    assert (perfect.iou, perfect.fscore) == (1.0, 1.0)
    assert perfect.two_way < 0.01
    missing = baselines.score_view(ball, None, "a", 0.1)
    assert (missing.iou, missing.fscore, missing.two_way) == (0.0, 0.0, 0.5)
    assert missing.chamfer == pytest.approx(0.04, rel=1e-3)


def test_tables_have_a_row_for_each_baseline(folder, monkeypatch):
    few = {name: baselines.BASELINES[name] for name in ("B4 box, upright", "B5 hull, dropped")}
    monkeypatch.setattr(baselines, "BASELINES", few)
    tables = list(baselines.measure(folder, views=1))
    assert [len(table.rows) for table in tables] == [2, 2, 2]
    assert [table.title.partition("hidden by ")[2] for table in tables] == ["", "known pixels", "pixels that are found"]
    for row in tables[0].rows:
        assert row["objects"] == 2
        assert 0.3 < row["vIoU"] < 1
        assert row["vIoU low"] <= row["vIoU"] <= row["vIoU high"]
        assert all(math.isfinite(value) for key, value in row.items() if key != "baseline")
    assert tables[1].rows[1]["vIoU"] < tables[0].rows[1]["vIoU"]


def test_real_views_are_the_objects_with_boxes(tmp_path):
    write_scene_folder_miniature(tmp_path)
    path = tmp_path / "a" / "gt.json"
    values = json.loads(path.read_text())
    values["objects"][0]["index"] = None
    path.write_text(json.dumps(values))
    found = list(real_views([tmp_path / "a", tmp_path / "b"]))
    assert [view.name for view in found] == ["a-1", "b-0", "b-1"]
    for view in found:
        middle = view.evidence.points.mean(0).numpy()
        assert np.linalg.norm(view.truth.vertices.mean(0) - middle) < 0.06
