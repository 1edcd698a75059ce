import itertools

import numpy as np
import pytest
import torch

from dig_framework.builtin.deformation_green import GreenCage
from dig_framework.builtin.deformation_mean_value import MeanValueCage
from dig_framework.builtin.deformation_per_vertex import PerVertex
from dig_framework.builtin.deformation_spherical_harmonics import SphericalHarmonics
from dig_framework.icosphere import icosphere
from dig_framework.interfaces.deformation import Deformation
from dig_framework.mesh import Mesh
from dig_framework.metrics.self_intersection import self_intersections
from dig_framework.metrics.surface import surface_of
from dig_framework.unfolding import crossing_faces, flipped_faces, unfolded


def triangles(*corners: list[list[float]]) -> Mesh:
    vertices = torch.tensor(corners, dtype=torch.float64).reshape(-1, 3)
    return Mesh(vertices, torch.arange(len(vertices)).reshape(-1, 3))


def pierced(start: np.ndarray, end: np.ndarray, face: np.ndarray) -> bool:
    """Solve for where a segment meets the plane of a triangle, in its own coordinates."""
    system = np.stack([face[1] - face[0], face[2] - face[0], start - end], 1)
    u, v, along = np.linalg.solve(system, start - face[0])
    return bool(u > 0 and v > 0 and u + v < 1 and 0 < along < 1)


def crossing_by_solving(mesh: Mesh) -> list[bool]:
    """Every side against every face; for corners in general position, where sides that share one meet it there."""
    places, faces = mesh.vertices.numpy(), mesh.faces.tolist()
    found = [False] * len(faces)
    for one, other in itertools.permutations(range(len(faces)), 2):
        for start, end in itertools.combinations(faces[one], 2):
            apart = not {start, end} & set(faces[other])
            if apart and pierced(places[start], places[end], places[faces[other]]):
                found[one] = found[other] = True
    return found


