"""Observations from arrays in memory, and one clear sentence for everything that can be wrong with them."""

import numpy as np
import pytest
import torch

from dig_framework.errors import InputError
from dig_framework.observation import Box
from dig_framework.observation_arrays import observation_from_arrays

K = np.array([[100.0, 0, 39.5], [0, 100, 29.5], [0, 0, 1]])


def parts(**changes):
    color, depth = np.full((60, 80, 3), 188, np.uint8), np.full((60, 80), 0.7)
    return {"color": color, "depth": depth, "intrinsics": K, **changes}


def test_bytes_are_srgb_and_floats_are_linear():
    linear = ((188 / 255 + 0.055) / 1.055) ** 2.4
    assert float(observation_from_arrays(**parts()).color[0, 0, 0]) == pytest.approx(linear, abs=1e-6)
    view = observation_from_arrays(**parts(color=np.full((60, 80, 3), 0.25)))
    assert float(view.color[0, 0, 0]) == 0.25
    assert view.color.dtype == view.depth.dtype == view.camera.intrinsics.dtype == torch.float32


def test_boxes_masks_and_layouts():
    masks = np.zeros((2, 60, 80), np.uint8)
    masks[1, 5, 6] = 255
    view = observation_from_arrays(
        **parts(depth=np.asfortranarray(np.full((60, 80), 0.7, ">f4")), intrinsics=torch.tensor(K)),
        boxes=[np.array([1, 2, 30, 40]), Box("mug", (5.0, 6.0, 70.0, 50.0))],
        masks=masks,
    )
    assert view.boxes == (Box("object-0", (1.0, 2.0, 30.0, 40.0)), Box("mug", (5.0, 6.0, 70.0, 50.0)))
    assert view.masks.dtype == torch.bool
    assert view.masks.nonzero().tolist() == [[1, 5, 6]]


def test_result_does_not_share_memory():
    depth = np.full((60, 80), 0.7, np.float32)
    view = observation_from_arrays(**parts(depth=depth))
    depth[:] = 9
    assert float(view.depth.max()) == pytest.approx(0.7)


def holed(value):
    depth = np.full((60, 80), 0.7)
    depth[3, 4:6] = value
    return depth


MESSAGES = {
    "NaN": (
        {"depth": holed(np.nan)},
        "depth: 2 pixels are NaN or infinite; set pixels without a measurement to 0.",
    ),
    "infinite": (
        {"depth": holed(-np.inf)},
        "depth: 2 pixels are NaN or infinite; set pixels without a measurement to 0.",
    ),
    "negative": ({"depth": holed(-0.5)}, "depth: depth goes down to -0.5 m; it is measured along +z, from 0."),
    "millimetres": (
        {"depth": np.full((60, 80), 700.0)},
        "depth: median depth is 700 m, as if millimetres were read as metres; arrays are in metres, and depth_scale in "
        "camera.json is the millimetres per unit (1.0 for a depth map in millimetres).",
    ),
    "integers": (
        {"depth": np.full((60, 80), 700, np.uint16)},
        "depth: is torch.uint16; give metres as floats, for example depth * 0.001 for mm.",
    ),
    "zero": (
        {"depth": np.zeros((60, 80))},
        "depth: every pixel is zero; the depth camera measured nothing, so record it again.",
    ),
    "three channels": (
        {"depth": np.zeros((60, 80, 3))},
        "depth: has shape (60, 80, 3); one channel is expected, (height, width).",
    ),
    "sizes": (
        {"depth": np.full((30, 40), 0.7)},
        "depth: is 40 x 30 but color is 80 x 60; register depth to colour, or describe the depth camera under 'depth' "
        "in camera.json.",
    ),
    "grey": (
        {"color": np.zeros((60, 80), np.uint8)},
        "color: has shape (60, 80); colour is (height, width, 3), red first.",
    ),
    "channels first": (
        {"color": np.zeros((3, 60, 80), np.uint8)},
        "color: has shape (3, 60, 80); colour is (height, width, 3), red first.",
    ),
    "bytes as floats": (
        {"color": np.full((60, 80, 3), 188.0)},
        "color: values reach from 188 to 188; give bytes in sRGB or linear floats in [0, 1].",
    ),
    "16-bit colour": (
        {"color": np.full((60, 80, 3), 188, np.uint16)},
        "color: is torch.uint16; give unsigned bytes in sRGB or linear floats in [0, 1].",
    ),
    "NaN colour": (
        {"color": np.full((60, 80, 3), np.nan)},
        "color: 14400 values are NaN or infinite; replace them.",
    ),
    "text": (
        {"color": np.array([["a"]])},
        "an array of <U1 was given where numbers are expected.",
    ),
    "K not finite": (
        {"intrinsics": K * np.nan},
        "intrinsics: K = [nan, nan, nan, nan, nan, nan, nan, nan, nan] has values that are not finite; calibrate the "
        "camera again.",
    ),
    "K of another image": (
        {"intrinsics": K @ np.diag([1, 1, 1]) + [[0, 0, 60], [0, 0, 0], [0, 0, 0]]},
        "intrinsics: principal point (99.5, 29.5) px lies outside a 80 x 60 image; K belongs to another image size, so "
        "scale it with the image.",
    ),
    "K is 4 x 4": (
        {"intrinsics": np.eye(4)},
        "intrinsics: has 16 numbers; K needs 9, row by row: fx 0 cx 0 fy cy 0 0 1.",
    ),
    "box of three": (
        {"boxes": [(1, 2, 3)]},
        "box 0: has 3 numbers; give left, top, right, bottom in pixels.",
    ),
    "box as in a file": (
        {"boxes": [{"label": "mug", "xyxy": [1, 2, 3, 4]}]},
        "box 0: is {'label': 'mug', 'xyxy': [1, 2, 3, 4]}; give left, top, right, bottom in pixels, or "
        "Box(label, corners) to name it.",
    ),
    "box of text": (
        {"boxes": ["a"]},
        "box 0: is 'a'; give left, top, right, bottom in pixels, or Box(label, corners) to name it.",
    ),
    "one flat box": (
        {"boxes": [1, 2, 3, 4]},
        "box 0: is the number 1; boxes is a list of boxes, even of one.",
    ),
    "one flat array": (
        {"boxes": np.array([1.0, 2, 3, 4])},
        "box 0: is the number 1; boxes is a list of boxes, even of one.",
    ),
    "no list of boxes": ({"boxes": 3}, "boxes: is 3; give a list of boxes."),
    "box of nested numbers": (
        {"boxes": [[[1, 2], [3, 4]]]},
        "box 0: is [[1, 2], [3, 4]]; give left, top, right, bottom in pixels, or Box(label, corners) to name it.",
    ),
    "ragged": ({"color": [[1], [2, 3]]}, "lists of different lengths were given where an array is expected."),
    "box not finite": (
        {"boxes": [(1, 2, np.inf, 4)]},
        "box 0 'object-0': [1, 2, inf, 4] is not finite; give left, top, right, bottom in pixels.",
    ),
    "masks": (
        {"boxes": [(1, 2, 30, 40)], "masks": np.zeros((2, 60, 80), bool)},
        "masks: have shape (2, 60, 80) for 1 boxes in a 80 x 60 image; give (1, 60, 80), one a box.",
    ),
}


@pytest.mark.parametrize("case", MESSAGES)
def test_message(case):
    changes, expected = MESSAGES[case]
    with pytest.raises(InputError) as error:
        observation_from_arrays(**parts(**changes))
    assert str(error.value) == expected
