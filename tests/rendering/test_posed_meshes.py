"""Vertices and normals as the camera sees them by kernel, against those by torch."""

import pytest
import torch

from dig_framework.mesh import Mesh
from dig_framework.rendering.posed_meshes import posed_meshes
from dig_framework.testing.solids import sphere_mesh


def uneven(dtype):
    mesh = sphere_mesh(0.1, 2)
    noise = 0.01 * torch.randn(mesh.vertices.shape, generator=torch.Generator().manual_seed(0))
    return (mesh.vertices + noise).to(dtype), mesh.faces


def vertex_normals(vertices, faces):
    still = torch.eye(3, dtype=vertices.dtype)
    return posed_meshes([vertices], faces, still[None], vertices.new_zeros(1, 3), still)[1]


@pytest.mark.parametrize(("dtype", "bound"), [(torch.float32, 1e-4), (torch.float64, 1e-11)])
def test_values_and_gradients_are_those_of_the_mesh(dtype, bound):
    vertices, faces = uneven(dtype)
    weights = torch.randn(vertices.shape, generator=torch.Generator().manual_seed(1)).to(dtype)
    found = []
    for normals_of in (vertex_normals, lambda v, f: Mesh(v, f).vertex_normals()):
        leaf = vertices.clone().requires_grad_()
        normals = normals_of(leaf, faces)
        (gradient,) = torch.autograd.grad((normals * weights).sum(), leaf)
        found.append((normals.detach(), gradient))
    (kernel, kernel_gradient), (torch_normals, torch_gradient) = found
    assert kernel.dtype == dtype
    assert (kernel - torch_normals).abs().max() < bound
    assert (kernel_gradient - torch_gradient).abs().max() < bound * torch_gradient.abs().max()


def test_gradients_by_central_differences():
    vertices, faces = uneven(torch.float64)
    assert torch.autograd.gradcheck(lambda v: vertex_normals(v, faces)[:5], vertices.clone().requires_grad_())


def test_vertices_without_a_face_or_of_faces_without_area_have_no_normal_and_no_nan():
    vertices = torch.tensor([[0.0, 0, 0], [1, 0, 0], [2, 0, 0], [5, 5, 5]], dtype=torch.float64, requires_grad=True)
    normals = vertex_normals(vertices, torch.tensor([[0, 1, 2]]))
    normals.sum().backward()
    assert normals.tolist() == [[0.0] * 3] * 4
    assert vertices.grad.isfinite().all()


def test_everything_posed_by_central_differences():
    vertices, faces = uneven(torch.float64)
    generator = torch.Generator().manual_seed(2)
    turns, shifts, intrinsics = (
        torch.randn(size, generator=generator).double() for size in ((2, 3, 3), (2, 3), (3, 3))
    )
    leaves = [
        part.requires_grad_() for part in (turns, shifts, intrinsics, vertices[:30].clone(), vertices[30:].clone())
    ]

    def posed(turns, shifts, intrinsics, *parts):
        return [part[25:35] for part in posed_meshes(parts, faces, turns, shifts, intrinsics)]

    assert torch.autograd.gradcheck(posed, leaves)
    points = torch.cat([vertices[:30] @ turns[0] + shifts[0], vertices[30:] @ turns[1] + shifts[1]])
    seen, normals = posed_meshes(leaves[3:], faces, *leaves[:3])
    assert torch.allclose(seen, points @ intrinsics.T)
    assert torch.allclose(normals, Mesh(points, faces).vertex_normals())
