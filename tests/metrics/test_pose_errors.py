"""Pose errors against closed forms and against bop_toolkit's values."""

import math

import numpy as np
import pytest

from dig_framework.metrics.pose_errors import add, add_s, mspd, mssd, rotation_error, transformed, translation_error
from dig_framework.metrics.recall import (
    area_under_recall,
    average_recall,
    bop_average_recall,
    mspd_recall,
    mssd_recall,
)
from dig_framework.metrics.visible_surface import ray_distances, vsd, vsd_recall

# The values of this file are those of bop_toolkit_lib.pose_error at commit time of the BOP challenge 2024, in
# millimetres:
#     pts = np.random.default_rng(7).uniform(-60, 60, (50, 3))
#     Rg, tg = R([.3, -.5, .2]), np.array([[20.], [-30.], [700.]])      # R: rotation vector to matrix, by Rodrigues
#     Re, te = R([.35, -.45, 2.9]), np.array([[24.], [-27.], [712.]])
#     syms = [{"R": np.eye(3), "t": np.zeros((3, 1))}, {"R": R([0, 0, np.pi]), "t": np.array([[1.], [2.], [0.]])}]
#     K = np.array([[600., 0, 320], [0, 610, 240], [0, 0, 1]])
#     pe.add(Re, te, Rg, tg, pts); pe.adi(Re, te, Rg, tg, pts); pe.mssd(Re, te, Rg, tg, pts, syms)
#     pe.mspd(Re, te, Rg, tg, K, pts, syms); pe.re(Re, Rg); pe.te(te, tg)
ADD, ADI, MSSD, MSSD_ALONE, MSPD = 90.62751065986554, 23.269783720582915, 77.04569650828503, 153.80987225791162, 49.621999726660114  # noqa: E501  # fmt: skip
RE, TE = 152.29765414779462, 13.0


def rotation(vector) -> np.ndarray:
    angle = np.linalg.norm(vector)
    x, y, z = np.asarray(vector) / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross


def pose(vector, shift) -> np.ndarray:
    result = np.eye(4)
    result[:3, :3] = rotation(vector) if np.any(vector) else np.eye(3)
    result[:3, 3] = shift
    return result


POINTS = np.random.default_rng(7).uniform(-0.06, 0.06, (50, 3))
TRUTH, GUESS = pose([0.3, -0.5, 0.2], [0.02, -0.03, 0.7]), pose([0.35, -0.45, 2.9], [0.024, -0.027, 0.712])
SYMMETRIES = np.stack([np.eye(4), pose([0, 0, math.pi], [0.001, 0.002, 0])])
K = np.array([[600.0, 0, 320], [0, 610, 240], [0, 0, 1]])


def test_errors_agree_with_bop_toolkit():
    assert add(GUESS, TRUTH, POINTS) == pytest.approx(ADD / 1000, rel=1e-12)
    assert add_s(GUESS, TRUTH, POINTS) == pytest.approx(ADI / 1000, rel=1e-12)
    assert mssd(GUESS, TRUTH, POINTS, SYMMETRIES) == pytest.approx(MSSD / 1000, rel=1e-12)
    assert mssd(GUESS, TRUTH, POINTS) == pytest.approx(MSSD_ALONE / 1000, rel=1e-12)
    assert mspd(GUESS, TRUTH, POINTS, K, SYMMETRIES) == pytest.approx(MSPD, rel=1e-12)
    assert rotation_error(GUESS, TRUTH) == pytest.approx(math.radians(RE), rel=1e-12)
    assert translation_error(GUESS, TRUTH) == pytest.approx(TE / 1000, rel=1e-12)


def test_a_shift_and_a_turn_have_closed_forms():
    moved = pose([0, 0, 0], [0.003, 0.004, 0.0]) @ TRUTH
    assert add(moved, TRUTH, POINTS) == pytest.approx(0.005)
    assert mssd(moved, TRUTH, POINTS) == pytest.approx(0.005)
    assert add_s(moved, TRUTH, POINTS) <= 0.005
    small = 1e-9
    assert rotation_error(TRUTH @ pose([small, 0, 0], [0, 0, 0]), TRUTH) == pytest.approx(small, rel=1e-6)
    half = pose([0, 0, math.pi], [0, 0, 0])
    assert rotation_error(TRUTH @ half, TRUTH) == pytest.approx(math.pi)
    assert rotation_error(TRUTH @ half, TRUTH, np.stack([np.eye(4), half])) == pytest.approx(0, abs=1e-9)
    assert translation_error(TRUTH @ SYMMETRIES[1], TRUTH, SYMMETRIES) == pytest.approx(0, abs=1e-12)


