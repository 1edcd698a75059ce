"""Gradients of `raster` and of Mitsuba's projective sampling, found in ways that have nothing in common."""

import numpy as np
import pytest
import torch
from dig_mitsuba import MitsubaRenderer
from dig_mitsuba import variant as variants
from dig_mitsuba.silhouettes import silhouette_gradient
from dig_mitsuba.surfaces import surfaces_of

from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.testing.scenes import single_sphere, two_spheres

FLAW = variants.llvm_flaw()
pytestmark = pytest.mark.skipif(bool(FLAW), reason=f"LLVM, which gradients need, does not work here: {FLAW}")

PLACE = "objects.0.pose.translation"
SIZE, VIEWS = 65, 6


def losses(image, weights):
    """Return losses of colour, depth and masks; smooth weights over the image make all pixels count."""
    parts = (image.color * weights.movedim(0, -1), image.depth * weights[0], image.masks * weights[:2])
    return [part.sum() for part in parts]


def gradients(renderer, scene, camera, weights):
    leaf = scene.tensors()[PLACE].clone().requires_grad_()
    found = losses(renderer.render(scene.with_tensors({PLACE: leaf}), camera), weights)
    return torch.stack([torch.autograd.grad(loss, leaf, retain_graph=True)[0] for loss in found]).double()


@pytest.fixture(scope="module")
def both():
    """Return gradients of both renderers, of shape (views, losses, 3), for cameras that differ by parts of a pixel.

    A rasteriser takes one sample a pixel of what is inside a surface; over such views its error averages out, too.
    """
    truth, generator = two_spheres(SIZE), torch.Generator().manual_seed(0)
    coarse = torch.rand(1, 3, 6, 6, generator=generator)
    weights = torch.nn.functional.interpolate(coarse, (SIZE, SIZE), mode="bicubic")[0] / SIZE**2
    rows = []
    for view in range(VIEWS):
        moved = torch.zeros(3, 3)
        moved[:2, 2] = torch.rand(2, generator=generator) - 0.5
        camera = truth.camera.replace(intrinsics=truth.camera.intrinsics + moved)
        oracle = MitsubaRenderer(variant="llvm", samples=9, silhouette_samples=2, seed=view)
        rows.append(torch.stack([gradients(one, truth.scene, camera, weights) for one in (RasterRenderer(), oracle)]))
    return torch.stack(rows, 1)


@pytest.mark.parametrize(("row", "name", "noise"), [(0, "color", 0.02), (1, "depth", 0.02), (2, "masks", 0.005)])
def test_raster_agrees_with_projective_sampling_within_noise(both, row, name, noise):
    """A sphere over a table, half in front of another one, is moved."""
    ours, oracle = both[:, :, row]
    size = oracle.mean(0).norm()
    error, deviation = (ours - oracle).mean(0), (ours - oracle).std(0) / VIEWS**0.5
    assert float(deviation.max() / size) < noise, f"the noise of {name} is too large to tell anything"
    assert bool((error.abs() < 4 * deviation + 0.003 * size).all()), f"{name}: {error / size} +- {deviation / size}"


def test_mask_gradient_is_that_of_the_area():
    """The area pi f^2 r^2 / (z^2 - r^2) of a sphere's image changes by -2 z / (z^2 - r^2) of it with depth z."""
    truth = single_sphere(65)
    leaf = truth.scene.tensors()[PLACE].clone().requires_grad_()
    oracle = MitsubaRenderer(variant="llvm", samples=1, silhouette_samples=16)
    oracle.render(truth.scene.with_tensors({PLACE: leaf}), truth.camera).masks.sum().backward()
    focal, radius, depth = float(truth.camera.intrinsics[0, 0]), 0.05, 0.5
    expected = -2 * np.pi * (focal * radius) ** 2 * depth / (depth**2 - radius**2) ** 2
    assert float(leaf.grad[2]) == pytest.approx(expected, rel=0.01)
    assert float(leaf.grad[:2].abs().max()) < 0.01 * abs(expected)


