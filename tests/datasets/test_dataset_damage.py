"""What can be wrong with data on disk: one sentence that names the file."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dig_framework.builtin.dataset_bop import BopDataset
from dig_framework.builtin.dataset_clevr_pose import ClevrPoseDataset
from dig_framework.builtin.dataset_fewsol import FewsolDataset
from dig_framework.builtin.dataset_folder import FolderDataset
from dig_framework.builtin.dataset_moped import MopedDataset
from dig_framework.errors import InputError
from dig_framework.testing.miniature_videos import write_fewsol
from dig_framework.testing.miniatures import write_miniature

READERS = {"scene folders": FolderDataset, "bop": BopDataset, "fewsol": FewsolDataset, "moped": MopedDataset,
           "clevr-pose": ClevrPoseDataset}  # fmt: skip
SCENE = "test/000001"
BALL = "v 0 0 0\nv 0 0 0.1\nv 0 0.1 0\nf 1 2 3\n"


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def text(content: str):
    return lambda path: path.write_text(content)


def matrices(**values):
    """Write a MATLAB file."""

    def write(path: Path) -> None:
        from scipy.io import savemat

        savemat(path, values)

    return write


def grey(width: int, height: int, *values: int):
    """Write an image of 8 bits whose first pixels have these values; the others are black."""

    def write(path: Path) -> None:
        levels = np.zeros((height, width), np.uint8)
        levels.flat[: len(values)] = values
        Image.fromarray(levels).save(path)

    return write


def edited(**changes):
    """Change fields of the first object of a JSON list of objects, by image number or under `objects`."""

    def edit(path: Path) -> None:
        values = json.loads(path.read_text())
        (next(iter(values.values())))[0].update(changes)
        path.write_text(json.dumps(values))

    return edit


def rescaled(path):
    values = json.loads(path.read_text())
    path.write_text(json.dumps({**values, "depth_scale": 10 * values["depth_scale"]}))


@pytest.mark.parametrize(
    ("layout", "file", "damage", "reason"),
    [
        ("scene folders", "a/rgb.png", Path.unlink, "no such file"),
        ("scene folders", "a/rgb.png", cut, "is truncated or no image"),
        ("scene folders", "a/depth.png", cut, "is truncated or no image"),
        ("scene folders", "a/gt.json", cut, "no valid JSON"),
        ("scene folders", "a/gt.json", text("{}"), "has no 'objects'"),
        ("scene folders", "a/gt.json", edited(index=7), "index is 7, but there are 2 boxes"),
        ("scene folders", "a/gt.json", edited(index=1), "2 objects have the index 1"),
        ("scene folders", "a/gt.json", edited(mesh="no.ply"), "no.ply: no such file"),
        ("scene folders", "a/meshes/object-0.ply", cut, "is no mesh that can be read"),
        ("scene folders", "a/meshes/object-0.ply", text(""), "is no mesh that can be read"),
        ("scene folders", "a/camera.json", rescaled, "depth_scale does not fit the poses in"),
        ("bop", f"{SCENE}/rgb/000003.png", cut, "is truncated or no image"),
        ("bop", f"{SCENE}/depth/000003.png", Path.unlink, "no such file"),
        ("bop", f"{SCENE}/depth_true/000003.png", Path.unlink, "no such file"),
        ("bop", f"{SCENE}/mask_visib/000003_000001.png", Path.unlink, "no such file"),
        ("bop", f"{SCENE}/mask_visib/000003_000001.png", grey(12, 10), "is 12 x 10, but its image is 160 x 120"),
        ("bop", f"{SCENE}/mask_visib_true/000003_000000.png", grey(12, 10), "is 12 x 10, but its image is 160 x 120"),
        ("bop", f"{SCENE}/scene_gt_info.json", edited(visib_fract=1e9), "visib_fract is 1e+09"),
        ("bop", f"{SCENE}/scene_gt_info.json", edited(visib_fract=-1), "visib_fract is -1"),
        ("bop", f"{SCENE}/scene_gt_info.json", edited(bbox_visib=[-1] * 4), "bbox_visib is -1 x -1 px"),
        ("bop", f"{SCENE}/scene_gt.json", edited(obj_id=99), "obj_id 99 is unknown"),
        ("bop", f"{SCENE}/scene_gt.json", edited(cam_R_m2c=[1.0] * 9), "cam_R_m2c is no rotation"),
        ("bop", f"{SCENE}/scene_gt_info.json", text('{"3": []}'), "has 0 objects, scene_gt.json has 2"),
        ("bop", f"{SCENE}/dig_truth.json", text('{"3": {"objects": [{}]}}'), "describes 1 objects"),
        ("bop", "models/obj_000001.ply", cut, "is no mesh that can be read"),
        ("bop", "models/models_info.json", text('{"1": {"symmetries_discrete": [[1, 2]]}}'), "give 16"),
        ("fewsol", "real_objects/0320T173759/000000-meta.mat", cut, "is truncated or no MATLAB file"),
        (
            "fewsol",
            "real_objects/0320T173759/000000-meta.mat",
            matrices(intrinsic_matrix="abc"),
            "intrinsic_matrix is of type",
        ),
        (
            "fewsol",
            "real_objects/0320T173759/000000-meta.mat",
            matrices(intrinsic_matrix=np.eye(3) * 1j),
            "intrinsic_matrix is of type complex128",
        ),
        ("fewsol", "real_objects/0320T173759/000000-label-binary.png", grey(320, 240), "is empty"),
        ("fewsol", "real_objects/0320T173759/000000-label-binary.png", grey(12, 10, 1), "is 12 x 10"),
        ("fewsol", "real_objects/0320T173759/name.txt", Path.unlink, "no such file"),
        ("fewsol", "real_objects/0320T173759/000000-depth.png", cut, "is truncated or no image"),
        ("clevr-pose", "scenes/scene_000/depth.npy", cut, "is truncated or no numpy file"),
        ("clevr-pose", "scenes/scene_000/masks.png", cut, "is truncated or no image"),
        ("clevr-pose", "scenes/scene_000/masks.png", grey(640, 480, 20, 41, 41), "has the grey value 41 at 2 pixels"),
        ("clevr-pose", "scenes/scene_000/depth.npy", Path.unlink, "no such file"),
        ("fewsol", "real_objects/0320T173759/000000-color.jpg", Path.unlink, "no such file"),
        ("moped", "ball/evaluation/00/mask/000003.png", grey(320, 240), "is empty"),
        ("moped", "ball/evaluation/00/scene/trajectory.log", cut, "poses, but frame"),
        ("moped", "ball/evaluation/00/scene/trajectory.log", text("0 0 1\n" + "a b c d\n" * 30), "is no matrix"),
        ("moped", "ball/evaluation/00/intrinsics.json", text("{}"), "has no 'intrinsic_matrix'"),
        ("moped", "ball/reference/integrated_raw.obj", text("v 0 0 0\n"), "integrated_raw.obj: "),
        ("moped", "ball/reference/integrated_raw.obj", text(BALL.replace("0.1", "100")), "is 100 m across"),
    ],
)
def test_one_sentence_names_what_is_wrong(tmp_path, layout, file, damage, reason):
    write_miniature(layout, tmp_path)
    damage(tmp_path / file)
    dataset = READERS[layout](path=tmp_path)
    place = 1 if layout == "moped" else 0
    with pytest.raises(InputError) as caught:
        dataset.sample(dataset.names()[place])
    said = str(caught.value)
    assert reason in said
    assert Path(file).name in said
    assert "\n" not in said


@pytest.mark.parametrize("value", ["hello", np.array([1.0, "x"], object), np.eye(4) * 1j])
def test_poses_of_fewsol_that_are_no_numbers_are_refused(tmp_path, value):
    written = write_fewsol(tmp_path, "synthetic_objects")
    dataset = FewsolDataset(path=tmp_path, part="synthetic_objects")
    k = written[1].observation.camera.intrinsics.numpy()
    path = tmp_path / "synthetic_objects" / "Ball_Toy" / "000001-meta.mat"
    matrices(intrinsic_matrix=k, objects_in_camera=value)(path)
    with pytest.raises(InputError, match=r"000001-meta.mat: objects_in_camera is of type"):
        dataset.sample(dataset.names()[1])


@pytest.mark.parametrize("layout", READERS)
def test_what_is_hidden_is_no_part_of_the_data(tmp_path, layout):
    write_miniature(layout, tmp_path)
    names = READERS[layout](path=tmp_path).names()
    for path in sorted(tmp_path.rglob("*"), reverse=True):
        hidden = path.with_name(f".{path.name}")
        shutil.copytree(path, hidden) if path.is_dir() else shutil.copyfile(path, hidden)
    assert READERS[layout](path=tmp_path).names() == names


def test_a_scene_without_images_is_named(tmp_path):
    write_miniature("bop", tmp_path)
    (tmp_path / SCENE / "scene_camera.json").write_text("{}")
    with pytest.raises(InputError, match="its keys are missing; image numbers are expected"):
        BopDataset(path=tmp_path).names()


def test_models_that_were_not_downloaded_are_asked_for(tmp_path):
    write_miniature("bop", tmp_path)
    (tmp_path / "models").rename(tmp_path / "elsewhere")
    dataset = BopDataset(path=tmp_path)
    with pytest.raises(InputError, match="no models folder is near"):
        dataset.sample(dataset.names()[0])


def test_only_the_image_that_is_asked_for_is_read(tmp_path):
    for layout, reader in READERS.items():
        folder = tmp_path / layout
        written = write_miniature(layout, folder)
        for path in folder.rglob("*.png"):
            path.write_bytes(b"")
        assert reader(path=folder).names() == [sample.name for sample in written]
