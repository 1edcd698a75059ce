"""The segment stage: disjoint masks, failures with reasons, the plane, and its files."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dig_framework.builtin.segmenter_given import GivenMasks
from dig_framework.errors import ComponentError, InputError
from dig_framework.evidence import SensorNoise
from dig_framework.interfaces.segmenter import Segmenter
from dig_framework.mask_overlaps import disjoint_masks
from dig_framework.material import Material
from dig_framework.plane import Plane
from dig_framework.scene import Failure
from dig_framework.segmentation_files import load_segmentation, save_segmentation
from dig_framework.stages.segment import segment
from dig_framework.stages.segmentation import Segmentation
from dig_framework.testing.table_views import ball_and_block, table_view
from dig_framework.testing.tabletop import scene_from_table


def test_plane_is_the_table():
    result = segment(table_view(ball_and_block()), GivenMasks(), SensorNoise(), 0)
    up = scene_from_table()[:3, 2].float()
    assert result.failures == ()
    assert float(result.plane.normal @ up) > 1 - 1e-6
    assert float(result.plane.offset) == pytest.approx(0.7 * float(torch.tensor(0.6).sin()), abs=1e-4)


def test_empty_and_tiny_masks_are_failures():
    view = table_view(ball_and_block())
    masks = view.masks.clone()
    masks[0] = False
    masks[1] &= masks[1].flatten().cumsum(0).reshape(masks[1].shape) <= 29
    result = segment(view.replace(masks=masks), GivenMasks(), SensorNoise(), 0)
    assert not bool(result.masks.any())
    assert [(failure.label, failure.index, failure.stage) for failure in result.failures] == [
        ("object-0", 0, "segment"),
        ("object-1", 1, "segment"),
    ]
    assert [failure.reason for failure in result.failures] == [
        "no pixel in the box was recognised as the object; check that the box is around it",
        "only 29 pixels were recognised as the object, fewer than 30; it is too small or hidden",
    ]


def test_contested_pixels_go_to_the_nearer_surface():
    """Both masks claim a strip of the block; its depth decides."""
    view = table_view(ball_and_block())
    masks = view.masks.clone()
    strip = torch.zeros_like(masks[0])
    strip[:, int(view.boxes[1].xyxy[0]) : int(view.boxes[1].xyxy[0]) + 5] = True
    masks[0] |= masks[1] & strip
    result = segment(view.replace(masks=masks), GivenMasks(), SensorNoise(), 0)
    assert torch.equal(result.masks, view.masks)


def test_mask_within_another_keeps_its_pixels():
    view = table_view(ball_and_block())
    inner = view.masks[1].clone()
    inner[:, : int(view.boxes[1].xyxy[0]) + 10] = False
    result = disjoint_masks(torch.stack([view.masks[1], inner]), view)
    assert torch.equal(result[1], inner)
    assert torch.equal(result[0], view.masks[1] & ~inner)


def test_contested_pixels_without_depth_go_to_the_nearer_pixels():
    view = table_view(ball_and_block())
    depth = torch.zeros_like(view.depth)
    left, right = torch.zeros_like(depth, dtype=torch.bool), torch.zeros_like(depth, dtype=torch.bool)
    left[10:20, 10:40], right[10:20, 30:60] = True, True
    result = disjoint_masks(torch.stack([left, right]), view.replace(depth=depth))
    assert bool(result[0][10:20, 30:34].all())
    assert bool(result[1][10:20, 36:40].all())


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(0, 4))
def test_disjoint_masks_are_a_partition_of_the_union(seed, count):
    view = table_view(ball_and_block(), 16, 12)
    masks = torch.rand(count, 12, 16, generator=torch.Generator().manual_seed(seed)) > 0.5
    result = disjoint_masks(masks, view)
    assert torch.equal(result.sum(0), masks.any(0).long())
    assert not bool((result & ~masks).any())


class WrongShape(Segmenter):
    def segment(self, observation, noise, seed):
        return torch.zeros(len(observation.boxes), 3, 4, dtype=torch.bool)


def test_wrong_shape_is_refused():
    with pytest.raises(ComponentError) as error:
        segment(table_view(ball_and_block()), WrongShape(), SensorNoise(), 0)
    assert str(error.value) == (
        "segmenter WrongShape returned torch.bool of shape (2, 3, 4); booleans of shape (2, 120, 160) are expected, "
        "one mask a box."
    )


@pytest.mark.parametrize("with_plane", [True, False])
@pytest.mark.parametrize("boxes", [0, 3])
def test_files_give_back_the_same_bits(tmp_path, with_plane, boxes):
    generator = torch.Generator().manual_seed(boxes)
    masks = torch.rand(boxes, 7, 9, generator=generator) > 0.5
    normal = torch.nn.functional.normalize(torch.rand(3, generator=generator), dim=0)
    plane = Plane(normal, torch.rand((), generator=generator), Material.matte(torch.rand(3, generator=generator)))
    before = Segmentation(masks, plane if with_plane else None, (Failure("mug", 1, "segment", "hidden"),))
    save_segmentation(before, tmp_path)
    after = load_segmentation(tmp_path)
    assert after.failures == before.failures
    assert after.tensors().keys() == before.tensors().keys()
    assert all(torch.equal(after.tensors()[name], value) for name, value in before.tensors().items())


def test_missing_mask_is_named(tmp_path):
    save_segmentation(Segmentation(torch.ones(2, 4, 5, dtype=torch.bool), None), tmp_path)
    (tmp_path / "masks" / "001.png").unlink()
    with pytest.raises(InputError, match=r"masks/001\.png: no such file; its folder holds 000\.png\."):
        load_segmentation(tmp_path)
