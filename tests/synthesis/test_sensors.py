import math

import numpy as np
import pytest

from dig_framework.synthesis.color_sensor import ColorSensor, photographed
from dig_framework.synthesis.depth_sensor import (
    BASELINE,
    DepthSensor,
    axial_sigma,
    measured_depth,
    near_jumps,
    second_view_hidden,
    stepped,
)
from dig_framework.synthesis.mask_errors import ragged_mask, shaken_box
from dig_framework.synthesis.photograph import without_fireflies
from dig_framework.synthesis.sensor import SENSORS

SHAPE = (240, 320)
FOCAL = 615.0


def chance(seed=0):
    return np.random.default_rng(seed)


def measure(depth, sensor, angle=None, brightness=None, transparent=None, seed=0):
    angle = np.zeros(depth.shape) if angle is None else angle
    brightness = np.full(depth.shape, 0.4) if brightness is None else brightness
    transparent = np.zeros(depth.shape, bool) if transparent is None else transparent
    return measured_depth(depth, angle, brightness, transparent, FOCAL, sensor, chance(seed))


def step_scene(near=0.5, far=0.8):
    depth = np.full(SHAPE, far)
    depth[:, 100:200] = near
    return depth


def test_an_ideal_sensor_changes_nothing():
    depth = step_scene()
    assert np.array_equal(measure(depth, SENSORS["none"].depth), depth)
    radiance = chance().random((20, 30, 3))
    assert np.array_equal(photographed(radiance, SENSORS["none"].color, chance())[0], radiance)


@pytest.mark.parametrize("distance", [0.4, 0.7, 1.2])
@pytest.mark.parametrize("angle", [0.0, 1.1])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_noise_has_the_deviation_of_the_model(distance, angle, scale):
    depth, tilt = np.full(SHAPE, distance), np.full(SHAPE, angle)
    error = measure(depth, DepthSensor(noise_scale=scale), angle=tilt) - depth
    expected = scale * float(axial_sigma(np.array([[distance]]), np.array([[angle]]))[0, 0])
    assert error.std() == pytest.approx(expected, rel=0.03)
    assert abs(error.mean()) < expected / 10


def test_noise_is_the_published_formula():
    """1.2 mm + 1.9 mm (0.8 - 0.4)^2 = 1.504 mm, at right angles."""
    assert float(axial_sigma(np.array([[0.8]]), np.zeros((1, 1)))[0, 0]) == pytest.approx(0.001504)


def test_harsh_has_twice_the_noise():
    depth = np.full(SHAPE, 0.6)
    usual, harsh = (DepthSensor(noise_scale=SENSORS[name].depth.noise_scale) for name in ("d435", "harsh"))
    assert measure(depth, harsh).std() == pytest.approx(2 * measure(depth, usual).std(), rel=1e-3)


def test_steps_are_those_of_disparity():
    depth = np.linspace(0.5, 0.7, 1000)[None]
    found = stepped(depth, FOCAL, 1 / 32)
    disparity = FOCAL * BASELINE / found * 32
    assert np.allclose(disparity, np.round(disparity), atol=1e-6)
    assert np.abs(found - depth).max() <= 0.5 / 32 * 0.7**2 / (FOCAL * BASELINE) * 1.01


def test_edges_drop_out_at_their_rate_and_nothing_else_does():
    depth = step_scene()
    for share in (0.15, 0.3):
        lost = measure(depth, DepthSensor(edge_dropout=share)) == 0
        edges = near_jumps(depth)
        assert lost[edges].mean() == pytest.approx(share, abs=0.04)
        assert not lost[~edges].any()
    assert near_jumps(depth).sum() == 2 * 4 * SHAPE[0]


def test_flying_pixels_are_between_both_sides():
    depth = step_scene()
    found = measure(depth, DepthSensor(flying=0.2))
    flown = np.abs(found - depth) > 1e-6
    assert flown[near_jumps(depth)].mean() == pytest.approx(0.2, abs=0.04)
    assert found[flown].min() >= 0.5 - 1e-9
    assert found[flown].max() <= 0.8 + 1e-9


