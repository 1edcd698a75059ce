import dataclasses

import numpy as np
import pytest
import torch
from PIL import Image
from sphere_run import camera, observation, plane, scene, trials

from dig_framework.grasp import ParallelJaw
from dig_framework.render import Render
from dig_framework.report.agreement import agreements, signed_depth_error
from dig_framework.report.color_scale import ColorScale, error_scale, object_color
from dig_framework.report.grasp_pictures import grasp_pictures, hand_mesh, side_camera
from dig_framework.report.input_pictures import input_pictures, segmentation_pictures, srgb_image
from dig_framework.report.marks import boxed, outlined, tinted
from dig_framework.report.picture import Picture
from dig_framework.report.scene_pictures import rendered, scene_pictures
from dig_framework.report.window import Window
from dig_framework.stages.segmentation import Segmentation


def _segmentation() -> Segmentation:
    masks = observation().masks
    assert masks is not None
    return Segmentation(masks, plane())


def test_a_scale_has_its_colours_at_both_ends_and_beyond():
    scale = ColorScale(0.0, 2.0, "m", ((0, 0, 0), (200, 100, 0)), absent=(1, 2, 3))
    colors = scale.colors(np.array([-5.0, 0.0, 1.0, 2.0, 9.0, np.nan]))
    assert colors.tolist() == [[0, 0, 0], [0, 0, 0], [100, 50, 0], [200, 100, 0], [200, 100, 0], [1, 2, 3]]
    assert scale.ticks(3) == [(0.0, "0.0"), (0.5, "1.0"), (1.0, "2.0")]


def test_no_error_is_without_colour():
    middle = error_scale(10.0).colors(np.array([0.0]))[0].astype(int)
    assert np.ptp(middle) <= 3


def test_the_window_holds_all_boxes_and_stays_inside():
    seen = observation()
    window = Window.around_boxes(seen)
    assert window.left <= 5
    assert window.top <= 5
    assert window.right >= 105
    assert window.bottom >= 85
    assert window.crop(seen.depth.numpy()).shape == (window.bottom - window.top, window.right - window.left)
    whole = Window.around_boxes(seen.replace(boxes=()))
    assert (whole.left, whole.top, whole.right, whole.bottom) == (0, 0, 160, 120)


def test_enlarging_keeps_values_and_areas():
    window = Window(0, 0, 40, 30, 4.0)
    values = np.random.default_rng(0).random((30, 40)).astype(np.float32)
    assert set(np.unique(window.values(values))) == set(np.unique(values))
    disk = np.hypot(*np.mgrid[-15:15, -20:20]) < 10
    assert window.mask(disk).sum() == pytest.approx(16 * disk.sum(), rel=0.02)


def test_outlines_stay_at_the_border():
    image, mask = np.full((60, 60, 3), 128, np.uint8), np.zeros((60, 60), bool)
    mask[15:45, 15:45] = True
    changed = (outlined(image, mask, (255, 0, 0)) != 128).any(-1)
    assert changed[15, 15:45].all()
    assert not changed[22:38, 22:38].any()
    assert not changed[:10].any()
    assert (image == 128).all(), "the image that was given is left as it is"


def test_a_tint_is_a_blend():
    image, mask = np.full((4, 4, 3), 100, np.uint8), np.eye(4, dtype=bool)
    result = tinted(image, mask, (200, 0, 100), 0.5)
    assert result[mask].tolist() == [[150, 50, 100]] * 4
    assert (result[~mask] == 100).all()


@pytest.mark.parametrize("corners", [(0.0, 0.0, 20.0, 20.0), (30.0, 30.0, 40.0, 40.0), (-5.0, 2.0, 70.0, 90.0)])
def test_a_box_at_any_border_can_be_drawn(corners):
    assert boxed(np.zeros((40, 40, 3), np.uint8), corners, (255, 0, 0), "a long label").any()


def test_object_colours_differ():
    assert len({object_color(index) for index in range(10)}) == 10


def test_agreement_of_a_shifted_square():
    seen = observation().replace(depth=torch.full((120, 160), 0.5))
    masks = torch.zeros(1, 120, 160, dtype=torch.bool)
    masks[0, 40:60, 40:60] = True
    ids = torch.full((120, 160), -1)
    ids[40:60, 50:70] = 0
    depth = torch.full((120, 160), 0.503)
    render = Render(torch.zeros(120, 160, 3), depth, (ids == 0)[None].float(), ids)
    (found,) = agreements(seen, Segmentation(masks, None), scene(), render)
    assert found.mask_iou == pytest.approx(200 / 600)
    assert found.depth_median_mm == pytest.approx(3.0, abs=1e-3)


