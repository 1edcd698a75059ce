import itertools
import math

import pytest
import torch

from dig_framework.builtin.deformation_lattice import Lattice
from dig_framework.cages.lattice import bernstein_basis, spline_basis, tensor_product
from dig_framework.icosphere import icosphere

PLACES = torch.linspace(-1, 1, 41, dtype=torch.float64)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_all_bases_sum_to_one_and_are_linear_in_their_control_points(count: int):
    for weights, controls in (
        bernstein_basis(PLACES, count),
        spline_basis(PLACES, count, 1),
        spline_basis(PLACES, count, 3),
    ):
        assert (weights >= -1e-15).all()
        torch.testing.assert_close(weights.sum(1), torch.ones_like(PLACES), rtol=0, atol=1e-13)
        torch.testing.assert_close(weights @ controls, PLACES, rtol=0, atol=1e-13)


def test_bernstein_polynomials_are_as_published():
    """Sederberg and Parry's Eq. 2: (n over k) (1 - t)^(n - k) t^k."""
    weights, _ = bernstein_basis(PLACES, 3)
    t = (PLACES + 1) / 2
    for k in range(4):
        torch.testing.assert_close(weights[:, k], math.comb(3, k) * (1 - t) ** (3 - k) * t**k, rtol=0, atol=1e-15)


def test_cubic_splines_have_their_known_values_at_knots():
    weights, controls = spline_basis(torch.tensor([0.0]).double(), 4, 3)
    expected = torch.tensor([0, 0, 1 / 6, 2 / 3, 1 / 6, 0, 0], dtype=torch.float64)
    torch.testing.assert_close(weights[0], expected, rtol=0, atol=1e-15)
    assert controls.tolist() == [-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5]


def test_cubic_splines_bend_smoothly():
    """Second derivatives have no jumps: second differences over a knot are continuous to the size of the step."""
    fine = torch.linspace(-1, 1, 2001, dtype=torch.float64)
    weights, _ = spline_basis(fine, 3, 3)
    second = weights.diff(n=2, dim=0) / (fine[1] - fine[0]) ** 2
    # The third derivative of a cubic B-spline is at most three over the cube of its spacing.
    assert second.diff(dim=0).abs().max() <= 1.1 * 3 / (2 / 3) ** 3 * (fine[1] - fine[0])


def test_products_put_the_weight_where_the_control_point_is():
    axes = [spline_basis(places, 2, 1) for places in torch.tensor([[-1.0, 0.0], [0.0, 1.0], [1.0, 0.5]]).double()]
    weights, places = tensor_product(axes)
    assert places[weights[0].argmax()].tolist() == [-1.0, 0.0, 1.0]
    assert weights[0].max() == 1
    torch.testing.assert_close(weights @ places, torch.tensor([[-1.0, 0, 1], [0, 1, 0.5]]).double())


def test_a_quadratic_bend_is_reached_exactly_by_bernstein_polynomials_of_degree_two():
    """x -> x + 0.1 z^2: over [-1, 1] the control values of z^2 are 1, -1, 1."""
    lattice, mesh = Lattice(basis="bernstein", cells=2, damping=None), icosphere(2)
    binding = lattice.bind(mesh)
    assert len(binding.constants["lattice"]) == 27
    middle = binding.constants["lattice"][:, 2].abs() < 0.5
    rows = torch.zeros(27, 3, dtype=torch.float64)
    rows[:, 0] = 0.1 - 0.2 * middle.double()
    low, high = mesh.vertices.amin(0), mesh.vertices.amax(0)
    z = 2 * (mesh.vertices[:, 2] - low[2]) / (high[2] - low[2]) - 1
    moved = lattice.deform(binding, {"lattice": rows}).vertices - mesh.vertices
    size = (high[0] - low[0]) / 2
    torch.testing.assert_close(moved[:, 0], 0.1 * z**2 * size, rtol=0, atol=1e-12)
    assert moved[:, 1:].abs().max() == 0


def test_cells_follow_the_sides_of_the_box():
    ball = icosphere(2)
    long = ball.replace(vertices=ball.vertices * torch.tensor([1.0, 0.5, 0.1]).double())
    places = Lattice(basis="linear", cells=4).bind(long).constants["lattice"]
    assert [len(places[:, axis].unique()) for axis in range(3)] == [5, 3, 2]


def test_control_points_that_reach_nothing_are_left_out():
    many = Lattice(cells=8).bind(icosphere(3)).constants["lattice"]
    assert len(many) < 11**3
    nearest = many.norm(dim=1).min()
    assert nearest > 0.3, "the middle of a hollow ball has no control points"


def test_flat_meshes_and_corners_of_the_box_can_be_bound():
    corners = torch.tensor(list(itertools.product((0.0, 1.0), (0.0, 2.0), (5.0,))))
    flat = icosphere(0).replace(vertices=corners, faces=torch.tensor([[0, 1, 2], [1, 3, 2]]))
    for basis in ("cubic", "linear", "bernstein"):
        binding = Lattice(basis=basis).bind(flat)
        assert binding.constants["weights"].isfinite().all()
        moved = Lattice(basis=basis).deform(binding, binding.parameters)
        assert torch.equal(moved.vertices, flat.vertices)
