import math

import pytest
import torch

from dig_framework.builtin.deformation_green import GreenCage
from dig_framework.builtin.deformation_harmonic import HarmonicCage
from dig_framework.cages.green import green_coordinates, harmonic_coordinates
from dig_framework.cages.layer_potentials import layer_potentials
from dig_framework.errors import InputError
from dig_framework.icosphere import icosphere
from dig_framework.mesh import Mesh
from dig_framework.pose import rotation_from_vector


def cage(subdivisions: int = 1, radius: float = 1.6) -> Mesh:
    ball = icosphere(subdivisions)
    return ball.replace(vertices=radius * ball.vertices * torch.tensor([1.0, 0.8, 1.3]).double())


def inside(count: int) -> torch.Tensor:
    directions = torch.randn(count, 3, generator=torch.Generator().manual_seed(0)).double()
    return directions / directions.norm(dim=1, keepdim=True) * torch.linspace(0, 0.95, count)[:, None].double()


def normals(mesh: Mesh) -> torch.Tensor:
    return torch.nn.functional.normalize(mesh.face_normals(), dim=1)


def by_midpoints(point: torch.Tensor, corners: torch.Tensor, pieces: int = 150) -> tuple[torch.Tensor, torch.Tensor]:
    """Sum over the middles of small triangles."""
    up = [(3 * i + 1, 3 * j + 1) for i in range(pieces) for j in range(pieces - i)]
    down = [(3 * i + 2, 3 * j + 2) for i in range(pieces) for j in range(pieces - i - 1)]
    share = torch.tensor(up + down).double() / (3 * pieces)
    hats = torch.cat([1 - share.sum(1, keepdim=True), share], 1)
    cross = torch.linalg.cross(corners[1] - corners[0], corners[2] - corners[0])
    offsets = hats @ corners - point
    distance = offsets.norm(dim=1)
    piece = cross.norm() / 2 / len(hats)
    double = (offsets @ cross / cross.norm() / distance**3)[:, None] * hats
    return (1 / distance).sum() * piece, double.sum(0) * piece


@pytest.mark.parametrize("height", [0.7, -0.7, 0.2])
def test_potentials_agree_with_sums_over_small_triangles(height: float):
    corners = torch.tensor([[0.1, 0, 0.2], [1.2, 0.1, 0], [0.3, 0.9, -0.1]]).double()
    for x, y in ((0.4, 0.3), (1.5, -0.4)):
        point = torch.tensor([x, y, height]).double()
        single, double = layer_potentials(point[None], corners, torch.tensor([[0, 1, 2]]))
        expected = by_midpoints(point, corners)
        torch.testing.assert_close(single[0, 0], expected[0], rtol=1e-4, atol=0)
        torch.testing.assert_close(double[0, 0], expected[1], rtol=1e-3, atol=1e-5)


def test_potential_in_the_plane_of_a_face():
    """Of an equilateral triangle at its middle: 3 t log((2 + sqrt 3) / (2 - sqrt 3)), t the inradius, sides one."""
    corners = torch.tensor([[0, 0, 0], [1, 0, 0], [0.5, math.sqrt(0.75), 0]], dtype=torch.float64)
    own = torch.ones(1, 1, dtype=torch.bool)
    single, double = layer_potentials(corners.mean(0, keepdim=True), corners, torch.tensor([[0, 1, 2]]), own)
    expected = 3 / math.sqrt(12) * math.log((2 + math.sqrt(3)) / (2 - math.sqrt(3)))
    assert float(single) == pytest.approx(expected, rel=1e-12)
    assert double.abs().max() <= 1e-12


def test_green_coordinates_sum_to_one_and_give_the_points():
    shape, points = cage(), inside(200)
    by_vertex, by_face = green_coordinates(points, shape, chunk=64)
    assert (by_vertex.sum(1) - 1).abs().max() <= 1e-12
    assert (by_vertex @ shape.vertices + by_face @ normals(shape) - points).abs().max() <= 1e-12
    assert (by_face @ normals(shape).new_ones(len(shape.faces)) > 0).all()


def test_green_coordinates_in_the_middle_of_a_sphere():
    by_vertex, by_face = green_coordinates(torch.zeros(1, 3).double(), icosphere(0))
    torch.testing.assert_close(by_vertex, torch.full((1, 12), 1 / 12, dtype=torch.float64), rtol=0, atol=1e-12)
    assert by_face.max() - by_face.min() <= 1e-12


