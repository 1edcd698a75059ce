"""Masks, colours, depth, light and reflectance."""

import math

import numpy as np
import pytest
import torch

from dig_framework.light import AmbientLight, DirectionalLight, Light
from dig_framework.metrics.image_quality import boundary_fscore, depth_error, in_box, mask_iou, psnr, ssim
from dig_framework.metrics.light_and_color import albedo_error, angle_between, strongest_direction


def square(left: int, size: int = 20) -> np.ndarray:
    mask = np.zeros((40, 60), bool)
    mask[10 : 10 + size, left : left + size] = True
    return mask


def noisy(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    image = np.clip(random.random((32, 40, 3)).cumsum(1) / 40, 0, 1)
    return image, np.clip(image + 0.05 * random.normal(size=image.shape), 0, 1)


def test_masks():
    assert mask_iou(square(5), square(10)) == pytest.approx(15 / 25)
    assert mask_iou(square(5), square(5)) == 1.0
    assert mask_iou(np.zeros((2, 2), bool), np.zeros((2, 2), bool)) == 1.0


def test_outlines():
    assert boundary_fscore(square(5), square(7)) == 1.0
    assert boundary_fscore(square(5), square(30)) == 0.0
    # Shifted by ten, the upper and lower sides share half their length, and two pixels more at the ends are near.
    assert 0.2 < boundary_fscore(square(5), square(15)) < 0.5
    nothing = np.zeros((40, 60), bool)
    assert (boundary_fscore(nothing, nothing), boundary_fscore(nothing, square(5))) == (1.0, 0.0)


def test_signal_to_noise():
    image = np.full((8, 8, 3), 0.5)
    assert psnr(image, image + 0.1) == pytest.approx(20)
    assert psnr(image, image) == 100.0
    region = np.zeros((8, 8), bool)
    region[0, 0] = True
    other = image.copy()
    other[1:] += 0.3
    assert psnr(image, other, region) == 100.0


def test_colours_agree_with_scikit_image():
    from skimage.metrics import peak_signal_noise_ratio, structural_similarity

    first, second = noisy()
    assert psnr(first, second) == pytest.approx(peak_signal_noise_ratio(first, second, data_range=1.0))
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 1.0}
    expected = np.mean([structural_similarity(first[..., c], second[..., c], **options) for c in range(3)])
    assert ssim(first, second) == pytest.approx(expected)
    assert ssim(first, first) == pytest.approx(1)
    assert ssim(first[:5], first[:5]) == pytest.approx(1)
    assert ssim(first[:5], second[:5]) < 0.99


def test_boxes_are_cut_at_the_image():
    assert in_box(np.zeros((40, 60)), (-3.0, 10.2, 20.5, 99.0)).shape == (30, 21)


def test_depth():
    truth, guess = np.full((4, 4), 0.6), np.full((4, 4), 0.603)
    guess[0], truth[1] = 0.0, 0.0
    assert depth_error(guess, truth, np.ones((4, 4), bool)) == pytest.approx(0.003)
    assert depth_error(guess, truth, np.zeros((4, 4), bool)) is None


def test_light():
    white = torch.ones(3)
    lights = (Light(torch.tensor([0.0, 0.0, 2.0]), 3 * white), DirectionalLight(torch.tensor([0.5, 0.0, 0.0]), white))
    towards = strongest_direction(lights, np.zeros(3))
    np.testing.assert_allclose(towards, np.array([1, 0, 3]) / math.sqrt(10), atol=1e-6)
    assert strongest_direction((AmbientLight.uniform(white),), np.zeros(3)) is None
    assert angle_between(np.array([1.0, 0, 0]), np.array([2.0, 2, 0])) == pytest.approx(math.pi / 4)
    assert angle_between(np.array([1.0, 0, 0]), np.array([1, 1e-9, 0])) == pytest.approx(1e-9)


def test_light_from_around_has_the_direction_and_strength_of_its_irradiance():
    # Radiance 1 + w . d, projected onto harmonics by sums over a sphere; a matte surface sees pi + (2 pi / 3) w . n.
    w = np.array([0.2, -0.5, 0.6])
    total = strongest_direction(
        (_harmonics(w), DirectionalLight(torch.tensor([1.0, 0, 0]), torch.ones(3))), np.zeros(3)
    )
    # Vector irradiance is (4 pi / 3) w, that of a directed light of intensity one is pi.
    expected = 4 / 3 * w + [1, 0, 0]
    np.testing.assert_allclose(total, expected / np.linalg.norm(expected), atol=1e-4)


def _harmonics(w: np.ndarray) -> AmbientLight:
    linear = math.sqrt(4 * math.pi / 3)
    values = torch.zeros(9, 3)
    values[0] = math.sqrt(4 * math.pi)
    values[1:4] = torch.tensor(linear * w[[1, 2, 0]], dtype=torch.float32)[:, None]
    return AmbientLight(values)


def test_reflectance_is_judged_up_to_one_factor():
    truth = np.random.default_rng(3).random((6, 6, 3))
    region = np.ones((6, 6), bool)
    assert albedo_error(0.3 * truth, truth, region) == pytest.approx(0, abs=1e-12)
    flat, hue = np.full((6, 6, 3), 0.5), np.full((6, 6, 3), 0.5) * [1.0, 1.0, 0.0]
    # The best factor for (.5, .5, 0) against (.5, .5, .5) is one, which leaves .5 in one channel of three.
    assert albedo_error(hue, flat, region) == pytest.approx(0.5 / math.sqrt(3))
    assert albedo_error(truth, truth, ~region) is None
    assert albedo_error(np.zeros_like(truth), truth, region) == pytest.approx(math.sqrt((truth**2).mean()))
