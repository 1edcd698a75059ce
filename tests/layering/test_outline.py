import torch

from dig_framework.layering.outline import outline, welded
from dig_framework.testing.solids import box_mesh


def test_a_closed_mesh_has_none():
    assert len(outline(box_mesh(1.0, 1.0, 1.0).faces)[0]) == 0


def test_a_square_of_two_triangles_has_four_sides():
    faces = torch.tensor([[4, 5, 6], [4, 6, 7]])
    face, corner = outline(faces)
    found = {(int(faces[f, c]), int(faces[f, (c + 1) % 3])) for f, c in zip(face, corner, strict=True)}
    assert found == {(4, 5), (5, 6), (6, 7), (7, 4)}


def test_a_seam_is_no_outline():
    """The diagonal's ends are there twice, as at a texture's seam."""
    corners = torch.tensor([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 0], [1, 1, 0], [0, 1, 0]])
    faces = torch.tensor([[0, 1, 2], [3, 4, 5]])
    assert len(outline(faces)[0]) == 6
    assert len(outline(welded(corners, faces))[0]) == 4


def test_no_faces_have_none():
    assert len(outline(torch.zeros(0, 3, dtype=torch.int64))[0]) == 0
