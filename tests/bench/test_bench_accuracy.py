"""Scores of scenes: pairing by index, and what is missing."""

import json
import math

import pytest
import torch

from dig_framework import Light, Material, Mesh, Pose, Scene, SceneObject
from dig_framework.bench.accuracy import scenes_with_truth, score_scene
from dig_framework.errors import InputError

trimesh = pytest.importorskip("trimesh")


@pytest.fixture
def folder(tmp_path):
    scene = tmp_path / "data" / "two_boxes"
    scene.mkdir(parents=True)
    trimesh.creation.box([0.1, 0.2, 0.3]).export(scene / "box.ply")
    pose = [[1, 0, 0, 0.05], [0, 1, 0, 0], [0, 0, 1, 0.8], [0, 0, 0, 1]]
    items = [{"index": k, "label": f"box {k}", "mesh": "box.ply", "camera_from_object": pose} for k in (0, 1)]
    (scene / "gt.json").write_text(json.dumps({"objects": items}))
    (tmp_path / "data" / "no_truth").mkdir()
    empty = tmp_path / "data" / "empty_truth"
    empty.mkdir()
    (empty / "gt.json").write_text('{"objects": []}')
    return scene


def reconstructed(index: int) -> Scene:
    mesh = trimesh.creation.box([0.2, 0.1, 0.3])
    item = SceneObject(
        "box",
        index,
        Mesh(torch.tensor(mesh.vertices, dtype=torch.float32), torch.tensor(mesh.faces)),
        # A quarter turn about z swaps the two extents back.
        Pose(torch.tensor([0.05, 0.0, 0.8]), torch.tensor([0.0, 0.0, math.pi / 2])),
        Material.matte(torch.ones(3)),
    )
    return Scene((item,), (Light(torch.zeros(3), torch.ones(3)),))


def test_only_scenes_with_true_objects_are_found(folder):
    assert scenes_with_truth(folder.parent) == [folder]


def test_objects_are_paired_by_index_and_posed(folder):
    first, second = score_scene(folder, reconstructed(1))
    assert second.score.iou > 0.99
    assert second.score.chamfer < 3e-3
    assert first.score.iou == 0.0
    assert first.score.chamfer == pytest.approx(math.hypot(0.1, 0.2, 0.3) / 2, abs=1e-6)


def test_no_scene_at_all_scores_as_missing(folder):
    assert [item.score.fscore for item in score_scene(folder, None)] == [0.0, 0.0]


def test_a_mesh_that_is_not_there_is_named(tmp_path):
    (tmp_path / "gt.json").write_text('{"objects": [{"index": 0, "label": "mug", "mesh": "../mug.ply"}]}')
    with pytest.raises(InputError, match=r"gt\.json: names the mesh \.\./mug\.ply, but there is no file"):
        list(score_scene(tmp_path, None))
