"""Layouts of single BOP datasets, symmetries as the challenge samples them, and targets."""

import json
import math
import shutil

import numpy as np
import pytest
import torch

from dig_framework.bop_models import bop_symmetries
from dig_framework.builtin.dataset_bop import BopDataset
from dig_framework.errors import InputError
from dig_framework.image_files import write_mask
from dig_framework.testing.miniature_bop import write_bop_miniature


@pytest.mark.parametrize(
    ("split", "models", "depth_scale", "suffix"),
    [
        ("test", "models", 1.0, ".png"),  # LM and LM-O
        ("test", "models", 0.1, ".png"),  # YCB-V
        ("val", "models", 0.1, ".png"),  # HOPE, whose test images have no public truth
        ("test_primesense", "models_cad", 0.1, ".png"),  # T-LESS
        ("train_pbr", "models", 0.1, ".jpg"),  # rendered training images of any
    ],
)
def test_layouts(tmp_path, split, models, depth_scale, suffix):
    written = write_bop_miniature(tmp_path, split, models, depth_scale, suffix)
    dataset = BopDataset(path=tmp_path, split=split)
    assert dataset.names() == [f"{split}-000001-000003", f"{split}-000002-000000"]
    for expected in written:
        found = dataset.sample(expected.name)
        assert (found.observation.depth - expected.observation.depth).abs().max() <= 0.51e-3 * depth_scale
        for new, old in zip(found.truth.objects, expected.truth.objects, strict=True):
            assert torch.allclose(new.posed().vertices, old.posed().vertices, atol=2e-6)


def test_what_our_generator_knows_besides(tmp_path):
    (expected, _) = write_bop_miniature(tmp_path)
    truth = BopDataset(path=tmp_path).sample(expected.name).truth
    assert truth.plane is not None
    assert torch.allclose(truth.plane.normal, expected.truth.plane.normal)
    assert torch.allclose(truth.depth, expected.truth.depth, atol=6e-5)
    assert len(truth.lights) == 1
    assert [(item.mass, item.friction) for item in truth.objects] == [(0.1, 0.5)] * 2


def test_true_masks_are_not_the_masks_of_the_image(tmp_path):
    (expected, _) = write_bop_miniature(tmp_path)
    worse = expected.observation.masks[1].clone()
    worse[:, :80] = True
    write_mask(tmp_path / "test" / "000001" / "mask_visib" / "000003_000001.png", worse)
    found = BopDataset(path=tmp_path).sample(expected.name)
    assert torch.equal(found.observation.masks[1], worse)
    assert torch.equal(found.truth.masks, expected.observation.masks)
    assert [item.label for item in found.truth.objects] == [item.label for item in expected.truth.objects]


def test_a_scene_and_a_split_are_datasets_too(tmp_path):
    write_bop_miniature(tmp_path)
    assert BopDataset(path=tmp_path / "test").names() == ["000001-000003", "000002-000000"]
    scene = BopDataset(path=tmp_path / "test" / "000002")
    assert scene.names() == ["000002-000000"]
    assert len(scene.sample("000002-000000").truth.objects) == 2


def test_what_is_still_being_made_is_no_scene(tmp_path):
    write_bop_miniature(tmp_path)
    shutil.copytree(tmp_path / "test" / "000002", tmp_path / "test" / ".000003.half")
    assert BopDataset(path=tmp_path).names() == ["test-000001-000003", "test-000002-000000"]


def test_targets_choose_images(tmp_path):
    write_bop_miniature(tmp_path)
    targets = [{"im_id": 0, "inst_count": 1, "obj_id": 1, "scene_id": 2}]
    (tmp_path / "test_targets_bop19.json").write_text(json.dumps(targets))
    assert BopDataset(path=tmp_path, targets="test_targets_bop19.json").names() == ["test-000002-000000"]


def test_targets_that_mean_images_of_two_splits_are_refused(tmp_path):
    write_bop_miniature(tmp_path)
    write_bop_miniature(tmp_path, "train")
    (tmp_path / "targets.json").write_text(json.dumps([{"im_id": 0, "scene_id": 2}]))
    with pytest.raises(InputError, match="means both test-000002-000000 and train-000002-000000; say with split"):
        BopDataset(path=tmp_path, targets="targets.json").names()
    assert BopDataset(path=tmp_path, targets="targets.json", split="test").names() == ["test-000002-000000"]


