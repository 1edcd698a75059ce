"""The demo scene was rendered by a path tracer; our own renderer, given its truth, must see the same geometry."""

import json
from importlib import resources
from pathlib import Path

import pytest
import torch

from dig_framework.camera import Camera
from dig_framework.evidence import SensorNoise
from dig_framework.material import Material
from dig_framework.mesh import Mesh
from dig_framework.observation_files import load_observation
from dig_framework.plane import Plane
from dig_framework.pose import Pose
from dig_framework.report.agreement import agreements, signed_depth_error
from dig_framework.report.scene_pictures import rendered
from dig_framework.scene import Scene, SceneObject
from dig_framework.stages.segmentation import Segmentation

DEMO = Path(str(resources.files("dig_framework"))) / "demo"


@pytest.fixture(scope="module")
def truth() -> Scene:
    import trimesh

    objects = []
    for item in json.loads((DEMO / "gt.json").read_text())["objects"]:
        loaded = trimesh.load(DEMO / item["mesh"], process=False)
        mesh = Mesh(torch.tensor(loaded.vertices).float(), torch.tensor(loaded.faces).long())
        pose = Pose.from_matrix(torch.tensor(item["camera_from_object"]).float())
        objects.append(SceneObject(item["label"], item["index"], mesh, pose, Material.matte(torch.ones(3) / 2)))
    frame = objects[0].pose.matrix()
    normal = frame[:3, 2]
    return Scene(tuple(objects), plane=Plane(normal, -(normal @ frame[:3, 3])))


def test_it_is_small_and_a_whole_scene_folder():
    observation = load_observation(DEMO)
    assert observation.depth.shape == (480, 640)
    assert [box.label for box in observation.boxes] == ["bottle", "carton", "mug"]
    assert observation.masks is not None
    assert sum(path.stat().st_size for path in DEMO.rglob("*") if path.is_file()) < 1_000_000


def test_its_truth_is_closed_and_stands_on_one_plane(truth):
    for item in truth.objects:
        assert item.mesh.is_closed(), item.label
        assert 1e-4 < float(item.mesh.volume()) < 2e-3, item.label
        heights = truth.plane.height(item.posed().vertices)
        assert float(heights.min()) == pytest.approx(0, abs=1e-5), item.label


def test_pixels_depth_and_truth_belong_together(truth):
    observation = load_observation(DEMO)
    masks = observation.masks
    render = rendered(truth, observation.camera)
    for found in agreements(observation, Segmentation(masks, truth.plane), truth, render):
        assert found.mask_iou > 0.985, found
    error = torch.from_numpy(signed_depth_error(observation, render))
    # Away from silhouettes what remains is the sensor's noise, here at a distance of about 0.6 m.
    inner = masks.any(0) & (-torch.nn.functional.max_pool2d(-masks.any(0).float()[None], 9, 1, 4)[0] > 0)
    inner &= error.isfinite() & (error.abs() < 0.02)
    sigma = float(SensorNoise().sigma(observation.depth[inner]).mean())
    assert float(error[inner].mean()) == pytest.approx(0, abs=2e-4)
    assert float(error[inner].std()) == pytest.approx(sigma, rel=0.15)


def test_the_mug_hides_a_part_of_the_carton(truth):
    observation = load_observation(DEMO)
    shares = [item["visible_fraction"] for item in json.loads((DEMO / "gt.json").read_text())["objects"]]
    assert shares[0] == shares[2] == 1
    assert 0.85 < shares[1] < 0.95
    camera: Camera = observation.camera
    alone = rendered(truth.replace(objects=truth.objects[1:2], plane=None), camera).ids == 0
    assert float(observation.masks[1].sum() / alone.sum()) == pytest.approx(shares[1], abs=0.01)


def test_the_sensor_has_holes_and_shadows():
    share = float((load_observation(DEMO).depth == 0).float().mean())
    assert 0.01 < share < 0.10