def test_green_coordinates_belong_to_the_inside_of_a_closed_cage():
    with pytest.raises(InputError, match="1 of 2 points do not lie inside the cage"):
        green_coordinates(torch.tensor([[0.0, 0, 0], [5, 0, 0]]).double(), cage())
    with pytest.raises(InputError, match="not lie inside"):
        green_coordinates(torch.zeros(1, 3).double(), cage().replace(faces=cage().faces.flip(1)))
    with pytest.raises(InputError, match="not closed"):
        green_coordinates(torch.zeros(1, 3).double(), cage().replace(faces=cage().faces[1:]))
    flat = icosphere(0).replace(vertices=torch.zeros(12, 3).double())
    with pytest.raises(InputError, match="face 0 of the cage has no area"):
        green_coordinates(torch.zeros(1, 3).double(), flat)
    assert green_coordinates(torch.zeros(0, 3), cage())[0].shape == (0, 42)


@pytest.mark.parametrize("damping", [None, 0.3])
def test_similar_cages_move_the_mesh_likewise(damping: float | None):
    """Rotations and scalings carry over exactly, though stretches do not."""
    green, mesh = GreenCage(damping=damping), icosphere(2)
    mesh = mesh.replace(vertices=0.05 * mesh.vertices * torch.tensor([1.0, 0.4, 1.6]).double() + 0.3)
    binding = green.bind(mesh)
    turn = 1.4 * rotation_from_vector(torch.tensor([0.9, -1.2, 0.4]).double())
    rows = (binding.constants["cage"] @ (turn - torch.eye(3)).T + 0.02) / binding.constants["size"]
    # Affine displacements pass through the levels as they are.
    moved = green.deform(binding, {"cage": rows}).vertices
    torch.testing.assert_close(moved, mesh.vertices @ turn.T + 0.02, rtol=0, atol=1e-12)


def test_a_folded_cage_gives_finite_places_and_gradients():
    green = GreenCage(subdivisions=0, radius=2.0)
    binding = green.bind(icosphere(1))
    rows = (-binding.constants["cage"] / binding.constants["size"]).requires_grad_()
    moved = green.deform(binding, {"cage": rows}).vertices
    moved.square().sum().backward()
    assert moved.isfinite().all()
    assert rows.grad is not None
    assert rows.grad.isfinite().all()


def test_harmonic_coordinates_sum_to_one_and_give_the_points():
    shape, points = cage(), inside(100)
    weights = harmonic_coordinates(points, shape)
    assert (weights.sum(1) - 1).abs().max() <= 1e-12
    assert (weights @ shape.vertices - points).abs().max() <= 1e-12
    assert weights.min() > 0


def test_harmonic_coordinates_continue_harmonic_functions():
    """Of xy and of z^2 - x^2, known on the cage; what is missing falls as faces shrink."""
    points = inside(100)
    missing = []
    for subdivisions in (1, 2):
        shape = cage(subdivisions)
        x, y, z = shape.vertices.unbind(1)
        u, v, w = points.unbind(1)
        found = harmonic_coordinates(points, shape) @ torch.stack([x * y, z**2 - x**2], 1)
        missing.append(float((found - torch.stack([u * v, w**2 - u**2], 1)).abs().max()))
    assert missing[1] < 0.3 * missing[0]
    assert missing[1] < 0.06


def test_harmonic_displacements_are_smallest_in_the_middle():
    """The displacement by one harmonic of degree n on a sphere falls inwards as the n-th power of the distance."""
    harmonic = HarmonicCage(subdivisions=2, radius=2.0, damping=None)
    mesh = icosphere(1)
    mesh = mesh.replace(vertices=torch.cat([mesh.vertices, 0.5 * mesh.vertices]), faces=mesh.faces)
    binding = harmonic.bind(mesh)
    x, y, _ = (binding.constants["cage"] / binding.constants["cage"].norm(dim=1, keepdim=True)).unbind(1)
    rows = torch.stack([torch.zeros_like(x), torch.zeros_like(x), x * y], 1)
    moved = (harmonic.deform(binding, {"cage": rows}).vertices - mesh.vertices)[:, 2]
    torch.testing.assert_close(moved[42:], moved[:42] / 4, rtol=0, atol=5e-3)
    assert moved[:42].abs().max() > 0.1
