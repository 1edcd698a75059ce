"""Scenes that cannot be drawn are refused with a sentence."""

import math

import pytest
import torch

from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.errors import InputError
from dig_framework.light import AmbientLight
from dig_framework.testing.scenes import single_sphere, two_spheres


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


@pytest.mark.parametrize("name", ["objects.0.pose.rotation", "lights.0.position", "plane.offset"])
def test_numbers_too_large_to_be_squared_are_named(name):
    view = two_spheres(16)
    large = torch.full_like(view.scene.tensors()[name], -2e6)
    with pytest.raises(InputError, match=f"the scene's tensor {name} holds 2e\\+06; numbers up to 1e\\+06"):
        RasterRenderer().render(view.scene.with_tensors({name: large}), view.camera)


def test_a_negative_shininess_counts_as_zero():
    view = single_sphere(16)
    images = [
        RasterRenderer().render(
            view.scene.with_tensors({"objects.0.material.shininess": torch.tensor(value)}), view.camera
        )
        for value in (-50.0, 0.0)
    ]
    assert torch.equal(images[0].color, images[1].color)


def with_wrong(record, field, value):
    """Return a copy of a record whose field holds what its annotation, which tests check, forbids."""
    copy = record.replace()
    object.__setattr__(copy, field, value)
    return copy


MESHES = [
    ("colors", torch.ones(3, 3), r"mesh.colors must have shape \[\d+, 3\]; it has \[3, 3\]"),
    ("colors", torch.ones(3), r"mesh.colors must have shape \[\d+, 3\]; it has \[3\]"),
    ("vertices", torch.ones(9, 2), r"mesh.vertices must have shape \[vertices, 3\]; it has \[9, 2\]"),
    ("vertices", torch.ones(9, 3, dtype=torch.int64), "mesh.vertices has dtype torch.int64; use float32 or float64"),
    ("vertices", torch.ones(9, 3, dtype=torch.float16), "mesh.vertices has dtype torch.float16"),
    ("vertices", [1.0], "mesh.vertices must be a torch tensor, not list"),
    ("faces", torch.ones(9, 4, dtype=torch.int64), r"mesh.faces must have shape \[faces, 3\]"),
    ("faces", torch.ones(9, 3), "mesh.faces has dtype torch.float32; use whole numbers"),
    ("uv", torch.ones(3, 2), r"mesh.uv must have shape \[\d+, 2\]; it has \[3, 2\]"),
    ("texture", torch.ones(4, 4, 4), r"mesh.texture must have shape \[rows, columns, 3\]"),
    ("texture", torch.ones(4, 4, 3, dtype=torch.uint8), "mesh.texture has dtype torch.uint8"),
    ("texture", torch.ones(0, 4, 3), "its texture of shape .* has no texels"),
    ("texture", torch.ones(4, 4, 3), "it has a texture but no uv"),
]


@pytest.mark.parametrize(("field", "value", "message"), MESHES)
def test_meshes_that_are_not_shaped_as_they_say(field, value, message):
    view = single_sphere(16)
    item = view.scene.objects[0]
    scene = view.scene.replace(objects=(item, with_wrong(item, "mesh", with_wrong(item.mesh, field, value))))
    with pytest.raises(InputError, match=message):
        RasterRenderer().render(scene, view.camera)


def test_lights_and_materials_that_are_not_shaped_as_they_say():
    view = single_sphere(16)
    item = view.scene.objects[0]
    ambient = with_wrong(AmbientLight.uniform(torch.ones(3)), "coefficients", torch.ones(16, 3))
    with pytest.raises(InputError, match=r"lights.0.coefficients must have shape \[9, 3\]; it has \[16, 3\]"):
        RasterRenderer().render(with_wrong(view.scene, "lights", (ambient,)), view.camera)
    shiny = with_wrong(item, "material", with_wrong(item.material, "shininess", torch.ones(1)))
    with pytest.raises(InputError, match=r"objects.0.material.shininess must have shape \[\]; it has \[1\]"):
        RasterRenderer().render(with_wrong(view.scene, "objects", (shiny,)), view.camera)


CAMERAS = [
    ("width", 0, "width is 0; it must be a whole number"),
    ("height", -1, "height is -1"),
    ("width", 4.5, "width is 4.5"),
    ("intrinsics", torch.zeros(3, 3), "intrinsics have no inverse"),
    ("intrinsics", torch.eye(4), r"camera's tensor intrinsics must have shape \[3, 3\]"),
]


@pytest.mark.parametrize(("field", "value", "message"), CAMERAS)
def test_cameras_without_an_image(field, value, message):
    view = single_sphere(16)
    with pytest.raises(InputError, match=message):
        RasterRenderer().render(view.scene, with_wrong(view.camera, field, value))


def test_a_texture_that_is_not_finite_is_named():
    view = single_sphere(16)
    item = view.scene.objects[0]
    mesh = item.mesh.replace(uv=torch.zeros(len(item.mesh.vertices), 2), texture=torch.full((2, 2, 3), math.nan))
    with pytest.raises(InputError, match=r"tensor objects.0.mesh.texture holds numbers that are not finite"):
        RasterRenderer().render(view.scene.replace(objects=(item.replace(mesh=mesh),)), view.camera)


def test_second_derivatives_are_refused():
    view = single_sphere(16)
    corners = view.scene.objects[0].mesh.vertices.clone().requires_grad_()
    render = RasterRenderer().render(view.scene.with_tensors({"objects.0.mesh.vertices": corners}), view.camera)
    (gradient,) = torch.autograd.grad(render.color.square().sum(), corners, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        (gradient.sum() + corners.sum()).backward()
