"""Built-in segmenters against the suite, and wrong ones that the suite must refuse."""

from pathlib import Path

import pytest
import torch

from dig_framework.builtin.segmenter_given import GivenMasks
from dig_framework.builtin.segmenter_grabcut import DepthGrabCut
from dig_framework.errors import InputError
from dig_framework.evidence import SensorNoise
from dig_framework.interfaces.segmenter import Segmenter
from dig_framework.observation import Box
from dig_framework.observation_files import load_observation
from dig_framework.testing.segmenter_conformance import SegmenterConformance
from dig_framework.testing.table_views import Ball, Block, ball_and_block, table_view, tight_box

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


class TestGivenMasks(SegmenterConformance):
    component = GivenMasks()


class TestDepthGrabCut(SegmenterConformance):
    component = DepthGrabCut()


class WholeBox(Segmenter):
    """Wrong: everything in the box, and a box with the ends of its ranges exchanged."""

    swapped: bool = False

    def segment(self, observation, noise, seed):
        masks = torch.zeros(len(observation.boxes), *observation.depth.shape, dtype=torch.bool)
        for mask, box in zip(masks, observation.boxes, strict=True):
            x0, y0, x1, y1 = (int(value) for value in box.xyxy)
            if self.swapped:
                mask[x0:x1, y0:y1] = True
            else:
                mask[y0:y1, x0:x1] = True
        return masks


@pytest.mark.parametrize(
    ("segmenter", "check", "complaint"),
    [
        (WholeBox(), "test_recovers_solids", "intersection over union of 0.[678]"),
        (WholeBox(swapped=True), "test_inside_grown_box", "pixels of 'object-[01]' lie outside its grown box"),
        (WholeBox(swapped=True), "test_moves_with_the_image", "changes a mask"),
    ],
)
def test_suite_refuses_wrong_segmenters(segmenter, check, complaint):
    suite = SegmenterConformance()
    suite.component = segmenter
    with pytest.raises(AssertionError, match=complaint):
        getattr(suite, check)()


def test_given_masks_must_be_there():
    view = table_view(ball_and_block()).replace(masks=None)
    with pytest.raises(InputError) as error:
        GivenMasks().segment(view, SensorNoise(), 0)
    assert str(error.value) == (
        "the input has 2 boxes and no masks; add masks/000000.png ... (one a box, in the image's size), or choose "
        "another segmenter."
    )


def overlap(mask, truth):
    return float((mask & truth).sum() / (mask | truth).sum())


def test_grabcut_ignores_given_masks():
    view = table_view(ball_and_block())
    with_masks = DepthGrabCut().segment(view, SensorNoise(), 0)
    assert torch.equal(with_masks, DepthGrabCut().segment(view.replace(masks=None), SensorNoise(), 0))


def test_grabcut_with_an_occluder():
    """A ball in front of a block of another colour: boxes overlap, masks do not."""
    ball = Ball((0.02, -0.07, 0.03), 0.03, (0.7, 0.6, 0.05))
    view = table_view([ball, Block((0.0, 0.05, 0.06), (0.14, 0.05, 0.12), (0.6, 0.1, 0.1))], 240, 180)
    masks = DepthGrabCut().segment(view, SensorNoise(), 0)
    assert not bool(masks.all(0).any())
    assert min(overlap(mask, truth) for mask, truth in zip(masks, view.masks, strict=True)) > 0.9


def test_grabcut_hardly_depends_on_the_seed():
    """A slim block before a wide one of its colour: only depth tells them apart, and most of the slim one is shared."""
    color = (0.6, 0.2, 0.1)
    wide, slim = (
        Block((0.0, 0.06, 0.09), (0.16, 0.05, 0.18), color),
        Block((-0.02, -0.03, 0.08), (0.06, 0.04, 0.16), color),
    )
    view = table_view([wide, slim], 240, 180, grain=0.1)
    runs = [DepthGrabCut().segment(view, SensorNoise(), seed) for seed in range(5)]
    assert min(overlap(mask, first) for run in runs for mask, first in zip(run, runs[0], strict=True)) > 0.98
    assert min(overlap(mask, truth) for run in runs for mask, truth in zip(run, view.masks, strict=True)) > 0.91


def test_grabcut_where_depth_has_holes():
    """A transparent thing: its depth is missing, colour alone has to find it."""
    view = table_view(ball_and_block(), 240, 180)
    depth = torch.where(view.masks[0], torch.zeros(()), view.depth)
    masks = DepthGrabCut().segment(view.replace(depth=depth), SensorNoise(), 0)
    assert overlap(masks[0], view.masks[0]) > 0.85


def test_grabcut_without_a_plane():
    """Things that hang in the air before a far and ragged background."""
    view = table_view(ball_and_block(), 240, 180)
    far = 1.5 + 0.5 * torch.rand(view.depth.shape, generator=torch.Generator().manual_seed(0))
    masks = DepthGrabCut().segment(
        view.replace(depth=torch.where(view.masks.any(0), view.depth, far)), SensorNoise(), 0
    )
    assert min(overlap(mask, truth) for mask, truth in zip(masks, view.masks, strict=True)) > 0.9


def test_grabcut_at_the_image_border():
    view = table_view([Ball((-0.24, 0.02, 0.05), 0.05, (0.1, 0.5, 0.15))], 240, 180)
    assert view.boxes[0].xyxy[0] == 0
    assert overlap(DepthGrabCut().segment(view, SensorNoise(), 0)[0], view.masks[0]) > 0.9


def test_grabcut_with_a_loose_box():
    """A box that is a fifth too wide on each side, as detectors give them."""
    view = table_view(ball_and_block(), 240, 180)
    loose = []
    for box in view.boxes:
        x0, y0, x1, y1 = box.xyxy
        dx, dy = 0.2 * (x1 - x0), 0.2 * (y1 - y0)
        loose.append(Box(box.label, (x0 - dx, y0 - dy, x1 + dx, y1 + dy)))
    masks = DepthGrabCut().segment(view.replace(boxes=tuple(loose)), SensorNoise(), 0)
    assert min(overlap(mask, truth) for mask, truth in zip(masks, view.masks, strict=True)) > 0.85


def test_grabcut_box_of_one_pixel():
    view = table_view(ball_and_block())
    masks = DepthGrabCut().segment(
        view.replace(boxes=(Box("dot", (50.0, 60.0, 51.0, 61.0)),), masks=None), SensorNoise(), 0
    )
    assert masks.shape == (1, 120, 160)


def test_tight_box_of_a_mask():
    mask = torch.zeros(10, 20, dtype=torch.bool)
    mask[2:5, 7:11] = True
    assert tight_box(mask, "a") == Box("a", (7.0, 2.0, 11.0, 5.0))


@pytest.mark.skipif(not SHARED.exists(), reason="the shared scenes are not here")
@pytest.mark.parametrize(("scene", "least"), [("single_mustard", 0.93), ("ycbtable_1", 0.88)])
def test_grabcut_on_real_scenes(scene, least):
    view = load_observation(SHARED / scene)
    masks = DepthGrabCut().segment(view, SensorNoise(), 0)
    values = [overlap(mask, truth) for mask, truth in zip(masks, view.masks, strict=True)]
    assert sum(values) / len(values) > least
