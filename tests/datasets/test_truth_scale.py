"""Depth, poses and models in different units are refused; what merely looks odd is not."""

import json

import pytest
import torch

from dig_framework.builtin.dataset_bop import BopDataset
from dig_framework.builtin.dataset_fewsol import FewsolDataset
from dig_framework.errors import InputError
from dig_framework.testing.miniature_bop import write_bop_miniature
from dig_framework.testing.miniature_videos import write_fewsol
from dig_framework.testing.miniature_views import mesh_text, miniature_sample
from dig_framework.truth_scale import check_truth_scale

SAMPLE = miniature_sample("a")


def check(objects=SAMPLE.truth.objects, view=SAMPLE.observation):
    check_truth_scale(objects, view, "scene_camera.json: depth_scale", "scene_gt.json")


def with_depth(view, factors):
    """Return a view whose depth inside its masks is multiplied."""
    depth = view.depth.clone()
    for mask, factor in zip(view.masks, factors, strict=True):
        depth[mask] *= factor
    return view.replace(depth=depth)


def read(folder):
    dataset = BopDataset(path=folder)
    return dataset.sample(dataset.names()[0])


def edit(path, change):
    values = json.loads(path.read_text())
    change(next(iter(values.values())))
    path.write_text(json.dumps(values))


@pytest.mark.parametrize("factor", [0.1, 10.0, 20.0])
@pytest.mark.parametrize("masks", [True, False])
def test_another_unit_of_depth_is_named(tmp_path, factor, masks):
    write_bop_miniature(tmp_path)
    scene = tmp_path / "test" / "000001"
    edit(scene / "scene_camera.json", lambda entry: entry.update(depth_scale=0.1 * factor))
    if not masks:
        (scene / "mask_visib").rename(tmp_path / "elsewhere")
    with pytest.raises(
        InputError, match=r"scene_camera.json: image 3: depth_scale does not fit .* depth is .* m where"
    ):
        read(tmp_path)


@pytest.mark.parametrize("factor", [0.1, 4.0])
def test_another_unit_of_poses_is_named(tmp_path, factor):
    write_bop_miniature(tmp_path)

    def scaled(objects):
        for item in objects:
            item["cam_t_m2c"] = [factor * part for part in item["cam_t_m2c"]]

    edit(tmp_path / "test" / "000001" / "scene_gt.json", scaled)
    with pytest.raises(InputError, match=r"does not fit the poses in .*scene_gt.json: image 3"):
        read(tmp_path)


def test_a_pose_beyond_what_depth_may_be_is_named(tmp_path):
    write_bop_miniature(tmp_path)
    edit(tmp_path / "test" / "000001" / "scene_gt.json", lambda objects: objects[1].update(cam_t_m2c=[0, 0, 800e3]))
    with pytest.raises(InputError, match=r"scene_gt.json: image 3: the pose of 'obj_000002' is 800 m away, farther"):
        read(tmp_path)


@pytest.mark.parametrize("factor", [0.1, 10.0])
def test_another_unit_of_a_model_is_named(tmp_path, factor):
    (sample, _) = write_bop_miniature(tmp_path)
    text = mesh_text(sample.truth.objects[0].mesh, 1e3 * factor)
    (tmp_path / "models" / "obj_000001.ply").write_text(text)
    with pytest.raises(InputError, match=r"obj_000001.ply: is .* mm long, but .*models_info.json .* diameter of 80 mm"):
        read(tmp_path)


def test_other_readers_compare_too(tmp_path):
    from scipy.io import loadmat, savemat

    write_fewsol(tmp_path, "synthetic_objects")
    path = tmp_path / "synthetic_objects" / "Ball_Toy" / "000000-meta.mat"
    meta = loadmat(path)
    meta["objects_in_camera"][:3, 3] *= 4
    savemat(path, {key: meta[key] for key in ("intrinsic_matrix", "objects_in_camera")})
    dataset = FewsolDataset(path=tmp_path, part="synthetic_objects")
    with pytest.raises(InputError, match=r"000000-depth.png does not fit the poses in .*000000-meta.mat"):
        dataset.sample(dataset.names()[0])


def test_truth_is_accepted_with_and_without_masks():
    check()
    check(view=SAMPLE.observation.replace(masks=None))


@pytest.mark.parametrize("factors", [(0.0, 0.0), (0.0, 1.0), (3.0, 1.0), (0.4, 1.0), (3.0, 0.3)])
def test_glass_and_occluders_are_accepted(factors):
    check(view=with_depth(SAMPLE.observation, factors))


@pytest.mark.parametrize(("factor", "wrong"), [(0.4, True), (0.6, False), (1.6, False), (2.5, True)])
def test_the_limit_is_a_factor_of_two(factor, wrong):
    view = with_depth(SAMPLE.observation, (factor, factor))
    if wrong:
        with pytest.raises(InputError, match="one of the two is in another unit"):
            check(view=view)
    else:
        check(view=view)


def test_objects_without_a_box_are_no_reason_where_others_have_one():
    view = with_depth(SAMPLE.observation, (1.0, 9.0))
    first, second = SAMPLE.truth.objects
    check((second.replace(index=None),), view)
    check((first, second.replace(index=None)), view)


def test_what_is_outside_the_image_is_no_reason():
    bare = SAMPLE.observation.replace(boxes=(), masks=None)
    (item, _) = SAMPLE.truth.objects
    aside = item.replace(index=None, pose=type(item.pose)(torch.tensor([9.0, 0.0, 0.1]), item.pose.rotation))
    check((aside,), bare)
