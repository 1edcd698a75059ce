"""Penetration, gaps and closedness of solids for which they are known."""

import numpy as np
import pytest
import torch

from dig_framework.metrics.closedness import is_watertight
from dig_framework.metrics.closest_point import distances_to
from dig_framework.metrics.contact import object_penetration, support_gap, table_penetration
from dig_framework.metrics.self_intersection import self_intersections
from dig_framework.metrics.surface import Surface, surface_of
from dig_framework.plane import Plane
from dig_framework.testing.solids import box_mesh, sphere_mesh

DOWN = Plane(torch.tensor([0.0, 0.0, 1.0]), torch.tensor(0.0))


def at(surface: Surface, *shift: float) -> Surface:
    return Surface(surface.vertices + np.array(shift or (0.0, 0.0, 0.0)), surface.faces)


def cube(side: float, *shift: float) -> Surface:
    return at(surface_of(box_mesh(side, side, side, 2, dtype=torch.float64)), *shift)


def ball(radius: float, *shift: float) -> Surface:
    return at(surface_of(sphere_mesh(radius, 4, torch.float64)), *shift)


def test_distances_to_a_box_are_exact():
    points = np.random.default_rng(0).uniform(-1, 1, (500, 3))
    outside = np.linalg.norm(np.maximum(np.abs(points) - 0.5, 0), axis=1)
    within = 0.5 - np.abs(points).max(1)
    expected = np.where(within > 0, within, outside)
    np.testing.assert_allclose(distances_to(cube(1.0), points), expected, atol=1e-12)
    assert len(distances_to(cube(1.0), np.zeros((0, 3)))) == 0


def test_a_ball_sunk_into_a_block():
    found = object_penetration(ball(0.05, 0, 0, 0.045), [cube(1.0, 0, 0, -0.5)])
    assert found.largest == pytest.approx(0.005, abs=1e-4)
    # A cap of height h has depth uniform in [0, h] by area, and h / 2R of the sphere.
    assert found.share == pytest.approx(0.05, abs=0.01)
    assert found.mean == pytest.approx(0.0025, rel=0.15)


def test_what_only_touches_does_not_penetrate():
    assert object_penetration(ball(0.05, 0, 0, 0.0501), [cube(1.0, 0, 0, -0.5)]) == (0.0, 0.0, 0.0)
    assert object_penetration(ball(0.05), []) == (0.0, 0.0, 0.0)


def test_below_the_table():
    found = table_penetration(ball(0.05, 0, 0, 0.045), DOWN)
    assert found.largest == pytest.approx(0.005, abs=1e-4)
    assert table_penetration(ball(0.05, 0, 0, 0.06), DOWN) == (0.0, 0.0, 0.0)


def test_gap_to_the_table_and_to_what_is_below():
    tilted = Plane(torch.tensor([0.0, -0.6, 0.8]), torch.tensor(0.1))
    center = 0.17 * np.array([0, -0.6, 0.8]) - 0.1 * np.array([0, -0.6, 0.8])
    assert support_gap(ball(0.05, *center), tilted) == pytest.approx(0.12, abs=2e-4)
    stack = [cube(0.1, 0, 0, 0.05)]
    assert support_gap(cube(0.1, 0.03, 0.02, 0.165), DOWN, stack) == pytest.approx(0.015, abs=1e-9)
    assert support_gap(ball(0.05, 0, 0, 0.152), DOWN, stack) == pytest.approx(0.002, abs=1e-4)
    assert support_gap(cube(0.1, 0.2, 0, 0.08), DOWN, stack) == pytest.approx(0.03)
    assert support_gap(cube(0.1, 0, 0, 0.149), DOWN, stack) == 0.0


def test_a_small_thing_below_a_large_one_is_met():
    post = cube(0.01, 0, 0, 0.005)
    assert support_gap(cube(1.0, 0, 0, 0.52), DOWN, [post]) == pytest.approx(0.01, abs=1e-9)


def test_watertight():
    whole = ball(0.1)
    assert is_watertight(whole)
    assert not is_watertight(Surface(whole.vertices, whole.faces[1:]))
    turned = whole.faces.copy()
    turned[0] = turned[0, ::-1]
    assert not is_watertight(Surface(whole.vertices, turned))
    cut = Surface(whole.vertices[whole.faces].reshape(-1, 3), np.arange(3 * len(whole.faces)).reshape(-1, 3))
    assert is_watertight(cut)


def test_self_intersections():
    assert self_intersections(ball(0.1)) == 0
    two = np.concatenate([cube(1.0).vertices, cube(1.0, 0.311, 0.222, 0.133).vertices])
    count = len(cube(1.0).vertices)
    both = Surface(two, np.concatenate([cube(1.0).faces, cube(1.0).faces + count]))
    assert self_intersections(both) > 10
    apart = Surface(np.concatenate([cube(1.0).vertices, cube(1.0, 3, 0, 0).vertices]), both.faces)
    assert self_intersections(apart) == 0
    # One triangle through the middle of another.
    cross = np.array([[-1.0, -1, 0], [1, -1, 0], [0, 1, 0], [0, 0, -1], [0, 0, 1], [0, 3, 0.1]])
    assert self_intersections(Surface(cross, np.array([[0, 1, 2], [3, 4, 5]]))) == 1
