"""The winding number against solid angles and against closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dig_framework.metrics.winding_number import are_inside, winding_numbers

BOX_VERTICES = np.array([[x, y, z] for x in (0.0, 1.0) for y in (0.0, 1.0) for z in (0.0, 1.0)])
BOX_FACES = np.array(
    [
        [0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1],
        [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3],
    ]
)  # fmt: skip


def sphere(subdivisions: int = 4) -> tuple[np.ndarray, np.ndarray]:
    import trimesh

    mesh = trimesh.creation.icosphere(subdivisions)
    return np.asarray(mesh.vertices, float), np.asarray(mesh.faces, np.int64)


@settings(max_examples=40, deadline=None)
@given(st.tuples(*[st.floats(-2, 3)] * 3))
def test_box_is_one_inside_and_zero_outside(point):
    point = np.array(point)
    distance = np.abs(np.stack([point, point - 1])).min()
    if distance < 1e-6:
        return
    expected = float(((point > 0) & (point < 1)).all())
    assert winding_numbers(BOX_VERTICES, BOX_FACES, point[None])[0] == pytest.approx(expected, abs=1e-9)


def test_dipoles_of_far_groups_stay_far_from_the_threshold():
    vertices, faces = sphere()
    points = np.random.default_rng(0).normal(size=(2000, 3))
    radius = np.linalg.norm(points, axis=1)
    error = np.abs(winding_numbers(vertices, faces, points) - (radius < 1))
    assert error[np.abs(radius - 1) > 0.02].max() < 0.1


def test_a_reversed_surface_winds_the_other_way():
    vertices, faces = sphere(2)
    points = np.zeros((1, 3))
    assert winding_numbers(vertices, faces[:, ::-1].copy(), points)[0] == pytest.approx(-1, abs=0.05)


def test_half_a_sphere_counts_half_at_its_centre():
    vertices, faces = sphere()
    upper = faces[(vertices[faces].mean(1) @ [0.3, 0.5, 0.8]) > 0]
    share = winding_numbers(vertices, upper, np.zeros((1, 3)))[0]
    assert share == pytest.approx(0.5, abs=0.02)


def test_inside_agrees_with_the_winding_number():
    vertices, faces = sphere(3)
    points = np.random.default_rng(1).uniform(-1.2, 1.2, (3000, 3))
    expected = winding_numbers(vertices, faces, points) > 0.5
    np.testing.assert_array_equal(are_inside(vertices, faces, points), expected)
