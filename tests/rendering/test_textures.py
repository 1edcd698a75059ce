"""Textures on surfaces: colours where they belong, and derivatives."""

import pytest
import torch

from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.camera import Camera
from dig_framework.light import Light
from dig_framework.material import Material
from dig_framework.mesh import Mesh
from dig_framework.pose import Pose
from dig_framework.scene import Scene, SceneObject

SIZE = 33


def card(texture, uv=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))):
    """A square that fills the image, lit alike everywhere: texture rows are image rows."""
    half = 0.5
    corners = torch.tensor([[-half, -half, 1.0], [half, -half, 1.0], [half, half, 1.0], [-half, half, 1.0]]).double()
    faces = torch.tensor([[0, 2, 1], [0, 3, 2]])
    one = torch.ones(()).double()
    plain = Material(torch.ones(3).double(), one, 0 * one, 0 * one, one)
    mesh = Mesh(corners, faces, uv=torch.tensor(uv).double(), texture=texture)
    pose = Pose(torch.zeros(3).double(), torch.zeros(3).double())
    light = Light(torch.zeros(3).double(), torch.ones(3).double())
    return Scene((SceneObject("card", 0, mesh, pose, plain, torch.ones(3).double()),), (light,))


def camera():
    """Sees the card from edge to edge: pixel k is at (k + 1/2) / SIZE of the card."""
    middle = (SIZE - 1) / 2
    return Camera.from_focal(float(SIZE), float(SIZE), middle, middle, SIZE, SIZE)


@pytest.fixture(params=["walked", "neighbours"])
def renderer(request):
    return RasterRenderer(silhouettes=request.param)


def test_texels_are_where_they_belong(renderer):
    """As many texels as pixels: the image is the texture, up to the outermost pixels."""
    texture = torch.rand(SIZE, SIZE, 3, generator=torch.Generator().manual_seed(0)).double()
    color = renderer.render(card(texture), camera()).color
    torch.testing.assert_close(color[1:-1, 1:-1], texture[1:-1, 1:-1], rtol=0, atol=1e-5)


def test_textures_multiply_vertex_colours_and_material(renderer):
    scene = card(torch.full((4, 4, 3), 0.5).double())
    item = scene.objects[0]
    mesh = item.mesh.replace(colors=torch.full((4, 3), 0.5).double())
    dark = item.material.replace(color=torch.tensor([1.0, 0.5, 0.25]).double())
    color = renderer.render(scene.replace(objects=(item.replace(mesh=mesh, material=dark),)), camera()).color
    torch.testing.assert_close(color[5, 5], 0.25 * dark.color, rtol=0, atol=1e-5)


def test_textures_repeat(renderer):
    texture = torch.rand(SIZE, SIZE, 3, generator=torch.Generator().manual_seed(0)).double()
    shifted = card(texture, ((1.0, -2.0), (2.0, -2.0), (2.0, -1.0), (1.0, -1.0)))
    first, second = (renderer.render(scene, camera()).color for scene in (card(texture), shifted))
    torch.testing.assert_close(first[1:-1, 1:-1], second[1:-1, 1:-1], rtol=0, atol=1e-5)


def test_objects_without_texture_stay_as_they_are(renderer):
    scene = card(torch.zeros(2, 2, 3).double())
    item = scene.objects[0]
    bare = item.replace(mesh=item.mesh.replace(texture=None, uv=None))
    beside = bare.replace(pose=bare.pose.replace(translation=torch.tensor([0.5, 0.0, -0.01]).double()))
    color = renderer.render(scene.replace(objects=(item, beside)), camera()).color
    assert float(color[16, 4].abs().max()) == 0
    torch.testing.assert_close(color[16, -4], torch.ones(3).double(), rtol=0, atol=1e-6)


def test_derivatives_of_textures_and_their_places(renderer):
    generator = torch.Generator().manual_seed(2)
    texture = torch.rand(3, 4, 3, generator=generator).double()
    uv = torch.tensor([[0.13, 0.11], [0.71, 0.17], [0.83, 0.79], [0.19, 0.73]]).double()
    weight = torch.randn(SIZE, SIZE, 3, generator=generator).double()
    scene = card(texture)

    def total(texture, uv):
        moved = scene.with_tensors({"objects.0.mesh.texture": texture, "objects.0.mesh.uv": uv})
        return (renderer.render(moved, camera()).color * weight).sum()

    leaves = [texture.requires_grad_(), uv.requires_grad_()]
    assert torch.autograd.gradcheck(total, leaves, eps=1e-6, atol=1e-5, rtol=1e-4, fast_mode=True)
