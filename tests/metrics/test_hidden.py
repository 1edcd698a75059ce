"""What a camera sees of surfaces whose horizon is known."""

import numpy as np
import pytest
import torch

from dig_framework.errors import InputError
from dig_framework.metrics.hidden import hidden_completeness, seen_from_camera, visible_completeness
from dig_framework.metrics.surface import Surface, surface_of, surface_samples
from dig_framework.testing.solids import box_mesh, sphere_mesh


def ball(center, radius=0.05) -> Surface:
    surface = surface_of(sphere_mesh(radius, 4, torch.float64))
    return Surface(surface.vertices + np.asarray(center), surface.faces)


@pytest.mark.parametrize("center", [(0, 0, 0.5), (0.4, -0.3, 0.5), (0, -0.6, 0.1)])
def test_a_sphere_is_seen_up_to_its_horizon(center):
    surface, radius = ball(center), 0.05
    points = surface_samples(surface, 0, 5000)
    distance = np.linalg.norm(center)
    # A point p on the sphere faces the camera at the origin where (p - c) . (-p) > 0.
    height = (points - center) @ (-np.asarray(center) / distance)
    seen = seen_from_camera(points, [surface], tolerance=1e-4)
    horizon = radius**2 / distance
    clear = np.abs(height - horizon) > 0.003
    np.testing.assert_array_equal(seen[clear], (height > horizon)[clear])


def test_another_object_hides():
    back, front = ball((0, 0, 0.6)), ball((0, 0, 0.4))
    points = surface_samples(back, 0, 2000)
    assert seen_from_camera(points, [back]).mean() > 0.4
    assert not seen_from_camera(points, [back, front]).any()


def test_a_box_seen_from_the_front_shows_one_side():
    box = surface_of(box_mesh(0.2, 0.2, 0.2, dtype=torch.float64))
    box = Surface(box.vertices + np.array([0, 0, 0.5]), box.faces)
    points = surface_samples(box, 0, 4000)
    seen = seen_from_camera(points, [box], tolerance=1e-6)
    np.testing.assert_array_equal(seen, np.isclose(points[:, 2], 0.4))
    to_guess = np.where(seen, 0.0, 0.007)
    assert hidden_completeness(to_guess, seen) == pytest.approx(0.007)
    assert hidden_completeness(to_guess, np.ones_like(seen)) is None
    share = seen.mean()
    both = share * visible_completeness(to_guess, seen) + (1 - share) * hidden_completeness(to_guess, seen)
    assert both == pytest.approx(to_guess.mean())
    assert visible_completeness(to_guess, np.zeros_like(seen)) is None


def test_a_surface_around_the_camera_is_refused():
    with pytest.raises(InputError, match="behind the camera"):
        seen_from_camera(np.array([[0, 0, 0.1]]), [ball((0, 0, 0.02), 0.1)])
