import dataclasses
from typing import ClassVar

import pytest
import torch
from rasterizer_twin import nearest_faces

from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.camera import Camera
from dig_framework.interfaces import Renderer
from dig_framework.layering import draw_layers
from dig_framework.layering.draw import Look
from dig_framework.testing import RendererConformance
from dig_framework.testing.scenes import box_on_table, single_sphere, two_spheres

DOUBLE = torch.float64


class Layered(Renderer):
    differentiable: ClassVar[frozenset[str]] = frozenset({"color", "depth", "masks"})
    deterministic: ClassVar[bool] = False

    def render(self, scene, camera):
        return draw_layers(scene, camera, Look(), nearest_faces)


class TestLayered(RendererConformance):
    component = Layered()
    gradient_samples = 2


@pytest.mark.parametrize(
    "look", [Look(), Look(flat=True), Look(reflectance="microfacet"), Look(background=(0.0, 0.0, 0.5))]
)
def test_agrees_with_the_built_in_renderer(look):
    truth = two_spheres(40, subdivisions=2)
    ours = draw_layers(truth.scene, truth.camera, look, nearest_faces)
    theirs = RasterRenderer(
        shading="flat" if look.flat else "smooth", reflectance=look.reflectance, background=look.background
    ).render(truth.scene, truth.camera)
    for name, bound in (("masks", 2e-3), ("color", 2e-3), ("depth", 1e-3)):
        assert float((getattr(ours, name) - getattr(theirs, name)).abs().mean()) < bound
    assert float((ours.ids != theirs.ids).float().mean()) < 5e-3


def test_a_plane_without_material_is_not_lit():
    truth = box_on_table(20)
    scene = truth.scene.replace(plane=dataclasses.replace(truth.scene.plane, material=None))
    render = draw_layers(scene, truth.camera, Look(background=(0.1, 0.2, 0.3)), nearest_faces)
    assert torch.allclose(render.color[render.ids == -1][0], torch.tensor([0.1, 0.2, 0.3]), atol=1e-6)
    assert float(render.depth.min()) > 0


@pytest.mark.parametrize("density", [2, 3, 4])
def test_area_does_not_depend_on_how_finely_a_mesh_is_divided(density):
    """d(area) / d(scale) of a disc is twice its area, within 2 %."""
    truth = single_sphere(97, density, DOUBLE)
    scale = torch.ones(3, dtype=DOUBLE, requires_grad=True)
    scene = truth.scene.with_tensors({"objects.0.scale": scale})
    area = draw_layers(scene, truth.camera, Look(), nearest_faces).masks.sum()
    (slope,) = torch.autograd.grad(area, scale)
    # The image of a sphere grows a little faster than the sphere: area goes with r^2 / (z^2 - r^2).
    expected = 2 * float(area.detach()) * 0.25 / (0.25 - 0.0025)
    assert float(slope.sum()) == pytest.approx(expected, rel=0.02)


def test_gradients_of_a_smooth_case_are_exact():
    """A tilted triangle, float64, against finite differences of the same drawing."""
    corners = torch.tensor([[2.2, 1.3, 1.0], [9.1, 3.2, 1.4], [3.7, 8.6, 0.8]], dtype=DOUBLE)
    camera = Camera.from_focal(1.0, 1.0, 0.0, 0.0, 12, 11, dtype=DOUBLE)
    truth = single_sphere(9, 1, DOUBLE)
    item = truth.scene.objects[0]
    points = torch.cat([corners[:, :2] * corners[:, 2:], corners[:, 2:]], 1)
    # Seen from its front.
    mesh = item.mesh.replace(faces=torch.tensor([[0, 2, 1]]), vertices=points)
    pose = item.pose.replace(translation=torch.zeros(3, dtype=DOUBLE))
    scene = truth.scene.replace(objects=(item.replace(mesh=mesh, pose=pose),))

    def images(vertices):
        drawn = draw_layers(scene.with_tensors({"objects.0.mesh.vertices": vertices}), camera, Look(), nearest_faces)
        return drawn.color, drawn.depth, drawn.masks

    assert float(images(points)[2].sum()) > 15
    assert torch.autograd.gradcheck(images, points.requires_grad_(), eps=1e-6, atol=1e-4, fast_mode=True)
