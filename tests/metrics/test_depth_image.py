"""Depth at pixel centres against rays and spheres."""

import numpy as np
import torch

from dig_framework.metrics.depth_image import depth_image
from dig_framework.metrics.surface import Surface, surface_of
from dig_framework.testing.solids import box_mesh, sphere_mesh

K = np.array([[100.0, 0, 31.5], [0, 110.0, 23.5], [0, 0, 1]])


def test_a_sphere():
    ball = surface_of(sphere_mesh(0.05, 5, torch.float64))
    center = np.array([0.03, -0.02, 0.5])
    found = depth_image(Surface(ball.vertices + center, ball.faces), K, 64, 48)
    rows, columns = np.indices((48, 64))
    rays = np.stack([(columns - 31.5) / 100, (rows - 23.5) / 110, np.ones((48, 64))], -1)
    # |t r - c|^2 = R^2, the nearer root.
    a, b, c = (rays**2).sum(-1), rays @ center, center @ center - 0.05**2
    root = b * b - a * c
    expected = np.where(root > 0, (b - np.sqrt(np.maximum(root, 0))) / a, 0)
    both = (found > 0) & (expected > 0) & (root > 1e-4)
    assert both.sum() > 200
    np.testing.assert_allclose(found[both], expected[both], atol=2e-4)
    assert np.count_nonzero((found > 0) != (expected > 0)) < 8


def test_what_is_outside_or_behind_leaves_no_pixel():
    box = surface_of(box_mesh(0.1, 0.1, 0.1))
    assert not depth_image(Surface(box.vertices + np.array([5.0, 0, 0.5]), box.faces), K, 64, 48).any()
    assert not depth_image(Surface(box.vertices - np.array([0, 0, 0.5]), box.faces), K, 64, 48).any()
    part = depth_image(Surface(box.vertices + np.array([0.15, 0, 0.5]), box.faces), K, 64, 48)
    assert part[:, -1].any()
    assert np.isclose(part[part > 0].min(), 0.45)
