"""Built-in cameras against the suite, their order, and a wrong one that the suite must refuse."""

from contextlib import ExitStack
from pathlib import Path
from typing import ClassVar, Literal

import pytest
import torch

from dig_framework.builtin.camera_bop import BopCamera
from dig_framework.builtin.camera_folder import FolderCamera
from dig_framework.errors import InputError
from dig_framework.interfaces.camera import CameraDevice
from dig_framework.observation_files import load_observation
from dig_framework.testing.camera_conformance import CameraConformance
from dig_framework.testing.recordings import write_bop_dataset, write_bop_scene, write_scene_folders
from dig_framework.testing.table_views import ball_and_block, table_view


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bop")
    write_bop_dataset(folder)
    return folder


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenes")
    write_scene_folders(folder)
    return folder


class TestFolderCamera(CameraConformance):
    @classmethod
    def setup_class(cls):
        cls.files = ExitStack()
        cls.component = FolderCamera(**cls.files.enter_context(cls.inputs(FolderCamera)))

    @classmethod
    def teardown_class(cls):
        cls.files.close()


class TestBopCamera(CameraConformance):
    @classmethod
    def setup_class(cls):
        cls.files = ExitStack()
        cls.component = BopCamera(**cls.files.enter_context(cls.inputs(BopCamera)))

    @classmethod
    def teardown_class(cls):
        cls.files.close()


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


class Backwards(CameraDevice):
    """Wrong: plays the last folder first."""

    plays: ClassVar[Literal["", "scene folders", "bop"]] = "scene folders"
    path: Path

    def capture(self):
        return load_observation(max(self.path.iterdir()))


def test_suite_refuses_wrong_order():
    suite = CameraConformance()
    with CameraConformance.inputs(Backwards) as settings:
        suite.component = Backwards(**settings)
        with pytest.raises(AssertionError, match="depth of image 0 is"):
            suite.test_plays_recording()


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
    assert torch.equal(view.depth, load_observation(dataset / "test" / "000002", image=5).depth)
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
    view = table_view(ball_and_block())
    write_bop_scene(scene, {3: view, 11: view})
    change(scene)
    with pytest.raises(InputError) as error:
        load_observation(scene, image=image)
    assert complaint in str(error.value)