def test_the_second_imager_loses_a_strip_of_the_right_width_left_of_what_is_near():
    """Between disparities f b / 0.5 and f b / 0.8 there are 23 px that only the first imager sees."""
    hidden = second_view_hidden(step_scene(), FOCAL)
    strip = FOCAL * BASELINE * (1 / 0.5 - 1 / 0.8)
    assert hidden[120].sum() == pytest.approx(strip, abs=1.5)
    assert hidden[120, 100 - int(strip) + 1 : 100].all()


@pytest.mark.parametrize(
    ("setting", "where"), [("dark_loss", "dark"), ("glare_loss", "bright"), ("transparent_loss", "clear")]
)
def test_holes_are_where_materials_are_hard_to_see(setting, where):
    depth, half = np.full(SHAPE, 0.6), np.zeros(SHAPE, bool)
    half[:, :160] = True
    brightness = np.where(half, {"dark": 0.0, "bright": 1.5, "clear": 0.4}[where], 0.4)
    found = [
        measure(
            depth, DepthSensor(**{setting: 0.6}), brightness=brightness, transparent=half & (where == "clear"), seed=s
        )
        == 0
        for s in range(5)
    ]
    lost = np.mean([image[half].mean() for image in found])
    assert 0.5 < lost < 0.7
    assert not any(image[~half].any() for image in found)


def test_salt_is_rare_and_anywhere():
    depth = np.full(SHAPE, 0.6)
    wrong = measure(depth, DepthSensor(salt=0.02)) != 0.6
    assert wrong.mean() == pytest.approx(0.02, abs=0.003)
    assert SENSORS["harsh"].depth.salt == 0.02


def test_what_is_not_there_is_not_measured():
    depth = step_scene()
    depth[:50] = 0
    assert (measure(depth, SENSORS["d435"].depth)[:48] == 0).all()
    assert np.isfinite(measure(depth, SENSORS["harsh"].depth)).all()


def test_colour_noise_grows_with_light_as_the_model_says():
    sensor = ColorSensor(shot=1e-3, read=2e-3)
    for level in (0.1, 0.4):
        radiance = np.full((*SHAPE, 3), level)
        image, gain = photographed(radiance, sensor, chance())
        expected = math.sqrt(1e-3 * gain * level + 2e-3**2)
        assert image.std() == pytest.approx(expected, rel=0.03)


def test_outlines_are_off_by_their_error():
    """Beside a straight edge the outline's deviation is the mask error, bar what smooth noise does to a level."""
    mask = np.zeros((400, 400), bool)
    mask[:, 200:] = True
    first = [ragged_mask(mask, 3.0, chance(seed))[::20].argmax(1) for seed in range(40)]
    assert np.std(np.concatenate(first)) == pytest.approx(3.0, abs=0.6)
    assert abs(np.mean(np.concatenate(first)) - 200) < 1
    assert np.array_equal(ragged_mask(mask, 0.0, chance()), mask)
    tiny = np.zeros((50, 50), bool)
    tiny[25, 25] = True
    assert all(ragged_mask(tiny, 3.0, chance(seed)).any() for seed in range(10))


def test_boxes_stay_boxes_in_the_image():
    rng = chance()
    boxes = [shaken_box((600.0, 10.0, 640.0, 90.0), 0.1, 640, 480, rng) for _ in range(300)]
    for left, top, right, bottom in boxes:
        assert 0 <= left < right <= 640
        assert 0 <= top < bottom <= 480
    shift = np.array(boxes)[:, 0] - 600
    assert np.abs(shift).max() <= 4
    assert shift.std() == pytest.approx(4 / math.sqrt(3), rel=0.15)


def test_lone_bright_pixels_go_and_highlights_stay():
    image = np.full((40, 50, 3), 0.3)
    image[20:24, 30:34] = 2.0
    clean = image.copy()
    image[5, 5] = 3.0
    assert np.allclose(without_fireflies(image)[5, 5], 0.3)
    assert np.allclose(without_fireflies(image)[21:23, 31:33], 2.0)
    assert np.allclose(without_fireflies(image)[:10], clean[:10])
