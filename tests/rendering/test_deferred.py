"""Kernels against their readable twin in torch: the same images and the same derivatives, for all that is drawn."""

import pytest
import torch

from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.light import AmbientLight, DirectionalLight
from dig_framework.rendering.deferred import draw_deferred
from dig_framework.rendering.draw import draw
from dig_framework.rendering.scene_tensors import scene_tensors
from dig_framework.rendering.seen import frame_of
from dig_framework.shading.model import shading_model
from dig_framework.testing.scenes import box_on_table, single_sphere, two_spheres


def randomly_lit(truth):
    """The scene in float64 with one light of each kind and random vertex colours."""
    generator = torch.Generator().manual_seed(0)
    scene = truth.scene.to(dtype=torch.float64)
    lights = (
        *scene.lights,
        DirectionalLight(torch.tensor([0.2, -1.0, -1.0]).double(), torch.full((3,), 0.4).double()),
        AmbientLight(0.2 * torch.randn(9, 3, generator=generator).double()),
    )
    items = tuple(
        item.replace(
            mesh=item.mesh.replace(colors=torch.rand(len(item.mesh.vertices), 3, generator=generator).double())
        )
        for item in scene.objects
    )
    return scene.replace(lights=lights, objects=items)


def images(scene, camera, leaves, flat, walked, drawn):
    scene = scene.with_tensors(leaves)
    tensors = scene_tensors(scene, camera, flat)
    frame = frame_of(scene, camera, tensors, (1.0, 0.5, 0.2), 0.001, walked)
    return drawn(tensors, frame)


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("walked", [False, True])
@pytest.mark.parametrize("make", [two_spheres, box_on_table, single_sphere])
def test_kernels_and_torch_draw_and_differentiate_alike(make, flat, walked):
    truth = make(49)
    scene = randomly_lit(truth)
    leaves = {
        name: value.clone().requires_grad_() for name, value in scene.tensors().items() if value.is_floating_point()
    }
    fast = images(scene, truth.camera, leaves, flat, walked, draw)
    slow = images(scene, truth.camera, leaves, flat, walked, lambda *both: draw_deferred(*both, shading_model("phong")))
    for one, other in zip(fast, slow, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-12)
    generator = torch.Generator().manual_seed(1)
    weights = [torch.randn(image.shape, generator=generator).double() for image in fast[:3]]
    # Runs of pixels whose colour, or nothing at all, is wanted go other ways through the kernels.
    weights[0][:, :16] = 0
    weights[1][:, :8] = 0
    found = [derivatives(drawn, weights, leaves) for drawn in (fast, slow)]
    for name, one, other in zip(leaves, *found, strict=True):
        assert float((one - other).abs().max()) <= 1e-9 * (1 + float(one.abs().max())), name


def derivatives(drawn, weights, leaves):
    total = torch.stack([(weight * image).sum() for weight, image in zip(weights, drawn, strict=False)]).sum()
    return torch.autograd.grad(total, list(leaves.values()), materialize_grads=True, allow_unused=True)


def test_a_loss_on_depth_alone_differentiates_as_the_twin_does():
    truth = two_spheres(49)
    scene = randomly_lit(truth)
    leaves = {
        name: value.clone().requires_grad_() for name, value in scene.tensors().items() if value.is_floating_point()
    }
    found = []
    for drawn in (draw, lambda *both: draw_deferred(*both, shading_model("phong"))):
        seen = images(scene, truth.camera, leaves, False, True, drawn)
        found.append(
            derivatives(seen, [torch.zeros_like(seen[0]), *(torch.ones_like(part) for part in seen[1:3])], leaves)
        )
    for name, one, other in zip(leaves, *found, strict=True):
        assert float((one - other).abs().max()) <= 1e-9 * (1 + float(one.abs().max())), name


