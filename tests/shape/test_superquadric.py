"""Superquadrics: known solids in the family, and recovery from their surfaces."""

import math

import numpy as np
import pytest
import torch

from dig_framework.primitives.superquadric import SuperquadricFit, superquadric
from dig_framework.primitives.superquadric_fit import fit_superquadric

AXES = torch.tensor([0.05, 0.03, 0.04], dtype=torch.float64)


def pair(first, second):
    return torch.tensor([first, second], dtype=torch.float64)


@pytest.mark.parametrize(
    ("exponents", "volume"),
    [
        ((1.0, 1.0), 4 / 3 * math.pi),  # an ellipsoid
        ((2.0, 2.0), 4 / 3),  # an octahedron
        ((0.1, 1.0), 2 * math.pi * 0.99),  # nearly a cylinder
        ((0.1, 0.1), 8 * 0.98),  # nearly a box
    ],
)
def test_volumes_of_known_solids(exponents, volume):
    mesh = superquadric(AXES, pair(*exponents), subdivisions=5)
    assert mesh.is_closed()
    assert float(mesh.volume() / AXES.prod()) == pytest.approx(volume, rel=0.02)


def test_vertices_have_no_residual():
    fit = SuperquadricFit(np.array([0.3, 0.7]), AXES.numpy(), np.eye(3), np.zeros(3))
    vertices = superquadric(AXES, pair(0.3, 0.7), 3).vertices.numpy()
    assert np.abs(fit.residuals(vertices)).max() < 1e-6
    assert fit.residuals(1.5 * vertices) == pytest.approx(np.linalg.norm(0.5 * vertices, axis=1), abs=1e-6)


def test_gradients():
    def vertices(axes, exponents):
        return superquadric(axes, exponents, 1).vertices

    inputs = (AXES.clone().requires_grad_(), pair(0.8, 0.6).requires_grad_())
    assert torch.autograd.gradcheck(vertices, inputs)


@pytest.mark.parametrize(
    ("exponents", "outliers"), [((1.0, 1.0), 0), ((0.2, 1.0), 60), ((0.2, 0.2), 0), ((0.6, 0.8), 60)]
)
def test_a_whole_surface_is_recovered(exponents, outliers):
    random = np.random.default_rng(3)
    mesh = superquadric(torch.tensor([0.05, 0.03, 0.08], dtype=torch.float64), pair(*exponents), 4)
    corners = mesh.vertices[mesh.faces].numpy()
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    points = corners[random.choice(len(area), 600, p=area / area.sum())].mean(1)
    points = points + random.normal(scale=5e-4, size=points.shape)
    wrong = random.uniform(-0.12, 0.12, (outliers, 3))
    turn = np.linalg.qr(random.normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    shift = np.array([0.1, -0.2, 0.7])
    fit = fit_superquadric(np.concatenate([points, wrong]) @ turn.T + shift)
    error = np.abs(fit.residuals(points @ turn.T + shift))
    assert float(np.median(error)) < 1e-3
    assert np.prod(fit.axes) == pytest.approx(0.05 * 0.03 * 0.08, rel=0.1)
    assert fit.centre == pytest.approx(shift, abs=2e-3)
