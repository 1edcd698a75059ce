"""Scenes that cannot be drawn are refused with a sentence."""

import math

import pytest
import torch

from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.errors import InputError
from dig_framework.testing.scenes import single_sphere


@pytest.mark.parametrize("index", [-1, 10**6])
def test_a_face_of_a_vertex_that_is_not_there(index):
    view = single_sphere(16)
    item = view.scene.objects[0]
    faces = torch.cat([item.mesh.faces, torch.tensor([[0, 1, index]])])
    scene = view.scene.replace(objects=(item.replace(mesh=item.mesh.replace(faces=faces)),))
    with pytest.raises(InputError, match=rf"object '{item.label}': a face names vertex {index}, but its \d+ vertices"):
        RasterRenderer().render(scene, view.camera)


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize(
    "name", ["objects.0.mesh.vertices", "objects.0.pose.rotation", "objects.0.material.color", "lights.0.position"]
)
def test_what_is_not_finite_is_named(name, value):
    view = single_sphere(16)
    broken = view.scene.tensors()[name].clone()
    broken.view(-1)[0] = value
    with pytest.raises(InputError, match=f"the scene's tensor {name} holds numbers that are not finite"):
        RasterRenderer().render(view.scene.with_tensors({name: broken}), view.camera)


def test_a_camera_that_is_not_finite_is_named():
    view = single_sphere(16)
    camera = view.camera.with_tensors({"intrinsics": torch.full((3, 3), math.nan)})
    with pytest.raises(InputError, match="the camera's tensor intrinsics"):
        RasterRenderer().render(view.scene, camera)


def test_second_derivatives_are_refused():
    view = single_sphere(16)
    corners = view.scene.objects[0].mesh.vertices.clone().requires_grad_()
    render = RasterRenderer().render(view.scene.with_tensors({"objects.0.mesh.vertices": corners}), view.camera)
    (gradient,) = torch.autograd.grad(render.color.square().sum(), corners, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        (gradient.sum() + corners.sum()).backward()
