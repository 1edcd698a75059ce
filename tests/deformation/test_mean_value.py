import math

import numba
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mean_value_twin import slow_mean_value_coordinates

from dig_framework.icosphere import icosphere
from dig_framework.mean_value import mean_value_coordinates
from dig_framework.mesh import Mesh


def octahedron() -> Mesh:
    vertices = torch.tensor([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]]).double()
    faces = [[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]]
    return Mesh(vertices, torch.tensor(faces))


def tetrahedron() -> Mesh:
    vertices = torch.tensor([[0, 0, 0], [1.3, 0.1, 0], [0.2, 1.1, 0], [0.1, 0.2, 0.9]]).double()
    return Mesh(vertices, torch.tensor([[0, 2, 1], [0, 1, 3], [1, 2, 3], [2, 0, 3]]))


def cube_with_notch() -> Mesh:
    """A cube whose top centre is pushed in: not convex, and its face planes pass through the inside."""
    ring = [[-1, -1], [1, -1], [1, 1], [-1, 1]]
    vertices = [[x, y, -1] for x, y in ring] + [[x, y, 1] for x, y in ring] + [[0, 0, -0.2]]
    faces = [[0, 2, 1], [0, 3, 2], [4, 5, 8], [5, 6, 8], [6, 7, 8], [7, 4, 8]]
    for a, b in ((0, 1), (1, 2), (2, 3), (3, 0)):
        faces += [[a, b, b + 4], [a, b + 4, a + 4]]
    return Mesh(torch.tensor(vertices).double(), torch.tensor(faces))


CAGES = {
    "sphere": icosphere(1).replace(vertices=icosphere(1).vertices * 2.1),
    "octahedron": octahedron(),
    "tetrahedron": tetrahedron(),
    "notched cube": cube_with_notch(),
}


def literal(point: torch.Tensor, mesh: Mesh) -> torch.Tensor:
    """Ju et al., Fig. 4, for one point that is in no special place, line by line."""
    weights = torch.zeros(len(mesh.vertices), dtype=torch.float64)
    for face in mesh.faces.tolist():
        corner = [(mesh.vertices[i] - point).tolist() for i in face]
        d = [math.hypot(*v) for v in corner]
        u = [[x / length for x in v] for v, length in zip(corner, d, strict=True)]
        length = [math.dist(u[(i + 1) % 3], u[(i + 2) % 3]) for i in range(3)]
        theta = [2 * math.asin(value / 2) for value in length]
        h = sum(theta) / 2
        c = [
            2 * math.sin(h) * math.sin(h - theta[i]) / (math.sin(theta[(i + 1) % 3]) * math.sin(theta[(i + 2) % 3])) - 1
            for i in range(3)
        ]
        sign = math.copysign(1, float(torch.det(torch.tensor(u))))
        s = [sign * math.sqrt(1 - value**2) for value in c]
        for i in range(3):
            j, k = (i + 1) % 3, (i + 2) % 3
            weights[face[i]] += (theta[i] - c[j] * theta[k] - c[k] * theta[j]) / (d[i] * math.sin(theta[j]) * s[k])
    return weights / weights.sum()


def inside(mesh: Mesh, count: int, seed: int = 0, spread: float = 4) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    mix = torch.rand(count, len(mesh.vertices), generator=generator).double() ** spread
    return mix / mix.sum(1, keepdim=True) @ mesh.vertices


@pytest.mark.parametrize("name", CAGES)
def test_sums_to_one_and_reproduces_points(name: str):
    cage = CAGES[name]
    points = torch.cat(
        [inside(cage, 200), 3 * torch.randn(100, 3, generator=torch.Generator().manual_seed(1)).double()]
    )
    weights = mean_value_coordinates(points, cage)
    assert (weights.sum(1) - 1).abs().max() <= 1e-12
    assert (weights @ cage.vertices - points).abs().max() <= 1e-10


@pytest.mark.parametrize("name", CAGES)
def test_agrees_with_the_slow_twin(name: str):
    cage = CAGES[name]
    on_faces = cage.vertices[cage.faces].mean(1)
    on_edges = cage.vertices[cage.edges()].mean(1)
    points = torch.cat([inside(cage, 100), 3 * inside(cage, 50, seed=2), cage.vertices, on_faces, on_edges])
    expected = slow_mean_value_coordinates(points, cage)
    # Outside, terms of either sign cancel, in both.
    torch.testing.assert_close(mean_value_coordinates(points, cage), expected, rtol=0, atol=1e-10)
    torch.testing.assert_close(mean_value_coordinates(points[:100], cage), expected[:100], rtol=0, atol=1e-11)