def test_normals_of_a_sphere_point_from_its_centre():
    truth = single_sphere(65)
    item = truth.scene.objects[0]
    render = RasterRenderer(normals=True).render(truth.scene, truth.camera)
    inside = render.ids == 0
    points = truth.camera.unproject(render.depth)
    # At silhouettes the depth is an average over the pixel, not that of the centre.
    whole = inside & (render.masks[0] == 1)
    expected = torch.nn.functional.normalize(points - item.pose.translation, dim=-1)
    assert float((render.normals - expected)[whole].abs().max()) < 0.02
    assert float(render.normals[~inside].abs().max()) == 0
    assert float((render.normals[inside].norm(dim=-1) - 1).abs().max()) < 1e-5


def test_normals_are_in_the_frame_of_the_scene():
    """A camera that is turned about its axis sees the same normals elsewhere."""
    truth = single_sphere(33)
    pose = torch.eye(4)
    pose[:2, :2] = torch.tensor([[0.0, 1.0], [-1.0, 0.0]])
    renderer = RasterRenderer(normals=True)
    upright = renderer.render(truth.scene, truth.camera).normals
    turned = renderer.render(truth.scene, truth.camera.replace(camera_from_scene=pose)).normals
    torch.testing.assert_close(torch.rot90(turned, -1, (0, 1)), upright, rtol=0, atol=1e-4)


def test_normals_have_derivatives():
    truth = single_sphere(17)
    scene = truth.scene.to(dtype=torch.float64)
    renderer = RasterRenderer(normals=True, silhouettes="hard")
    weight = torch.randn(17, 17, 3, generator=torch.Generator().manual_seed(0)).double()

    def total(rotation, scale):
        moved = scene.with_tensors({"objects.0.pose.rotation": rotation, "objects.0.scale": scale})
        return (renderer.render(moved, truth.camera).normals * weight).sum()

    leaves = [
        torch.tensor([0.1, -0.2, 0.05]).double().requires_grad_(),
        torch.tensor([1.0, 0.9, 1.1]).double().requires_grad_(),
    ]
    assert torch.autograd.gradcheck(total, leaves, eps=1e-7, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("reflectance", ["phong", "lambert", "microfacet"])
def test_one_pixel_of_principal_point_is_one_pixel_of_image(reflectance):
    truth = two_spheres(49)
    scene = truth.scene.to(dtype=torch.float64)
    matrix = truth.camera.intrinsics.double().clone()
    matrix[0, 2] += 1
    renderer = RasterRenderer(reflectance=reflectance)
    here = renderer.render(scene, truth.camera.replace(intrinsics=truth.camera.intrinsics.double()))
    there = renderer.render(scene, truth.camera.replace(intrinsics=matrix))
    for name in ("color", "depth"):
        torch.testing.assert_close(getattr(there, name)[:, 1:], getattr(here, name)[:, :-1], rtol=0, atol=1e-9)
    torch.testing.assert_close(there.masks[:, :, 1:], here.masks[:, :, :-1], rtol=0, atol=1e-9)


def test_lambert_has_no_highlight():
    truth = single_sphere(33)
    dull = truth.scene.with_tensors({"objects.0.material.specular": torch.zeros(())})
    expected = RasterRenderer().render(dull, truth.camera).color
    torch.testing.assert_close(RasterRenderer(reflectance="lambert").render(truth.scene, truth.camera).color, expected)


@pytest.mark.parametrize("settings", [{"shadows": True}, {"reflectance": "microfacet"}, {"normals": True}])
@pytest.mark.parametrize("empty", [False, True])
def test_a_table_alone_is_drawn(settings, empty):
    truth = two_spheres(33)
    item = truth.scene.objects[0]
    nothing = item.replace(
        mesh=item.mesh.replace(vertices=torch.zeros(0, 3), faces=torch.zeros(0, 3, dtype=torch.int64))
    )
    scene = truth.scene.replace(objects=(nothing,) if empty else ())
    render = RasterRenderer(**settings).render(scene, truth.camera)
    plain = RasterRenderer(reflectance=settings.get("reflectance", "phong")).render(truth.scene, truth.camera)
    assert torch.equal(render.ids == -1, render.depth > 0)
    both = (render.ids == -1) & (plain.ids == -1) & (plain.masks.sum(0) == 0)
    torch.testing.assert_close(render.color[both], plain.color[both], rtol=0, atol=1e-5)