def test_targets_that_fit_nothing_are_refused(tmp_path):
    write_bop_miniature(tmp_path)
    (tmp_path / "targets.json").write_text(json.dumps([{"im_id": 1, "scene_id": 77}]))
    with pytest.raises(InputError, match="none of its 1 images is among the 2 that are there"):
        BopDataset(path=tmp_path, targets="targets.json").names()


def test_a_folder_of_models_that_is_not_there_is_refused(tmp_path):
    write_bop_miniature(tmp_path)
    with pytest.raises(InputError, match=r"holds no folder 'modelz', .* but models, test"):
        BopDataset(path=tmp_path, models="modelz").names()


def test_a_split_that_is_not_there_is_refused(tmp_path):
    write_bop_miniature(tmp_path)
    with pytest.raises(InputError, match=r"holds no val/\*\*/scene_camera.json, but models, test"):
        BopDataset(path=tmp_path, split="val").names()


def write_info(folder, **fields):
    (folder / "models_info.json").write_text(json.dumps({"1": fields}))
    return folder


def test_without_symmetries_there_is_the_identity(tmp_path):
    assert torch.equal(bop_symmetries(tmp_path, 1), torch.eye(4)[None])
    assert torch.equal(bop_symmetries(write_info(tmp_path, diameter=3.0), 1), torch.eye(4)[None])


def test_an_object_that_the_information_leaves_out_is_no_object_without_symmetry(tmp_path):
    with pytest.raises(InputError, match="says nothing about object 2, so its symmetries are unknown"):
        bop_symmetries(write_info(tmp_path, diameter=3.0), 2)


def test_discrete_symmetries_are_in_metres(tmp_path):
    half_turn = [-1.0, 0, 0, 20.0, 0, -1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    first, second = bop_symmetries(write_info(tmp_path, symmetries_discrete=[half_turn]), 1)
    assert torch.equal(first, torch.eye(4))
    assert second[:3, 3].tolist() == pytest.approx([0.02, 0, 0])
    assert torch.equal(second[:3, :3], torch.diag(torch.tensor([-1.0, -1.0, 1.0])))


def test_turns_about_an_axis_move_the_farthest_point_by_at_most_the_step(tmp_path):
    folder = write_info(tmp_path, symmetries_continuous=[{"axis": [0, 0, 2], "offset": [10.0, 0, 0]}])
    motions = bop_symmetries(folder, 1).double()
    assert len(motions) == 315  # ceil(pi / 0.01)
    axis = torch.tensor([[0.01, 0.0, 0.3, 1.0]], dtype=torch.float64)
    assert torch.allclose(motions @ axis.mT, axis.mT.expand(315, 4, 1), atol=1e-7)
    rim = torch.tensor([0.06, 0.0, 0.0, 1.0], dtype=torch.float64)  # 50 mm from the axis: a diameter of 0.1 m
    steps = (motions @ rim).diff(dim=0).norm(dim=-1)
    assert float(steps.max()) <= 0.01 * 0.1
    closing = float(((motions[-1] - motions[0]) @ rim).norm())
    assert closing == pytest.approx(2 * 0.05 * math.sin(math.pi / 315), rel=1e-4)


def test_discrete_and_continuous_symmetries_combine_to_a_group(tmp_path):
    flip = [1.0, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1]
    folder = write_info(
        tmp_path, symmetries_discrete=[flip], symmetries_continuous=[{"axis": [0, 0, 1], "offset": [0, 0, 0]}]
    )
    motions = bop_symmetries(folder, 1, step=0.5).double()
    assert len(motions) == 2 * math.ceil(math.pi / 0.5)
    products = (motions[:, None] @ motions[None]).reshape(-1, 16).numpy()
    distance = np.abs(products[:, None] - motions.reshape(1, -1, 16).numpy()).max(-1).min(1)
    assert distance.max() < 1e-6