def test_one_point_alone_and_two_threads_give_the_same_bits():
    cage, before = CAGES["sphere"], numba.get_num_threads()
    points = inside(cage, 50)
    together = mean_value_coordinates(points, cage)
    alone = torch.cat([mean_value_coordinates(point[None], cage) for point in points])
    assert torch.equal(alone, together)
    try:
        for threads in {1, numba.config.NUMBA_NUM_THREADS}:
            numba.set_num_threads(threads)
            assert torch.equal(mean_value_coordinates(points, cage), together)
    finally:
        numba.set_num_threads(before)


@settings(max_examples=60, deadline=None)
@given(
    shares=st.lists(st.floats(0, 1), min_size=3, max_size=3).filter(lambda s: sum(s) > 1e-3),
    face=st.integers(0, 79),
    height=st.sampled_from([0.0, 1e-16, 1e-14, 1e-12, -1e-12, 1e-9, -1e-7, 1e-4, -0.3, 0.3, 2.0]),
    size=st.sampled_from([1e-3, 1.0, 40.0]),
)
def test_any_place_about_a_face(shares: list[float], face: int, height: float, size: float):
    """Near or far, over corners, sides or the middle: finite, one in sum, and linear to 1e-10 of the diameter."""
    cage = CAGES["sphere"]
    cage = cage.replace(vertices=size * cage.vertices)
    a, b, c = cage.vertices[cage.faces[face % len(cage.faces)]]
    normal = torch.nn.functional.normalize(torch.linalg.cross(b - a, c - a), dim=0)
    share = torch.tensor(shares, dtype=torch.float64) / sum(shares)
    point = share @ torch.stack([a, b, c]) + height * size * normal
    weights = mean_value_coordinates(point[None], cage)
    assert weights.isfinite().all()
    assert abs(float(weights.sum()) - 1) <= 1e-12
    assert (weights @ cage.vertices - point).norm() <= 1e-10 * 4.2 * size


@pytest.mark.parametrize("name", CAGES)
def test_agrees_with_the_papers_formula(name: str):
    cage = CAGES[name]
    points = inside(cage, 12, seed=3, spread=1)  # The literal formula loses its digits next to faces.
    expected = torch.stack([literal(point, cage) for point in points])
    torch.testing.assert_close(mean_value_coordinates(points, cage), expected, rtol=1e-7, atol=1e-9)


def test_lagrange_at_vertices():
    for cage in CAGES.values():
        weights = mean_value_coordinates(cage.vertices, cage)
        torch.testing.assert_close(weights, torch.eye(len(cage.vertices)).double(), rtol=0, atol=1e-12)


def test_barycentric_on_faces_and_edges():
    for cage in CAGES.values():
        for share in ([0.2, 0.5, 0.3], [0.4, 0.6, 0.0], [1e-9, 1 - 2e-9, 1e-9], [1e-5, 1e-5, 1 - 2e-5]):
            barycentric = torch.tensor(share, dtype=torch.float64)
            points = (cage.vertices[cage.faces] * barycentric[:, None]).sum(1)
            weights = mean_value_coordinates(points, cage)
            expected = torch.zeros_like(weights).scatter_add_(1, cage.faces, barycentric.expand(len(points), 3))
            closest = 1e-12 if min(share) == 0 or min(share) > 0.1 else 2e-8
            torch.testing.assert_close(weights, expected, rtol=0, atol=closest)


def test_tetrahedron_has_barycentric_coordinates():
    cage = tetrahedron()
    points = inside(cage, 50)
    system = torch.cat([cage.vertices.T, torch.ones(1, 4)])
    expected = torch.linalg.solve(system, torch.cat([points.T, torch.ones(1, 50)])).T
    torch.testing.assert_close(mean_value_coordinates(points, cage), expected, rtol=0, atol=1e-11)


def test_octahedron_centre_has_equal_weights():
    weights = mean_value_coordinates(torch.zeros(1, 3).double(), octahedron())
    torch.testing.assert_close(weights, torch.full((1, 6), 1 / 6, dtype=torch.float64), rtol=0, atol=1e-14)


@pytest.mark.parametrize("distance", [1e-15, 1e-14, 1e-13, 1e-12, 1e-10, 1e-8, 1e-6])
def test_continuous_next_to_faces_edges_and_vertices(distance: float):
    generator = torch.Generator().manual_seed(5)
    for cage in CAGES.values():
        for share in ([0.2, 0.5, 0.3], [0.4, 0.6, 0.0], [1.0, 0.0, 0.0]):
            barycentric = torch.tensor(share, dtype=torch.float64)
            surface = (cage.vertices[cage.faces] * barycentric[:, None]).sum(1)
            points = surface + distance * torch.randn(surface.shape, generator=generator).double()
            weights = mean_value_coordinates(points, cage)
            assert weights.isfinite().all()
            assert (weights.sum(1) - 1).abs().max() <= 1e-12
            assert (weights @ cage.vertices - points).abs().max() <= 1e-12
            expected = torch.zeros_like(weights).scatter_add_(1, cage.faces, barycentric.expand(len(points), 3))
            assert (weights - expected).abs().max() <= 1e3 * distance + 2e-8


