"""Built-in cameras against the suite, their order, and a wrong one that the suite must refuse."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import torch

from dig_framework.builtin.camera_bop import BopCamera
from dig_framework.builtin.camera_folder import FolderCamera
from dig_framework.errors import InputError
from dig_framework.image_files import write_color, write_depth, write_mask
from dig_framework.interfaces.camera import CameraDevice
from dig_framework.observation_files import load_observation, save_observation
from dig_framework.testing.camera_conformance import CameraConformance
from dig_framework.testing.table_views import Ball, ball_and_block, table_view


def write_bop_scene(folder, numbers, view):
    """Two objects a scene: the first is visible, the second has an empty visible box."""
    intrinsics = view.camera.intrinsics.flatten().tolist()
    entry = {"cam_K": intrinsics, "depth_scale": 0.1, "cam_R_w2c": [1, 0, 0, 0, 1, 0, 0, 0, 1]}
    x0, y0, x1, y1 = view.boxes[0].xyxy
    truth = [{"obj_id": 7}, {"obj_id": 8}]
    info = [
        {"bbox_visib": [x0, y0, x1 - x0, y1 - y0], "visib_fract": 0.9},
        {"bbox_visib": [-1, -1, -1, -1], "visib_fract": 0.0},
    ]
    folder.mkdir(parents=True)
    for name, value in (("scene_camera", entry), ("scene_gt", truth), ("scene_gt_info", info)):
        (folder / f"{name}.json").write_text(json.dumps({str(number): value for number in numbers}))
    for number in numbers:
        write_color(folder / "rgb" / f"{number:06d}.png", view.color)
        write_depth(folder / "depth" / f"{number:06d}.png", view.depth, 0.1)
        write_mask(folder / "mask_visib" / f"{number:06d}_000000.png", view.masks[0])


def write_dataset(folder):
    view = table_view(ball_and_block())
    write_bop_scene(folder / "test" / "000002", [5], view)
    write_bop_scene(folder / "test" / "000001", [3, 11], view)
    return folder


def write_scenes(folder):
    for number, name in enumerate(["b", "a"]):
        ball = Ball((0.02 * number, 0.0, 0.04), 0.04, (0.5, 0.1, 0.1))
        save_observation(table_view([ball], seed=number), folder / name)
    return folder


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return write_dataset(tmp_path_factory.mktemp("bop"))


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return write_scenes(tmp_path_factory.mktemp("scenes"))


class TestFolderCamera(CameraConformance):
    @classmethod
    def setup_class(cls):
        cls.files = TemporaryDirectory()
        cls.component = FolderCamera(path=write_scenes(Path(cls.files.name)))

    @classmethod
    def teardown_class(cls):
        cls.files.cleanup()


class TestBopCamera(CameraConformance):
    @classmethod
    def setup_class(cls):
        cls.files = TemporaryDirectory()
        cls.component = BopCamera(path=write_dataset(Path(cls.files.name)))

    @classmethod
    def teardown_class(cls):
        cls.files.cleanup()


class Millimetres(CameraDevice):
    """Wrong: depth in millimetres."""

    def capture(self):
        view = table_view(ball_and_block())
        return view.replace(depth=1000 * view.depth)


def test_suite_refuses_millimetres():
    suite = CameraConformance()
    suite.component = Millimetres()
    with pytest.raises(AssertionError, match="millimetres were read as metres"):
        suite.test_gives_a_registered_image()


def test_folders_come_by_name(scenes):
    camera = FolderCamera(path=scenes)
    first, second = camera.capture(), camera.capture()
    assert torch.equal(first.depth, load_observation(scenes / "a").depth)
    assert torch.equal(second.depth, load_observation(scenes / "b").depth)
    with pytest.raises(InputError, match="all its images were taken; make a new camera to start over"):
        camera.capture()


def test_single_folder(scenes):
    assert torch.equal(FolderCamera(path=scenes / "b").capture().depth, load_observation(scenes / "b").depth)


@pytest.mark.parametrize("camera", [FolderCamera, BopCamera])
def test_folder_without_scenes(camera, tmp_path):
    with pytest.raises(InputError, match="holds"):
        camera(path=tmp_path).capture()


def test_missing_folder(tmp_path):
    with pytest.raises(InputError, match="is no folder; give a scene folder or a folder of scene folders"):
        FolderCamera(path=tmp_path / "absent").capture()


def test_bop_order_boxes_and_masks(dataset):
    camera = BopCamera(path=dataset, first=1)
    view, expected = camera.capture(), table_view(ball_and_block())
    assert [(box.label, box.xyxy) for box in view.boxes] == [("obj_000007", expected.boxes[0].xyxy)]
    assert torch.equal(view.masks, expected.masks[:1])
    assert float((view.depth - expected.depth).abs().max()) < 0.0001
    assert torch.equal(view.depth, load_observation(dataset / "test" / "000001", image=11).depth)
    camera.capture()
    with pytest.raises(InputError, match="all its images were taken"):
        camera.capture()


def overwrite(name, text):
    return lambda scene: (scene / f"{name}.json").write_text(text)


@pytest.mark.parametrize(
    ("change", "image", "complaint"),
    [
        (lambda scene: None, 4, "has no image 4; scene_camera.json lists 2, 3 to 11."),
        (overwrite("scene_camera", "{}"), None, "its keys are missing; image numbers are"),
        (overwrite("scene_gt", '{"3": []}'), 3, "image 3 has 2 objects, scene_gt.json has 0."),
        (overwrite("scene_gt", '{"11": []}'), 3, "has no image 3; it lists 1 others."),
        (lambda scene: (scene / "depth" / "000003.png").unlink(), 3, "000003.png: no such file; its folder holds 000"),
    ],
)
def test_broken_bop_scenes(tmp_path, change, image, complaint):
    scene = tmp_path / "scene"
    write_bop_scene(scene, [3, 11], table_view(ball_and_block()))
    change(scene)
    with pytest.raises(InputError) as error:
        load_observation(scene, image=image)
    assert complaint in str(error.value)