def test_motion_is_that_of_mitsubas_own_differentiation():
    """The same sum of motions, weighed in the same way, by Dr.Jit's automatic differentiation through Mitsuba."""
    import drjit as dr
    from dig_mitsuba import silhouettes
    from dig_mitsuba.pinhole import pinhole
    from dig_mitsuba.tracer import loaded

    truth, count = two_spheres(33), 2000
    surfaces, mi = surfaces_of(truth.scene, truth.camera), variants.mitsuba_library()
    with variants.chosen(mi, "llvm_ad_rgb"):
        found = silhouette_gradient(mi, surfaces, 1e-3, count, 0, lambda first, second, pixels: pixels[:, 0] / 33)
        _, scene = loaded(mi, surfaces)
        held = mi.traverse(scene)
        dr.enable_grad(held["mesh.vertex_positions"])
        held.update()
        sensor = pinhole(mi, surfaces.camera, (0.0, 0.0), 1e-3, {"type": "independent"})
        with dr.suspend_grad():
            points, density = silhouettes._points(mi, scene, sensor, silhouettes._spread(mi, count, 0))
            pixels, inside = silhouettes._pixels(surfaces.camera, points.p.numpy().T, 1e-3)
            weights = mi.Float((pixels[:, 0] * inside / 33).numpy().astype(np.float32)) * density * (33 * 33 / count)
        surface = dr.zeros(mi.SurfaceInteraction3f, count)
        surface.p, surface.prim_index, surface.uv = points.p, points.prim_index, points.uv
        motion = dr.dot(points.shape.differential_motion(surface, density > 0), points.n)
        dr.backward(dr.sum(dr.select(density > 0, motion * weights, 0.0)))
        expected = torch.from_numpy(dr.grad(held["mesh.vertex_positions"]).numpy().reshape(-1, 3).astype(np.float64))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5 * float(expected.abs().max()))


def test_gradient_of_a_texture_is_that_of_raster(textured_square):
    truth = textured_square
    found = []
    for renderer in (RasterRenderer(), MitsubaRenderer(variant="llvm", samples=16)):
        leaf = truth.scene.tensors()["objects.0.mesh.texture"].clone().requires_grad_()
        image = renderer.render(truth.scene.with_tensors({"objects.0.mesh.texture": leaf}), truth.camera)
        found.append(torch.autograd.grad(image.color.square().sum(), leaf)[0])
    torch.testing.assert_close(found[1], found[0], rtol=0.0, atol=0.02 * float(found[0].max()))


def test_seed_decides_the_gradient():
    truth = two_spheres(17)
    weights = torch.rand(3, 17, 17, generator=torch.Generator().manual_seed(0))
    first, again, other = (
        gradients(MitsubaRenderer(variant="llvm", samples=4, seed=seed), truth.scene, truth.camera, weights)
        for seed in (1, 1, 2)
    )
    size = float(first.abs().max())
    torch.testing.assert_close(first, again, rtol=0.0, atol=1e-3 * size)
    assert float((first - other).abs().max()) > 5e-3 * size


def test_gradients_with_shadows_are_those_of_what_is_lit():
    """A light that moves brightens the side of the sphere, with or without the shadow that the sphere casts."""
    truth = single_sphere(33)
    leaf = truth.scene.tensors()["lights.0.position"].clone().requires_grad_()
    found = []
    for shadows in (False, True):
        renderer = MitsubaRenderer(variant="llvm", samples=4, shadows=shadows)
        image = renderer.render(truth.scene.with_tensors({"lights.0.position": leaf}), truth.camera)
        found.append(torch.autograd.grad(image.color.sum(), leaf)[0])
    # Only faces near the border of light, of which flat and smooth normals differ, tell the two apart.
    torch.testing.assert_close(found[0], found[1], rtol=0.05, atol=0.05 * float(found[0].norm()))
