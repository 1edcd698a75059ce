import torch

from dig_framework.mesh import Mesh
from dig_framework.subdivision import subdivided
from dig_framework.testing.solids import box_mesh


def test_a_subdivided_box_is_the_same_surface():
    mesh = box_mesh(0.2, 0.3, 0.5, dtype=torch.float64)
    finer = subdivided(subdivided(mesh))
    assert len(finer.faces) == 16 * len(mesh.faces)
    assert finer.is_closed()
    assert torch.equal(finer.vertices[:8], mesh.vertices)
    assert torch.allclose(finer.volume(), mesh.volume(), rtol=1e-14)
    areas = finer.face_normals().norm(dim=1).sort().values
    assert torch.allclose(areas, mesh.face_normals().norm(dim=1).sort().values.repeat_interleave(16) / 16, rtol=1e-12)


def test_colours_are_split_with_the_positions():
    corners = torch.tensor([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], dtype=torch.float64)
    finer = subdivided(Mesh(corners, torch.tensor([[0, 1, 2]]), colors=0.3 * corners + 0.1))
    assert torch.allclose(finer.colors, 0.3 * finer.vertices + 0.1, rtol=0, atol=1e-15)
