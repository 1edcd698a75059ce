import math

import pytest
import torch

from dig_framework.builtin.deformation_spherical_harmonics import SphericalHarmonics
from dig_framework.cages.solid_harmonics import solid_harmonics
from dig_framework.icosphere import icosphere


def points(count: int) -> torch.Tensor:
    return torch.randn(count, 3, generator=torch.Generator().manual_seed(2)).double()


def test_low_degrees_are_the_known_polynomials():
    """With a mean square of one over the unit sphere: 1; y, z, x; xy, yz, 3z^2 - r^2, zx, x^2 - y^2."""
    place = points(20)
    x, y, z = place.unbind(1)
    square = place.square().sum(1)
    second = [x * y, y * z, (3 * z**2 - square) / math.sqrt(12), z * x, (x**2 - y**2) / 2]
    rows = [torch.ones_like(x), *(math.sqrt(3) * v for v in (y, z, x)), *(math.sqrt(15) * v for v in second)]
    torch.testing.assert_close(solid_harmonics(place, 2), torch.stack(rows, 1), rtol=0, atol=1e-12)


def test_orthonormal_on_the_sphere():
    """Gauss-Legendre in z and even angles integrate all products of degree 12 exactly."""
    import numpy as np

    z, weights = (torch.as_tensor(part) for part in np.polynomial.legendre.leggauss(8))
    angle = 2 * math.pi * torch.arange(16).double() / 16
    flat = (1 - z**2).sqrt()[:, None]
    grid = torch.stack([flat * angle.cos(), flat * angle.sin(), z[:, None].expand(8, 16)], -1).reshape(-1, 3)
    values = solid_harmonics(grid, 6)
    gram = values.T @ (values * (weights / 32).repeat_interleave(16)[:, None])
    torch.testing.assert_close(gram, torch.eye(49).double(), rtol=0, atol=1e-12)


def test_harmonic_and_homogeneous():
    place = points(1)[0]
    values = solid_harmonics(place[None], 6)[0]
    degrees = torch.tensor([degree for degree in range(7) for _ in range(2 * degree + 1)])
    torch.testing.assert_close(solid_harmonics(2 * place[None], 6)[0], values * 2.0**degrees, rtol=1e-12, atol=1e-12)
    for k in (5, 20, 40):
        second = torch.autograd.functional.hessian(lambda p, k=k: solid_harmonics(p[None], 6)[0, k], place)
        assert second.diagonal().sum().abs() <= 1e-10 * second.abs().max()


def test_rotations_keep_the_power_of_a_degree():
    from dig_framework.pose import rotation_from_vector

    place = points(5)
    turned = place @ rotation_from_vector(torch.tensor([0.3, -2.0, 1.1]).double()).T
    for degree in range(9):
        part = slice(degree**2, (degree + 1) ** 2)
        before, after = (solid_harmonics(p, 8)[:, part].square().sum(1) for p in (place, turned))
        torch.testing.assert_close(before, after, rtol=1e-11, atol=0)
        torch.testing.assert_close(before, (2 * degree + 1) * place.square().sum(1) ** degree, rtol=1e-11, atol=0)


@pytest.mark.parametrize("kind", ["solid", "surface"])
def test_a_known_ellipsoid(kind: str):
    """A ball whose radius gains 0.1 P_2(cos) along its rays; levels keep the modes of a ball apart."""
    ball = icosphere(3)
    along = SphericalHarmonics(kind=kind, along="rays", degree=4)
    binding = along.bind(ball)
    cosine = ball.vertices[:, 2]
    wanted = ball.vertices * (1 + 0.05 * (3 * cosine**2 - 1))[:, None]
    jacobian = torch.autograd.functional.jacobian(
        lambda h: along.deform(binding, {**binding.parameters, "harmonics": h}).vertices.reshape(-1),
        binding.parameters["harmonics"],
    )
    found = torch.linalg.lstsq(jacobian, (wanted - ball.vertices).reshape(-1, 1)).solution[:, 0]
    moved = along.deform(binding, {**binding.parameters, "harmonics": found}).vertices
    torch.testing.assert_close(moved, wanted, rtol=0, atol=1e-6 if kind == "surface" else 1e-4)
    assert found.abs().argmax() == 2, "m = 0 of degree 2"


def test_the_centre_of_the_mesh_may_be_one_of_its_vertices():
    ball = icosphere(1)
    bent = ball.replace(vertices=torch.cat([ball.vertices, torch.zeros(1, 3)]))
    for kind in ("solid", "surface"):
        for along in ("axes", "rays"):
            harmonics = SphericalHarmonics(kind=kind, along=along)
            binding = harmonics.bind(bent)
            values = {name: value + 0.01 for name, value in binding.parameters.items()}
            assert harmonics.deform(binding, values).vertices.isfinite().all()
