"""Grid points inside a surface against the winding number itself."""

import numpy as np
import pytest

from dig_framework.metrics.solid_grid import enclosed_cells
from dig_framework.metrics.surface import Surface, surface_of
from dig_framework.metrics.winding_number import winding_numbers
from dig_framework.testing.solids import box_mesh, sphere_mesh

LOW, HIGH, CELLS = np.array([-1.1, -1.3, -1.2]), np.array([1.2, 1.1, 1.3]), 16


def compare(surface: Surface) -> None:
    steps = (np.stack(np.meshgrid(*[np.arange(CELLS) + 0.5] * 3, indexing="ij"), -1) / CELLS).reshape(-1, 3)
    number = winding_numbers(surface.vertices, surface.faces, steps * (HIGH - LOW) + LOW)
    inside = enclosed_cells(surface, LOW, HIGH, CELLS).reshape(-1)
    clear = np.abs(number - 0.5) > 0.05  # Dipoles stand for far faces in the reference.
    assert clear.mean() > 0.97
    np.testing.assert_array_equal(inside[clear], (number > 0.5)[clear])
    assert inside.any()


def test_closed_surfaces():
    compare(surface_of(sphere_mesh(1.0, 3)))
    compare(surface_of(box_mesh(1.5, 2.0, 1.7)))


@pytest.mark.parametrize("height", [-0.4, 0.2, 0.6])
def test_a_surface_with_a_hole_is_closed_as_the_winding_number_closes_it(height):
    ball = surface_of(sphere_mesh(1.0, 3))
    kept = ball.vertices[ball.faces].mean(1) @ [0.36, 0.48, 0.8] < height
    compare(Surface(ball.vertices, ball.faces[kept]))


def test_two_overlapping_closed_surfaces_and_unwelded_triangles():
    ball = surface_of(sphere_mesh(0.6, 2))
    corners = np.concatenate([ball.vertices[ball.faces] + shift for shift in ([0.3, 0, 0], [-0.3, 0.1, 0.2])])
    compare(Surface(corners.reshape(-1, 3), np.arange(3 * len(corners)).reshape(-1, 3)))


def test_a_surface_turned_inside_out_encloses_nothing():
    ball = surface_of(sphere_mesh(1.0, 2))
    assert not enclosed_cells(Surface(ball.vertices, ball.faces[:, ::-1].copy()), LOW, HIGH, CELLS).any()


def test_faces_through_cell_centres_give_no_stray_lines():
    cube = surface_of(box_mesh(1.0, 1.0, 1.0))
    inside = enclosed_cells(cube, np.full(3, -1.0), np.full(3, 1.0), 8)
    assert inside.sum() == 4**3