def test_depth_errors_are_signed_and_unknown_where_one_is_missing():
    seen = observation()
    depth = (seen.depth + 0.002).clone()
    depth[0, 0] = 0
    render = Render(seen.color, depth, torch.zeros(1, 120, 160), torch.zeros(120, 160, dtype=torch.int64))
    error = signed_depth_error(seen, render)
    assert np.isnan(error[0, 0])
    np.testing.assert_allclose(error[5:], 0.002, atol=1e-6)


def test_the_true_sphere_agrees_with_its_own_image():
    render = rendered(scene(), camera())
    (found,) = agreements(observation(), _segmentation(), scene(), render)
    # A sphere of 642 vertices lies up to 0.3 % of its radius inside the true one: 0.15 mm, and half a pixel.
    assert found.mask_iou > 0.97
    assert found.depth_median_mm < 0.5
    (moved,) = agreements(observation(), _segmentation(), scene(), rendered(scene(0.02), camera()))
    assert moved.mask_iou < 0.8


def test_every_picture_of_a_stage_says_what_it_shows():
    window = Window.around_boxes(observation())
    render = rendered(scene(), camera())
    pictures = [
        *input_pictures(observation()),
        *segmentation_pictures(observation(), _segmentation(), window),
        *scene_pictures("fit", observation(), _segmentation(), scene(), render, window),
    ]
    assert [item.name for item in pictures] == [
        *("input/color", "input/depth", "segment/masks", "segment/heights"),
        *("fit/overlay", "fit/render", "fit/depth_error", "fit/masks"),
    ]
    for item in pictures:
        assert len(item.alt) > 20, item.name
        assert len(np.unique(item.image.reshape(-1, 3), axis=0)) > 3, item.name


def test_the_mask_picture_is_green_where_both_agree():
    window = Window.around_boxes(observation())
    pictures = scene_pictures("fit", observation(), _segmentation(), scene(), rendered(scene(), camera()), window)
    image = next(item for item in pictures if item.name == "fit/masks").image
    u, v = (round((80 - window.left) * window.zoom), round((60 - window.top) * window.zoom))
    red, green, blue = image[v, u].astype(int)
    assert green > red + 20
    assert green > blue + 20


def test_an_image_without_any_depth_or_box_is_shown():
    blind = observation().replace(depth=torch.zeros(120, 160), boxes=(), masks=None)
    assert len(input_pictures(blind)) == 2


def test_files_carry_a_scale_bar(tmp_path):
    image = np.zeros((50, 300, 3), np.uint8)
    Picture("a/plain", image, "t", "alt").write(tmp_path)
    Picture("a/scaled", image, "t", "alt", error_scale(5.0)).write(tmp_path)
    with Image.open(tmp_path / "a/plain.png") as plain, Image.open(tmp_path / "a/scaled.png") as scaled:
        assert plain.size == (300, 50)
        assert scaled.size[1] > 50


def test_the_hand_is_as_wide_as_its_boxes_and_closed():
    hand = ParallelJaw()
    mesh = hand_mesh(hand, 0.06)
    assert mesh.is_closed()
    size = mesh.vertices.max(0).values - mesh.vertices.min(0).values
    assert float(size[0]) == pytest.approx(max(hand.palm_width, 0.06 + 2 * hand.finger_thickness))
    assert float(mesh.volume()) > 0, "faces turn outwards"


def test_the_side_camera_looks_at_its_target_from_above():
    target = torch.tensor([0.05, 0.02, 0.6])
    view = side_camera(scene(), target, distance=0.4)
    pixel, depth = view.project(target)
    assert pixel.tolist() == pytest.approx([(view.width - 1) / 2, (view.height - 1) / 2], abs=0.01)
    assert float(depth) == pytest.approx(0.4, abs=1e-5)
    higher, _ = view.project(target + 0.05 * plane().normal)
    assert float(higher[1]) < float(pixel[1]), "up is up"
    rotation = view.camera_from_scene[:3, :3]
    torch.testing.assert_close(rotation @ rotation.T, torch.eye(3), atol=1e-5, rtol=0)
    assert float(torch.linalg.det(rotation)) > 0


def test_one_picture_an_object_of_its_best_grasp():
    (picture,) = grasp_pictures(scene(), trials(), ParallelJaw(opening=0.1))
    assert picture.name == "grasp/001"
    assert "held" in picture.title
    without = srgb_image(rendered(scene(), side_camera(scene(), trials()[0].grasp.scene_from_hand[:3, 3])).color)
    assert (picture.image != without).any(-1).mean() > 0.02, "the hand is seen"


def test_a_failed_grasp_is_coloured_otherwise():
    held, _ = trials()
    failed = dataclasses.replace(held, success=False, reason="slipped")
    pictures = [grasp_pictures(scene(), (trial,), ParallelJaw())[0].image.astype(int) for trial in (held, failed)]
    assert (pictures[0] != pictures[1]).any()
    assert (pictures[0][..., 1] - pictures[1][..., 1]).max() > 30