def test_one_transform_and_many():
    both = transformed(np.stack([TRUTH, GUESS]), POINTS)
    np.testing.assert_allclose(both[1], transformed(GUESS, POINTS))
    np.testing.assert_allclose(both[0], POINTS @ TRUTH[:3, :3].T + TRUTH[:3, 3])


# VSD of two discs with curved depth over a wall, with an occluder and a strip without measurement; in millimetres,
# delta 15, diameter 100:
#     rows, cols = np.indices((48, 64)); K = np.array([[60., 0, 32], [0, 61, 24], [0, 0, 1]])
#     def ball(cx, cy, r, z): q = 1 - ((cols - cx)**2 + (rows - cy)**2) / r**2
#                             return np.where(q > 0, z - 40 * np.sqrt(np.maximum(q, 0)), 0.)
#     g, e = ball(30, 24, 12, 700.), ball(33, 23, 13, 706.)
#     test = np.where(g > 0, g, 760.); test[20:30, 24:28] = 600.; test[10:14] = 0.
#     pe.vsd(Re, te, Rg, tg, test, K, 15., taus, normalized, 100., renderer_of(e, g), 1)
VSD_SHARES = (0.7162162162162162, 0.4613899613899614, 0.36293436293436293, 0.3223938223938224, *[0.3127413127413127] * 6)  # noqa: E501  # fmt: skip
VSD_LENGTHS = (0.8841698841698842, 0.7162162162162162, 0.4613899613899614, 0.3223938223938224)
ROWS, COLUMNS = np.indices((48, 64))
SMALL_K = np.array([[60.0, 0, 32], [0, 61, 24], [0, 0, 1]])


def bowl(column, row, radius, depth) -> np.ndarray:
    q = 1 - ((COLUMNS - column) ** 2 + (ROWS - row) ** 2) / radius**2
    return np.where(q > 0, depth - 0.04 * np.sqrt(np.maximum(q, 0)), 0.0)


def depths() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    truth, guess = bowl(30, 24, 12, 0.7), bowl(33, 23, 13, 0.706)
    scene = np.where(truth > 0, truth, 0.76)
    scene[20:30, 24:28], scene[10:14] = 0.6, 0.0
    return guess, truth, scene


def test_visible_surface_discrepancy_agrees_with_bop_toolkit():
    shares = [k / 20 for k in range(1, 11)]
    assert vsd(*depths(), SMALL_K, shares, diameter=0.1) == pytest.approx(VSD_SHARES, abs=1e-12)
    assert vsd(*depths(), SMALL_K, [0.002, 0.005, 0.01, 0.02]) == pytest.approx(VSD_LENGTHS, abs=1e-12)


def test_discrepancy_of_nothing_and_of_the_truth():
    guess, truth, scene = depths()
    nothing = np.zeros_like(truth)
    assert vsd(truth, truth, scene, SMALL_K, [0.01]) == [0.0]
    assert vsd(nothing, truth, scene, SMALL_K, [0.01]) == [1.0]
    assert vsd(nothing, nothing, scene, SMALL_K, [0.01, 0.02]) == [1.0, 1.0]
    assert vsd_recall(truth, truth, scene, SMALL_K, 0.1) == 1.0
    expected = np.mean([[error < theta for theta in np.arange(1, 11) / 20] for error in VSD_SHARES])
    assert vsd_recall(guess, truth, scene, SMALL_K, 0.1) == pytest.approx(expected)


def test_distances_are_measured_along_rays():
    depth = np.full((3, 3), 2.0)
    distances = ray_distances(depth, np.array([[1.0, 0, 1], [0, 1.0, 1], [0, 0, 1]]))
    assert distances[1, 1] == pytest.approx(2)
    assert distances[0, 0] == pytest.approx(2 * math.sqrt(3))


def test_recalls():
    assert area_under_recall([0.0, 0.05, 0.2], largest=0.1) == pytest.approx((1 + 0.5 + 0) / 3)
    steps = np.linspace(0, 0.1, 100_001)
    errors = [0.013, 0.04, 0.077]
    assert area_under_recall(errors) == pytest.approx(np.mean([np.mean(e <= steps) for e in errors]), abs=1e-4)
    assert average_recall([0.1, 0.3], (0.2, 0.4)) == pytest.approx(0.75)
    # 12 mm of a diameter of 100 mm are below .15, ..., .50: eight of ten.
    assert mssd_recall([0.012], [0.1]) == pytest.approx(0.8)
    # 24 px of a width of 1280 are 12 px of 640: below 15, ..., 50.
    assert mspd_recall([24.0], [1280]) == pytest.approx(0.8)
    assert bop_average_recall(0.3, 0.6, 0.9) == pytest.approx(0.6)
    assert average_recall([], (0.1,)) == area_under_recall([]) == 0.0