def test_plane_of_a_face_outside_the_face():
    cage = cube_with_notch()
    # The plane of the notched face (4, 5, 8) passes through the inside; walk through it.
    a, b, c = cage.vertices[cage.faces[2]]
    normal = torch.linalg.cross(b - a, c - a)
    on_plane = a + 0.5 * (b - a) + 1.2 * (c - (a + b) / 2)
    heights = torch.tensor([-1e-3, -1e-6, -1e-9, -1e-12, 0, 1e-12, 1e-9, 1e-6, 1e-3]).double()
    weights = mean_value_coordinates(on_plane + heights[:, None] * normal / normal.norm(), cage)
    change = (weights - weights[4]).abs().amax(1)
    assert (change <= 10 * heights.abs() + 2e-8).all()


def test_degenerate_faces_change_nothing():
    cage = octahedron()
    sliver = torch.tensor([[0, 0, 2], [2, 4, 2]])
    points = inside(cage, 30)
    with_slivers = cage.replace(faces=torch.cat([cage.faces, sliver]))
    expected = mean_value_coordinates(points, cage)
    torch.testing.assert_close(mean_value_coordinates(points, with_slivers), expected, rtol=0, atol=1e-13)


def test_degenerate_faces_that_close_the_cage_change_nothing():
    """An edge split in the middle on one side only, the gap closed by a face without area; and one doubled vertex."""
    cage = octahedron()
    middle, double = (cage.vertices[0] + cage.vertices[2]) / 2, cage.vertices[4]
    vertices = torch.cat([cage.vertices, middle[None], double[None]])
    split = [[0, 6, 7], [6, 2, 7], [0, 2, 6], [2, 1, 4], [1, 3, 4], [3, 0, 4], [0, 7, 4], [7, 2, 4]]
    broken = Mesh(vertices, torch.cat([torch.tensor(split), cage.faces[4:]]))
    assert broken.is_closed()
    points = torch.cat([inside(cage, 30), middle[None], double[None], 0.7 * middle[None] + 0.3 * cage.vertices[:1]])
    weights = mean_value_coordinates(points, broken)
    assert weights.isfinite().all()
    assert (weights.sum(1) - 1).abs().max() <= 1e-12
    assert (weights @ vertices - points).abs().max() <= 1e-10
    merged = weights[:, :6].clone()
    merged[:, 4] += weights[:, 7]
    merged[:, [0, 2]] += weights[:, 6:7] / 2
    torch.testing.assert_close(merged[:30], mean_value_coordinates(points[:30], cage), rtol=0, atol=1e-9)


def test_orientation_scale_and_place_do_not_matter():
    cage, points = icosphere(1), inside(icosphere(1), 30)
    expected = mean_value_coordinates(points, cage)
    flipped = cage.replace(faces=cage.faces.flip(1))
    shift = torch.tensor([3.0, -2.0, 1.0]).double()
    moved = cage.replace(vertices=cage.vertices * 1e-3 + shift)
    torch.testing.assert_close(mean_value_coordinates(points, flipped), expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(mean_value_coordinates(points * 1e-3 + shift, moved), expected, rtol=0, atol=1e-9)


def test_known_figures_of_the_published_cage():
    """162 template vertices in 642 handles at radius 2.1: weights and spectrum as published."""
    cage = icosphere(3)
    cage = cage.replace(vertices=2.1 * cage.vertices)
    weights = mean_value_coordinates(icosphere(2).vertices, cage)
    assert weights.min() == pytest.approx(3.1e-4, rel=0.02)
    assert weights.max() == pytest.approx(9.7e-3, rel=0.02)
    strength = torch.linalg.svdvals(weights)
    assert int((strength > 1e-2 * strength[0]).sum()) == 49
    assert strength[1] / strength[0] == pytest.approx(1 / 2.1, rel=0.02)


def test_no_points_give_no_rows():
    assert mean_value_coordinates(torch.zeros(0, 3), octahedron()).shape == (0, 6)


def test_far_from_the_origin_and_single_precision():
    cage, points = icosphere(1), inside(icosphere(1), 30)
    expected = mean_value_coordinates(points, cage)
    single = mean_value_coordinates(points.float(), cage.to(dtype=torch.float32))
    assert single.dtype == torch.float32
    torch.testing.assert_close(single.double(), expected, rtol=0, atol=1e-5)
    far = torch.tensor([500.0, 0.0, -300.0]).double()
    weights = mean_value_coordinates(points + far, cage.replace(vertices=cage.vertices + far))
    torch.testing.assert_close(weights, expected, rtol=0, atol=1e-9)
    assert (weights.sum(1) - 1).abs().max() <= 1e-12
