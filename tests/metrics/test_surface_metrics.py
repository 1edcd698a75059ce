"""Distances and overlap of pairs of surfaces for which they are known."""

import math

import numpy as np
import pytest
import torch

from dig_framework.errors import InputError
from dig_framework.mesh import Mesh
from dig_framework.metrics.surface import Surface, box_diagonal, diameter, face_areas, surface_of, surface_samples
from dig_framework.metrics.surface_distance import center_distance, surface_distances
from dig_framework.metrics.volume import volume_iou
from dig_framework.testing.solids import box_mesh, sphere_mesh


def ball(radius: float, shift=(0.0, 0.0, 0.0)) -> Surface:
    surface = surface_of(sphere_mesh(float(radius), 4, torch.float64))
    return Surface(surface.vertices + np.asarray(shift), surface.faces)


def box(*extents: float, shift=(0.0, 0.0, 0.0)) -> Surface:
    surface = surface_of(box_mesh(*map(float, extents), dtype=torch.float64))
    return Surface(surface.vertices + np.asarray(shift), surface.faces)


def test_a_surface_is_as_far_from_itself_as_two_samplings():
    cube = box(0.1, 0.08, 0.06)
    found = surface_distances(cube, cube)
    # Nearest of n random points on an area A: density n/A per area gives a mean distance of sqrt(A/n)/2.
    assert found.chamfer() == pytest.approx(0.5 * math.sqrt(face_areas(cube).sum() / 20_000), rel=0.05)
    assert found.fscore() == 1.0
    assert volume_iou(cube, cube) == 1.0


@pytest.mark.parametrize("shift", [0.0, 0.25, 0.5, 0.75])
def test_overlap_of_shifted_boxes(shift):
    expected = (1 - shift) / (1 + shift)
    assert volume_iou(box(1, 1, 1), box(1, 1, 1, shift=(shift, 0, 0))) == pytest.approx(expected, abs=0.02)


def test_overlap_of_shifted_spheres():
    # Two unit spheres whose centres are d apart share pi/12 (4 + d) (2 - d)^2.
    d = 0.5
    shared = np.pi / 12 * (4 + d) * (2 - d) ** 2
    assert volume_iou(ball(1), ball(1, (d, 0, 0))) == pytest.approx(shared / (8 * np.pi / 3 - shared), abs=0.005)


def test_distances_between_concentric_spheres():
    found = surface_distances(ball(0.10), ball(0.11))
    for value in (found.accuracy(), found.completeness(), found.chamfer()):
        assert value == pytest.approx(0.01, abs=3e-4)
    assert (found.fscore(0.005), found.fscore(0.015)) == (0.0, 1.0)
    assert found.two_way(0.2) == pytest.approx(0.05, abs=2e-3)


def test_half_a_surface_is_precise_and_incomplete():
    whole, half = ball(0.1), ball(0.1)
    half = Surface(half.vertices, half.faces[half.vertices[half.faces].mean(1)[:, 2] > 0])
    found = surface_distances(whole, half)
    assert found.precision() == 1.0
    # A chord of 20 mm below the rim ends at 2 asin(0.1) below it; areas of zones go with their height.
    share = 0.5 + math.sin(2 * math.asin(0.1)) / 2
    assert found.recall(0.02) == pytest.approx(share, abs=0.02)
    assert found.fscore(0.02) == pytest.approx(2 * share / (1 + share), abs=0.02)


def test_moving_both_changes_nothing():
    here, there = (surface_distances(ball(0.06, s), box(0.1, 0.1, 0.1, shift=s)) for s in ((0, 0, 0), (0.3, -0.2, 0.7)))
    assert here.chamfer() == pytest.approx(there.chamfer(), rel=1e-6)


def test_centers_and_sizes():
    assert center_distance(ball(0.1), ball(0.2, (0.03, 0.04, 0))) == pytest.approx(0.05, abs=1e-9)
    assert diameter(ball(0.1)) == pytest.approx(0.2, abs=1e-9)
    assert diameter(box(0.3, 0.4, 1.2)) == pytest.approx(1.3, abs=1e-9)
    assert box_diagonal(box(0.3, 0.4, 1.2)) == pytest.approx(1.3, abs=1e-6)
    assert box_diagonal(ball(0.1)) == pytest.approx(0.2 * math.sqrt(3), rel=0.01)
    flat = Surface(np.array([[0.0, 0, 0], [3, 0, 0], [0, 4, 0]]), np.array([[0, 1, 2]]))
    assert diameter(flat) == pytest.approx(5)


def test_samples_are_uniform_and_repeatable():
    cube = box(1, 1, 1)
    points = surface_samples(cube, 3)
    np.testing.assert_array_equal(points, surface_samples(cube, 3))
    on_top = np.isclose(points[:, 2], 0.5)
    assert on_top.mean() == pytest.approx(1 / 6, abs=0.015)
    assert points[on_top, 0].std() == pytest.approx(1 / math.sqrt(12), rel=0.03)


def test_what_has_no_surface_is_refused():
    corner = torch.zeros(3, 3)
    with pytest.raises(InputError, match="1 faces and no area"):
        surface_of(Mesh(corner, torch.tensor([[0, 1, 2]])))
    with pytest.raises(InputError, match="not finite"):
        surface_of(Mesh(torch.full((3, 3), torch.nan), torch.tensor([[0, 1, 2]])))


def test_vertices_without_a_face_do_not_count():
    mesh = box_mesh(0.1, 0.1, 0.1)
    far = mesh.replace(vertices=torch.cat([mesh.vertices, torch.full((1, 3), 9.0)]))
    assert diameter(surface_of(far)) == pytest.approx(0.1 * math.sqrt(3), rel=1e-6)
