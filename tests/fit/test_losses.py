import math

import pytest
import torch

from dig_framework import losses
from dig_framework.icosphere import icosphere
from dig_framework.mesh import Mesh


def test_barrier_has_the_published_values_and_stays_finite():
    values = torch.tensor([0.0, 0.5, 1.1], dtype=torch.float64)
    expected = sum(math.exp(-30 * x) + math.exp(30 * (x - 1)) for x in values.tolist())
    assert float(losses.barrier(values, 0.0, 1.0)) == pytest.approx(expected)
    assert losses.barrier(torch.tensor([-1e6, 1e6]), 0.0, 1.0).isfinite()


def test_barrier_is_smooth_where_it_becomes_a_line():
    values = (1 + torch.tensor([0.999, 1.0001, 1.2], dtype=torch.float64)).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: losses.barrier(x, 0.0, 1.0).log(), values, eps=1e-7, rtol=1e-4)


def test_outside_is_zero_within():
    assert losses.outside(torch.tensor([0.0, 0.3, 1.0]), 0.0, 1.0) == 0
    assert float(losses.outside(torch.tensor([-0.5, 3.0]), 0.0, 1.0)) == pytest.approx(0.25 + 4)


def test_robust_is_quadratic_near_zero_and_ends_at_one():
    residual = torch.tensor([0.0, 0.01, 4.0, 1e6], dtype=torch.float64)
    loss = losses.robust(residual, 4.0)
    assert float(loss[0]) == 0
    assert float(loss[1]) == pytest.approx((0.01 / 4) ** 2, rel=1e-4)
    assert float(loss[2]) == 0.5
    assert float(loss[3]) == pytest.approx(1)


def test_coverage_counts_only_where_it_may():
    drawn, observed = torch.tensor([[1.0, 1.0, 0.5]]), torch.tensor([[1.0, 0.0, 1.0]])
    assert losses.coverage(drawn, observed, torch.tensor([[1.0, 0.0, 1.0]])).tolist() == [[0.0, 0.0, 0.5]]


def test_in_front_has_a_margin_and_no_pull_forwards():
    drawn, measured = torch.tensor([0.50, 0.59, 0.70]), torch.tensor([0.6, 0.6, 0.6])
    ahead = losses.in_front(drawn, measured, torch.full((3,), 0.02))
    torch.testing.assert_close(ahead, torch.tensor([0.08, 0.0, 0.0]))


def test_smooth_depth_of_a_ramp():
    drawn = torch.arange(12.0).reshape(3, 4)  # Steps of 1 along rows and 4 along columns.
    assert float(losses.smooth_depth(drawn, 0.1 * drawn)) == pytest.approx(math.exp(0.1) + 4 * math.exp(0.4), rel=1e-5)


def test_published_figures_of_the_template():
    """Edge energy 43.19 and volume 4.047 of the icosphere with 162 vertices."""
    sphere = icosphere(2)
    assert float(losses.edge_energy(sphere.vertices, sphere.edges())) == pytest.approx(43.19, abs=0.01)
    assert float(sphere.volume()) == pytest.approx(4.047, abs=0.001)


def test_volume_change_is_relative():
    sphere = icosphere(1)
    grown = sphere.replace(vertices=2 * sphere.vertices)
    assert float(losses.volume_change(grown, sphere)) == pytest.approx(49)


def test_displacement_weighs_vertices():
    start = torch.zeros(2, 3)
    moved = torch.tensor([[0.01, 0.0, 0.0], [0.0, 0.03, 0.0]])
    assert float(losses.displacement(moved, start, torch.tensor([1.0, 0.0]), 0.01)) == pytest.approx(1)
    assert float(losses.displacement(moved, start, torch.tensor([1.0, 1.0]), 0.01)) == pytest.approx(5)


def test_rest_wants_contact_only_of_what_rests():
    heights = torch.tensor([0.004, 0.010])
    assert float(losses.rest(heights, True, 0.002)) == pytest.approx(4)
    assert float(losses.rest(heights, False, 0.002)) == 0
    assert float(losses.rest(heights - 0.006, False, 0.002)) == pytest.approx(1 + 0.5)


def sphere_at(x: float) -> Mesh:
    sphere = icosphere(3)
    return sphere.replace(vertices=0.05 * sphere.vertices + torch.tensor([x, 0.0, 0.0]).double())


def test_penetration_of_spheres_grows_with_overlap():
    first = sphere_at(0.0)
    assert float(losses.penetration(first, sphere_at(0.101), 0.002)) == 0
    apart, near, nearer = (float(losses.penetration(first, sphere_at(x), 0.002)) for x in (0.0999, 0.09, 0.08))
    assert apart < near < nearer


def test_penetration_pushes_apart():
    shift = torch.zeros((), dtype=torch.float64, requires_grad=True)
    other = sphere_at(0.09)
    moved = other.replace(vertices=other.vertices + shift * torch.tensor([1.0, 0.0, 0.0]).double())
    (slope,) = torch.autograd.grad(losses.penetration(sphere_at(0.0), moved, 0.002), shift)
    assert slope < 0
