"""Scene folders: round trip, and one clear sentence for everything that can be wrong with one."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from dig_framework.errors import InputError
from dig_framework.observation import Box
from dig_framework.observation_files import load_observation, save_observation
from dig_framework.testing.table_views import ball_and_block, table_view

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
VIEW = table_view(ball_and_block(), 80, 60)
K = VIEW.camera.intrinsics.flatten().tolist()


@pytest.fixture
def scene(tmp_path):
    save_observation(VIEW, tmp_path)
    return tmp_path


def camera(**changes):
    values = {"cam_K": K, "depth_scale": 0.1, "width": 80, "height": 60, **changes}
    return json_file("camera.json", {key: value for key, value in values.items() if value is not None})


def boxes(*corners):
    return json_file("boxes.json", [{"label": "mug", "xyxy": list(item)} for item in corners])


def json_file(name, value):
    return lambda folder: (folder / name).write_text(json.dumps(value))


def image_file(name, array):
    return lambda folder: Image.fromarray(array).save(folder / name)


def truncated(name):
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-200])


def depth_camera(**changes):
    values = {"cam_K": K, "width": 80, "height": 60, "color_from_depth": torch.eye(4).tolist(), **changes}
    return camera(depth=values)


SIZED = np.zeros((60, 80), np.uint16)
WORDS = "arrays are in metres, and depth_scale in camera.json is the millimetres per unit (1.0 for a depth map in "

MESSAGES = {
    "millimetres as metres": (
        camera(depth_scale=100.0),
        f"depth.png: median depth is 672.8 m, as if millimetres were read as metres; {WORDS}millimetres).",
    ),
    "metres per unit": (
        camera(depth_scale=0.0001),
        f"depth.png: median depth is 0.0006728 m, nearer than depth cameras measure; {WORDS}millimetres).",
    ),
    "no depth": (
        image_file("depth.png", SIZED),
        "depth.png: every pixel is zero; the depth camera measured nothing, so record it again.",
    ),
    "8-bit depth": (
        image_file("depth.png", SIZED.astype(np.uint8)),
        "depth.png: is 8-bit grey, not a depth map; depth must be one channel of 16-bit integers (unsigned PNG).",
    ),
    "3-channel depth": (
        image_file("depth.png", np.zeros((60, 80, 3), np.uint8)),
        "depth.png: is 8-bit RGB, not a depth map; depth must be one channel of 16-bit integers (unsigned PNG).",
    ),
    "other depth size": (
        image_file("depth.png", np.full((30, 40), 7000, np.uint16)),
        "depth.png: is 40 x 30 but FOLDER/rgb.png is 80 x 60; register depth to colour, or describe the depth camera "
        "under 'depth' in camera.json.",
    ),
    "missing depth": (
        lambda folder: (folder / "depth.png").unlink(),
        "depth.png: no such file; its folder holds boxes.json, camera.json, masks, rgb.png.",
    ),
    "truncated depth": (
        truncated("depth.png"),
        "depth.png: is truncated or no image (image file is truncated); write it again as PNG or JPEG.",
    ),
    "empty colour": (
        lambda folder: (folder / "rgb.png").write_bytes(b""),
        "rgb.png: is empty; write it again as PNG or JPEG.",
    ),
    "text as colour": (
        lambda folder: (folder / "rgb.png").write_text("a photograph"),
        "rgb.png: is no image of a kind that is known; write it again as PNG or JPEG.",
    ),
    "16-bit colour": (
        image_file("rgb.png", SIZED),
        "rgb.png: is an image of mode I;16; colour must be 8-bit sRGB, so convert it.",
    ),
    "bad JSON": (
        lambda folder: (folder / "camera.json").write_text('{\n"cam_K": [1, 2,,]\n}'),
        "camera.json: no valid JSON at line 2, column 16 (Expecting value); correct it there.",
    ),
    "binary JSON": (
        lambda folder: (folder / "camera.json").write_bytes(b"\xff\xfe\x00"),
        "camera.json: is no text file; JSON in UTF-8 is expected.",
    ),
    "misspelt key": (
        camera(depthscale=1.0),
        "camera.json: 'depthscale' is unknown, it takes cam_K, depth_scale, width, height, depth; did you mean "
        "'depth_scale'?",
    ),
    "no depth scale": (
        camera(depth_scale=None),
        "camera.json: has no 'depth_scale'; it holds cam_K, width, height, so add it.",
    ),
    "negative depth scale": (
        camera(depth_scale=-1.0),
        "camera.json: depth_scale is -1; give the millimetres per unit, a positive number.",
    ),
    "other camera size": (
        camera(width=160, height=120),
        "camera.json: says 160 x 120 pixels, but the colour image has 80 x 60; K must be that of the image as it is.",
    ),
    "eight numbers in K": (
        camera(cam_K=K[:8]),
        "camera.json: has 8 numbers; K needs 9, row by row: fx 0 cx 0 fy cy 0 0 1.",
    ),
    "K column by column": (
        camera(cam_K=torch.tensor(K).reshape(3, 3).mT.flatten().tolist()),
        "camera.json: K = [96, 0, 0, 0, 96, 0, 39.5, 29.5, 1] is no pinhole matrix; give it row by row.",
    ),
    "K of words": (
        camera(cam_K=["a"] * 9),
        "camera.json: cam_K is ['a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a']; give a list of numbers.",
    ),
    "K of a larger image": (
        camera(cam_K=[2 * value for value in K[:8]] + [1]),
        "camera.json: principal point (79, 59) px is far from the middle of a 80 x 60 image, as if K belonged to one "
        "of about 158 x 118; scale K with the image.",
    ),
    "K of a much larger image": (
        camera(cam_K=[4 * value for value in K[:8]] + [1]),
        "camera.json: principal point (158, 118) px lies outside a 80 x 60 image; K belongs to another image size, so "
        "scale it with the image.",
    ),
    "focal length in mm": (
        camera(cam_K=[4.2, 0, 40, 0, 4.2, 30, 0, 0, 1]),
        "camera.json: focal lengths (4.2, 4.2) px cannot belong to a 80 x 60 image; give fx and fy in pixels.",
    ),
    "box outside": (
        boxes((10, 10, 30, 30), (70, 10, 110, 30)),
        "boxes.json: box 1 'mug': [70, 10, 110, 30] reaches outside the 80 x 60 image; give it in this image's pixels.",
    ),
    "box far outside": (
        boxes((200, 10, 210, 30)),
        "boxes.json: box 0 'mug': [200, 10, 210, 30] reaches outside the 80 x 60 image; give it in this image's "
        "pixels.",
    ),
    "box reversed": (
        boxes((30, 10, 10, 30)),
        "boxes.json: box 0 'mug': [30, 10, 10, 30] is empty or reversed; give left, top, right, bottom in pixels with "
        "left < right and top < bottom (not width and height).",
    ),
    "box empty": (
        boxes((30, 10, 30, 30)),
        "boxes.json: box 0 'mug': [30, 10, 30, 30] is empty or reversed; give left, top, right, bottom in pixels with "
        "left < right and top < bottom (not width and height).",
    ),
    "box of three": (boxes((30, 10, 30)), "boxes.json: box 0: xyxy has 3 numbers; give 4."),
    "one box null": (
        json_file("boxes.json", [{"label": "a", "xyxy": None}, {"label": "b", "xyxy": [1, 1, 9, 9]}]),
        "boxes.json: box 0: xyxy is null; give left, top, right, bottom in pixels, as for the other boxes.",
    ),
    "boxes no list": (
        json_file("boxes.json", {"mug": [1, 2, 3, 4]}),
        'boxes.json: is no list; write [{"label": "mug", "xyxy": [left, top, right, bottom]}].',
    ),
    "box label": (
        json_file("boxes.json", [{"label": 3, "xyxy": [1, 2, 3, 4]}]),
        "boxes.json: box 0: label is 3; give a text.",
    ),
    "mask size": (
        image_file("masks/000001.png", np.zeros((30, 40), np.uint8)),
        "masks/000001.png: is 40 x 30, but the colour image is 80 x 60; masks must have its size.",
    ),
    "mask missing": (
        lambda folder: (folder / "masks" / "000001.png").unlink(),
        "masks: 000001.png is missing; there must be one mask a box, 2 in all, or no masks folder.",
    ),
    "mask too many": (
        image_file("masks/000002.png", np.zeros((60, 80), np.uint8)),
        "masks: 000002.png has no box; there must be one mask a box, 2 in all, or no masks folder.",
    ),
    "depth camera size": (
        depth_camera(width=90),
        "depth.png: is 80 x 60, but camera.json says that the depth camera has 90 x 60 pixels; correct one of them.",
    ),
    "depth camera shears": (
        depth_camera(color_from_depth=[[1, 0.5, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]),
        "camera.json: 'depth': color_from_depth is not rigid, its rotation is off by 0.5; give rotation and "
        "translation [m] above 0 0 0 1.",
    ),
    "depth camera mirrors": (
        depth_camera(color_from_depth=[[-1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]),
        "camera.json: 'depth': color_from_depth mirrors; give rotation and translation [m] above 0 0 0 1.",
    ),
    "depth camera in millimetres": (
        depth_camera(color_from_depth=[[1, 0, 0, 9000], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]),
        "depth.png: nothing of it is in the colour camera's view; check color_from_depth (in metres).",
    ),
}


@pytest.mark.parametrize("case", MESSAGES)
def test_message(scene, case):
    change, expected = MESSAGES[case]
    change(scene)
    with pytest.raises(InputError) as error:
        load_observation(scene)
    assert str(error.value).replace(f"{scene}/", "", 1).replace(str(scene), "FOLDER") == expected


def test_missing_folder(tmp_path):
    with pytest.raises(
        InputError, match=r"is no folder; give one with rgb\.png, depth\.png, camera\.json and boxes\.json"
    ):
        load_observation(tmp_path / "absent")


def test_number_of_a_single_image(scene):
    with pytest.raises(InputError, match=r"has no scene_camera\.json, so there is no image 3; leave the number out\."):
        load_observation(scene, image=3)


def test_round_trip(scene):
    after = load_observation(scene)
    assert float((after.depth - VIEW.depth).abs().max()) <= 0.00005 + 1e-6
    assert float((after.color - VIEW.color).abs().max()) < 0.5 / 255 * 2.3
    assert torch.equal(after.masks, VIEW.masks)
    assert after.boxes == VIEW.boxes
    assert torch.equal(after.camera.intrinsics, VIEW.camera.intrinsics)
    assert after.color.dtype == after.depth.dtype == torch.float32


def test_second_round_trip_is_exact(scene, tmp_path):
    first = load_observation(scene)
    save_observation(first, tmp_path / "again")
    second = load_observation(tmp_path / "again")
    assert all(torch.equal(value, second.tensors()[name]) for name, value in first.tensors().items())


def test_the_largest_value_is_no_measurement(scene):
    values = np.full((60, 80), 7000, np.uint16)
    values[:30], values[30] = 65535, 65534
    image_file("depth.png", values)(scene)
    depth = load_observation(scene).depth
    assert torch.equal(depth[:30], torch.zeros(30, 80))
    assert torch.allclose(depth[30], torch.tensor(6.5534))
    assert torch.allclose(depth[31:], torch.tensor(0.7))


def test_the_largest_depth_is_written_as_a_measurement(tmp_path):
    depth = VIEW.depth.clone()
    depth[0, 0] = 6.5535
    save_observation(VIEW.replace(depth=depth), tmp_path)
    assert float(load_observation(tmp_path).depth[0, 0]) == pytest.approx(6.5535, abs=1e-4)
    with pytest.raises(InputError, match="does not fit into 16 bits"):
        save_observation(VIEW.replace(depth=depth), tmp_path, depth_scale=0.1)


def test_decodes_srgb(scene):
    Image.new("RGB", (80, 60), (188, 0, 255)).save(scene / "rgb.png")
    expected = torch.tensor([((188 / 255 + 0.055) / 1.055) ** 2.4, 0.0, 1.0])
    assert torch.allclose(load_observation(scene).color[5, 7], expected, atol=1e-6)


def test_jpeg_grey_and_transparent_images(scene):
    expected = load_observation(scene).color
    with Image.open(scene / "rgb.png") as image:
        image.convert("RGBA").save(scene / "rgb.png")
        assert torch.equal(load_observation(scene).color, expected)
        image.convert("L").save(scene / "rgb.png")
        assert torch.equal(load_observation(scene).color[..., 0], load_observation(scene).color[..., 2])
        (scene / "rgb.png").unlink()
        image.save(scene / "rgb.jpg", quality=95)
    assert float((load_observation(scene).color - expected).abs().mean()) < 0.02


def test_boxes_are_optional_and_replaceable(scene):
    box = Box("cup", (1.0, 2.0, 30.0, 40.0))
    replaced = load_observation(scene, boxes=[box])
    assert (replaced.boxes, replaced.masks) == ((box,), None)
    json_file("boxes.json", [{"label": "a", "xyxy": None}])(scene)
    for mask in (scene / "masks").iterdir():
        mask.unlink()
    (scene / "masks").rmdir()
    assert load_observation(scene).boxes == ()
    (scene / "boxes.json").unlink()
    assert load_observation(scene).boxes == ()


def test_box_slightly_outside_is_clipped(scene):
    boxes((-0.4, 1.5, 81.2, 60.0), (1, 1, 9, 9))(scene)
    assert load_observation(scene).boxes[0].xyxy == (0.0, 1.5, 80.0, 60.0)


def test_depth_too_far_for_the_file(tmp_path):
    with pytest.raises(InputError, match=r"depth up to 1\.27 m does not fit into 16 bits at 0\.001 mm a unit"):
        save_observation(VIEW, tmp_path, depth_scale=0.001)


def test_corrupt_pixels_are_noticed(scene):
    data = bytearray((scene / "depth.png").read_bytes())
    start = data.index(b"IDAT") + 4
    length = struct.unpack(">I", data[start - 8 : start - 4])[0]
    data[start + length // 2] ^= 0xFF
    (scene / "depth.png").write_bytes(bytes(data))
    with pytest.raises(InputError, match=r"depth\.png: is truncated or no image"):
        load_observation(scene)


@pytest.mark.skipif(not SHARED.exists(), reason="the shared scenes are not here")
def test_real_unregistered_camera():
    """The orange bottle is 0.4 m away and before everything else: its colour and its depth must lie on each other."""
    view = load_observation(SHARED / "m3t_unaligned")
    assert view.depth.shape == view.color.shape[:2] == (540, 960)
    color, depth = view.color[110:410, 400:540], view.depth[110:410, 400:540]
    orange = (color[..., 0] > 0.35) & (color[..., 1] < 0.45 * color[..., 0]) & (color[..., 2] < 0.15 * color[..., 0])
    measured = depth[orange & (depth > 0)]
    assert len(measured) > 0.6 * int(orange.sum())
    assert float(((measured > 0.3) & (measured < 0.5)).float().mean()) > 0.95


@pytest.mark.parametrize(("far", "scale"), [(6.5, 0.1), (6.6, 0.2), (17.5, 0.5), (65.0, 1.0), (500.0, 10.0)])
def test_far_depth_is_written_coarsely(far, scale, tmp_path):
    depth = VIEW.depth.clone()
    depth[0, 0] = far
    save_observation(VIEW.replace(depth=depth), tmp_path)
    assert json.loads((tmp_path / "camera.json").read_text())["depth_scale"] == scale
    assert torch.allclose(load_observation(tmp_path).depth, depth, rtol=0, atol=0.51e-3 * scale)
