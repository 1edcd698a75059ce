"""Scores of pairs of solids for which they are known."""

import numpy as np
import pytest

from dig_framework.bench.scoring import Surface, overlap, score

trimesh = pytest.importorskip("trimesh")


def surface(mesh, shift=(0.0, 0.0, 0.0)) -> Surface:
    return Surface(np.asarray(mesh.vertices, float) + np.asarray(shift), np.asarray(mesh.faces, np.int64))


def box(*extents: float, shift=(0.0, 0.0, 0.0)) -> Surface:
    return surface(trimesh.creation.box(extents), shift)


def test_a_surface_equals_itself():
    found = score(box(0.1, 0.08, 0.06), box(0.1, 0.08, 0.06))
    assert found.chamfer < 1e-3  # Only the distance between two samplings.
    assert found.fscore > 0.999
    assert found.iou == 1.0


@pytest.mark.parametrize("shift", [0.0, 0.25, 0.5, 0.75])
def test_overlap_of_shifted_boxes(shift):
    assert overlap(box(1, 1, 1), box(1, 1, 1, shift=(shift, 0, 0))) == pytest.approx(
        (1 - shift) / (1 + shift), abs=0.02
    )


def test_overlap_of_shifted_spheres():
    # Two unit spheres whose centres are d apart share pi/12 (4 + d) (2 - d)^2.
    d = 0.5
    shared = np.pi / 12 * (4 + d) * (2 - d) ** 2
    ball = trimesh.creation.icosphere(4)
    found = overlap(surface(ball), surface(ball, (d, 0, 0)), cells=40)
    assert found == pytest.approx(shared / (8 * np.pi / 3 - shared), abs=0.01)


def test_distance_between_concentric_spheres():
    found = score(surface(trimesh.creation.icosphere(4, 0.10)), surface(trimesh.creation.icosphere(4, 0.11)))
    assert found.chamfer == pytest.approx(0.01, abs=5e-4)
    assert found.fscore == 0.0


def test_what_is_missing_is_far_and_does_not_overlap():
    found = score(box(0.3, 0.4, 1.2), None)
    assert found.chamfer == pytest.approx(1.3 / 2, abs=1e-6)
    assert (found.fscore, found.iou) == (0.0, 0.0)


def test_moving_both_changes_nothing():
    ball, cube = trimesh.creation.icosphere(3, 0.06), trimesh.creation.box([0.1] * 3)
    here, there = (score(surface(ball, s), surface(cube, s)) for s in ((0, 0, 0), (0.3, -0.2, 0.7)))
    assert here == pytest.approx(there, abs=2e-3)
