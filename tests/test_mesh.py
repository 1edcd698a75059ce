"""Meshes: normals, volume, edges, closedness."""

import math

import pytest
import torch

from dig_framework.mesh import Mesh
from dig_framework.testing.solids import box_mesh, sphere_mesh


def test_box_volume_and_areas():
    mesh = box_mesh(0.2, 0.3, 0.5, dtype=torch.float64)
    assert float(mesh.volume()) == pytest.approx(0.03, rel=1e-12)
    areas = mesh.face_normals().norm(dim=1) / 2
    assert float(areas.sum()) == pytest.approx(2 * (0.06 + 0.1 + 0.15), rel=1e-12)


def test_volume_does_not_depend_on_the_origin():
    mesh = box_mesh(0.2, 0.3, 0.5, dtype=torch.float64)
    assert float(mesh.replace(vertices=mesh.vertices + 7).volume()) == pytest.approx(0.03, rel=1e-9)
    assert float(mesh.replace(faces=mesh.faces.flip(1)).volume()) == pytest.approx(-0.03, rel=1e-12)


def test_vertex_normals_of_a_sphere_point_outward():
    mesh = sphere_mesh(0.1, 3, dtype=torch.float64)
    cosine = (mesh.vertex_normals() * mesh.vertices / 0.1).sum(1)
    assert float(cosine.min()) > math.cos(math.radians(1))


def test_normal_of_an_unused_vertex_is_zero_not_nan():
    mesh = box_mesh(1.0, 1.0, 1.0)
    lonely = mesh.replace(vertices=torch.cat([mesh.vertices, torch.zeros(1, 3)]))
    assert torch.equal(lonely.vertex_normals()[-1], torch.zeros(3))


@pytest.mark.parametrize("subdivisions", [0, 1, 2])
def test_edges_satisfy_euler(subdivisions):
    mesh = sphere_mesh(1.0, subdivisions)
    edges = mesh.edges()
    assert len(mesh.vertices) - len(edges) + len(mesh.faces) == 2
    assert bool((edges[:, 0] < edges[:, 1]).all())


def test_closedness():
    mesh = box_mesh(1.0, 1.0, 1.0)
    turned = mesh.faces.clone()
    turned[3] = turned[3].flip(0)
    assert mesh.is_closed()
    assert not mesh.replace(faces=mesh.faces[1:]).is_closed()
    assert not mesh.replace(faces=turned).is_closed()
    assert not mesh.replace(faces=torch.cat([mesh.faces, mesh.faces[:1]])).is_closed()
    assert not mesh.replace(faces=torch.cat([mesh.faces, torch.tensor([[0, 0, 7]])])).is_closed()
    assert not Mesh(torch.zeros(0, 3), torch.zeros(0, 3, dtype=torch.int64)).is_closed()


def test_gradients():
    mesh = box_mesh(0.2, 0.3, 0.5, dtype=torch.float64)
    vertices = mesh.vertices.clone().requires_grad_()

    def measured(moved):
        changed = mesh.replace(vertices=moved)
        return changed.volume(), changed.face_normals(), changed.vertex_normals()

    assert torch.autograd.gradcheck(measured, (vertices,))
