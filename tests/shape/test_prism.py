"""Prisms: distances and surfaces against closed forms, and what the search finds in drawn views."""

import math

import numpy as np
import pytest
import torch

from dig_framework.bench.single_views import single_views
from dig_framework.builtin.shape_completion import SymmetricCompletion
from dig_framework.completion.free_space import free_space
from dig_framework.completion.prism import Prism
from dig_framework.completion.sight import sight
from dig_framework.completion.symmetry import explanations, thinned
from dig_framework.mesh import Mesh
from dig_framework.metrics.surface import surface_of
from dig_framework.metrics.volume import volume_iou
from dig_framework.ply_files import mesh_to_ply
from dig_framework.primitives.box import box
from dig_framework.testing.evidence_scenes import Solid, evidence_scene


def turned(yaw: float) -> np.ndarray:
    c, s = math.cos(yaw), math.sin(yaw)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


@pytest.mark.parametrize("lying", [False, True])
@pytest.mark.parametrize("rounding", [0.0, 0.4, 1.0])
def test_surface_points_have_no_distance(lying, rounding):
    prism = Prism(turned(0.7), np.array([0.1, -0.2, 0.3]), np.array([0.05, 0.03, 0.08]), rounding, lying)
    assert np.abs(prism.distance(prism.surface(12))).max() < 1e-12


def test_distance_of_a_box_is_that_to_its_faces_edges_and_corners():
    cube = Prism(np.eye(3), np.zeros(3), np.array([1.0, 2.0, 3.0]), 0.0, False)
    points = np.array([[0, 0, 0], [1.5, 0, 0], [2, 3, 0], [2, 3, 4], [0.9, 0, 0], [0, 0, -3.5]], float)
    wanted = [-1, 0.5, math.sqrt(2), math.sqrt(3), -0.1, 0.5]
    np.testing.assert_allclose(cube.distance(points), wanted, atol=1e-12)


@pytest.mark.parametrize("lying", [False, True])
def test_distance_of_a_cylinder_depends_on_radius_and_height_alone(lying):
    half = np.array([0.07, 0.03, 0.03]) if lying else np.array([0.03, 0.03, 0.07])
    cylinder = Prism(np.eye(3), np.zeros(3), half, 1.0, lying)
    points = np.random.default_rng(0).uniform(-0.1, 0.1, (200, 3))
    along = points[:, 0] if lying else points[:, 2]
    across = np.linalg.norm(np.delete(points, 0 if lying else 2, 1), axis=1) - 0.03
    beyond = np.abs(along) - 0.07
    wanted = np.minimum(np.maximum(across, beyond), 0) + np.hypot(np.maximum(across, 0), np.maximum(beyond, 0))
    np.testing.assert_allclose(cylinder.distance(points), wanted, atol=1e-12)


def test_distance_moves_with_the_prism():
    points = np.random.default_rng(1).uniform(-0.2, 0.2, (50, 3))
    half, centre = np.array([0.05, 0.02, 0.04]), np.array([0.01, 0.02, 0.03])
    here = Prism(np.eye(3), np.zeros(3), half, 0.3, False).distance(points)
    there = Prism(turned(1.1), centre, half, 0.3, False).distance(points @ turned(1.1).T + centre)
    np.testing.assert_allclose(here, there, atol=1e-12)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("meshes")


def score(folder, mesh: Mesh, hidden: float, **settings) -> list[float]:
    """Return the IoU of three views of a mesh."""
    path = folder / "thing.ply"
    path.write_bytes(mesh_to_ply(mesh))
    shape = SymmetricCompletion(**settings)
    scores = []
    for view in single_views([path], 3, hidden):
        found = shape.initialize(view.evidence, 0)[0]
        guess = shape.mesh(found.parameters)
        posed = surface_of(guess.replace(vertices=found.pose.transform(guess.vertices)))
        scores.append(volume_iou(view.truth, posed))
    return scores


def test_a_box_whose_end_is_hidden_is_completed_better_than_by_symmetry_alone(folder):
    mesh = box(torch.tensor([0.05, 0.035, 0.03]))
    with_prisms, without = score(folder, mesh, 0.4), score(folder, mesh, 0.4, prisms=False)
    assert np.mean(with_prisms) > max(0.75, np.mean(without) + 0.03)


def test_a_box_in_full_view_is_found_to_a_millimetre(folder):
    assert min(score(folder, box(torch.tensor([0.05, 0.035, 0.03])), 0.0)) > 0.9


def test_a_prism_is_averaged_with_symmetries_only_where_nothing_is_hidden():
    settings = SymmetricCompletion()
    found = {}
    for hidden in (0.0, 0.3):
        scene = evidence_scene(Solid("box", (0.06, 0.1, 0.12)), yaw=0.5, hidden=hidden)
        seen = sight(scene.evidence, settings.erosion, settings.reach)
        space = free_space(seen.view, seen.surface, seen.frame, settings.tolerance)
        found[hidden] = explanations(space, thinned(seen.surface.points, 0.004), settings, 0)
    assert found[0.0][0].prism is not None
    assert len(found[0.0]) > 1
    assert sum(item.weight for item in found[0.0][1:]) == pytest.approx(found[0.0][0].weight)
    assert [item.prism is not None for item in found[0.3]] == [True]