FLAT = [[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize(
    ("other", "cross"),
    [
        ([[0.2, 0.2, -1], [0.3, 0.2, 1], [0.2, 0.3, 1]], True),
        ([[0.2, 0.2, 0], [0.3, 0.2, 1], [0.2, 0.3, 1]], False),
        ([[0.2, 0.2, 0], [0.3, 0.2, 0], [0.2, 0.3, 0]], False),
        ([[2.2, 0.2, -1], [2.3, 0.2, 1], [2.2, 0.3, 1]], False),
        ([[0.0, 0, 0], [0.3, 0.3, 0.2], [0.3, 0.3, -0.2]], True),
        ([[0.0, 0, 0], [0.3, 0.3, 0.2], [0.2, 0.3, 0.1]], False),
        ([[0.0, 0, 0], [1, 0, 0], [0.2, 0.2, 1e-9]], False),
    ],
)
def test_two_faces(other: list[list[float]], cross: bool):
    assert crossing_faces(triangles(FLAT, other)).tolist() == [cross, cross]


@pytest.mark.parametrize("seed", range(5))
def test_crossing_faces_are_those_found_by_solving(seed: int):
    generator = torch.Generator().manual_seed(seed)
    vertices = torch.rand(14, 3, generator=generator, dtype=torch.float64)
    faces = torch.stack([torch.randperm(14, generator=generator)[:3] for _ in range(16)])
    mesh = Mesh(vertices, faces)
    expected = crossing_by_solving(mesh)
    assert any(expected)
    assert crossing_faces(mesh).tolist() == expected


def test_two_balls_cross_along_a_ring_and_one_does_not():
    ball = icosphere(2)
    both = Mesh(torch.cat([ball.vertices, ball.vertices + 0.9]), torch.cat([ball.faces, ball.faces + 162]))
    assert not crossing_faces(ball).any()
    crossing = crossing_faces(both)
    assert 0 < crossing[:320].sum() < 160
    assert self_intersections(surface_of(both)) > 0
    assert torch.equal(crossing_faces(both.replace(faces=both.faces.flip(0))), crossing.flip(0))


def test_faces_flip_where_a_vertex_is_pushed_through():
    ball = icosphere(2)
    assert not flipped_faces(ball, ball.replace(vertices=3 * ball.vertices + 1)).any()
    assert flipped_faces(ball, ball.replace(vertices=-ball.vertices)).all()
    assert flipped_faces(ball, ball.replace(vertices=0 * ball.vertices)).all()


def test_nothing_changes_without_folds():
    ball = icosphere(2)
    egg = ball.replace(vertices=ball.vertices * torch.tensor([1.0, 1.4, 0.7]).double())
    found = unfolded(ball, egg)
    assert found.mesh is egg
    assert found.folded == 0
    assert (found.share == 1).all()


def test_a_vertex_pushed_through_the_ball_is_taken_back_alone():
    ball = icosphere(2)
    pushed = 1.1 * ball.vertices
    pushed[0] = -0.5 * ball.vertices[0]
    found = unfolded(ball, ball.replace(vertices=pushed))
    assert found.folded >= 5
    assert not (flipped_faces(ball, found.mesh) | crossing_faces(found.mesh)).any()
    far = ball.vertices @ ball.vertices[0] < 0.5
    torch.testing.assert_close(found.mesh.vertices[far], pushed[far], rtol=0, atol=1e-12)
    assert found.share[0] < 1
    assert found.mesh.is_closed()
    assert found.mesh.volume() > 0


def test_an_everted_ball_stops_before_the_middle():
    ball = icosphere(1)
    found = unfolded(ball, ball.replace(vertices=-ball.vertices))
    assert found.folded == len(ball.faces)
    assert ((found.share > 0.48) & (found.share < 0.5)).all()


@pytest.mark.parametrize("deformation", [MeanValueCage(), GreenCage(), PerVertex(smoothing=0), SphericalHarmonics()])
def test_nothing_is_folded_after_wild_deformations(deformation: Deformation):
    ball = icosphere(2)
    binding = deformation.bind(ball)
    generator = torch.Generator().manual_seed(3)
    values = {
        name: value + 0.3 * torch.randn(value.shape, generator=generator).double()
        for name, value in binding.parameters.items()
    }
    deformed = deformation.deform(binding, values)
    found = unfolded(ball, deformed)
    assert found.folded > 0
    assert not (flipped_faces(ball, found.mesh) | crossing_faces(found.mesh)).any()
    assert 0 < found.share.mean() < 1
    assert found.mesh.is_closed()
    path = found.share[:, None] * (deformed.vertices - ball.vertices)
    torch.testing.assert_close(found.mesh.vertices, ball.vertices + path, rtol=0, atol=1e-12)


def test_what_cuts_at_the_start_does_not_stop_the_rest():
    ball = icosphere(2)
    both = Mesh(torch.cat([ball.vertices, ball.vertices + 0.9]), torch.cat([ball.faces, ball.faces + 162]))
    moved = both.vertices.clone()
    moved[162:] += 0.05
    assert unfolded(both, both.replace(vertices=moved)).folded == 0
    moved[0] = -1.5 * both.vertices[0]
    assert unfolded(both, both.replace(vertices=moved)).folded > 0


def test_doubled_corners_of_a_seam_stay_together():
    ball = icosphere(2)
    loose = Mesh(ball.vertices[ball.faces].reshape(-1, 3), torch.arange(960).reshape(-1, 3))
    index = ball.faces.reshape(-1)
    pushed = ball.vertices.clone()
    pushed[0] = -1.5 * ball.vertices[0]
    joined, apart = (unfolded(mesh, mesh.replace(vertices=to)) for mesh, to in ((ball, pushed), (loose, pushed[index])))
    assert joined.folded == apart.folded
    torch.testing.assert_close(apart.mesh.vertices, joined.mesh.vertices[index], rtol=0, atol=1e-12)
    assert not flipped_faces(loose, apart.mesh).any()


def test_a_mesh_without_faces():
    mesh = Mesh(torch.zeros(3, 3), torch.zeros(0, 3, dtype=torch.int64))
    assert unfolded(mesh, mesh).folded == 0


def test_vertices_that_no_face_uses():
    ball = icosphere(0)
    more = ball.replace(
        vertices=torch.cat(
            [9 + torch.rand(100, 3, generator=torch.Generator().manual_seed(0)).double(), ball.vertices]
        ),
        faces=ball.faces + 100,
    )
    assert not crossing_faces(more).any()
    assert unfolded(more, more.replace(vertices=2 * more.vertices)).folded == 0
