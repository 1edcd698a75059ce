import dataclasses
import sys

import pytest
import torch
from dig_mitsuba import MitsubaRenderer
from dig_mitsuba import variant as variants
from dig_mitsuba.point_sets import glow_points, pixel_points

from dig_framework import plugins
from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.camera import Camera
from dig_framework.errors import ComponentError, InputError
from dig_framework.light import AmbientLight, DirectionalLight
from dig_framework.material import Material
from dig_framework.scene import Scene
from dig_framework.testing.renderer_conformance import RendererConformance
from dig_framework.testing.scenes import box_on_table, single_sphere, two_spheres

FLAW = variants.llvm_flaw()
with_llvm = pytest.mark.skipif(bool(FLAW), reason=f"LLVM, which gradients need, does not work here: {FLAW}")
VARIANTS = ["scalar", pytest.param("llvm", marks=with_llvm)]


class TestScalar(RendererConformance):
    component = MitsubaRenderer(variant="scalar", samples=9)
    size = 41


@with_llvm
class TestLlvm(RendererConformance):
    component = MitsubaRenderer(variant="llvm", samples=9, silhouette_samples=8)
    size = 41
    gradient_samples = 2


def inside(ids):
    """Return the pixels whose 5 x 5 neighbours show the same."""
    windows = torch.nn.functional.pad(ids[None].double(), (2, 2, 2, 2), mode="replicate")[0]
    windows = windows.unfold(0, 5, 1).unfold(1, 5, 1).flatten(2)
    return windows.min(-1).values == windows.max(-1).values


def render(truth, **settings):
    return MitsubaRenderer(**{"variant": "scalar", **settings}).render(truth.scene, truth.camera)


def matte(truth):
    objects = (item.replace(material=Material.matte(item.material.color)) for item in truth.scene.objects)
    plane = truth.scene.plane
    if plane is not None:
        plane = plane.replace(material=Material.matte(plane.material.color))
    return dataclasses.replace(truth, scene=truth.scene.replace(objects=tuple(objects), plane=plane))


def lit_by(truth, *lights):
    return dataclasses.replace(truth, scene=truth.scene.replace(lights=lights))


def test_is_installed_by_name():
    assert plugins.load("renderer", "mitsuba") is MitsubaRenderer


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("make", [two_spheres, box_on_table])
def test_agrees_with_raster(make, variant):
    truth = make(65)
    ours, theirs = render(truth, variant=variant, samples=32), RasterRenderer().render(truth.scene, truth.camera)
    same = inside(theirs.ids)
    assert torch.equal(ours.ids[same], theirs.ids[same])
    assert float((ours.depth - theirs.depth).abs()[same].median()) < 1e-4
    crossed = (theirs.masks > 0) & (theirs.masks < 1)
    assert float((ours.masks - theirs.masks).abs().sum() / crossed.sum()) < 0.03
    assert float((ours.color - theirs.color).abs()[same].max()) < 0.02


def test_normals_of_a_sphere_point_away_from_its_middle():
    truth = two_spheres(33)
    turned = torch.tensor([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    image = render(truth)
    points = truth.camera.unproject(render(truth, samples=1).depth)
    near = image.ids == 0
    expected = torch.nn.functional.normalize(points - truth.scene.objects[0].pose.translation, dim=-1)
    torch.testing.assert_close(image.normals[near], expected[near], atol=0.03, rtol=0.0)
    torch.testing.assert_close(image.normals[image.ids == -1][0], truth.scene.plane.normal)
    # Normals are the scene's, however the camera that sees it is turned.
    pose = torch.eye(4)
    pose[:3, :3] = turned
    moved = single_sphere(9)
    item = moved.scene.objects[0]
    item = item.replace(pose=item.pose.replace(translation=turned.mT @ item.pose.translation))
    camera = moved.camera.replace(camera_from_scene=pose)
    normals = MitsubaRenderer(variant="scalar").render(moved.scene.replace(objects=(item,)), camera).normals
    torch.testing.assert_close(normals[4, 4], turned.mT @ torch.tensor([0.0, 0.0, -1.0]), atol=0.03, rtol=0.0)


@pytest.mark.parametrize("variant", VARIANTS)
def test_matte_sphere_under_its_light_agrees_with_raster(variant):
    """A sphere alone has no shadow but its own night side, on which Phong has no direct light either."""
    truth = matte(single_sphere(65))
    ours = render(truth, variant=variant, shadows=True)
    theirs = RasterRenderer().render(truth.scene, truth.camera)
    error = (ours.color - theirs.color).abs()[inside(theirs.ids)]
    assert float(error.median()) < 1e-3
    assert float(error.max()) < 0.02


def test_cast_shadow_leaves_the_ambient_share():
    truth = matte(two_spheres(65))
    open_air, shadowed = render(truth), render(truth, shadows=True)
    table = inside(open_air.ids) & (open_air.ids == -1)
    drop = (open_air.color - shadowed.color)[table]
    dark = drop[:, 0] > 0.05
    assert dark.any()
    assert (drop.abs().max(1).values < 1e-6).any()
    assert float(drop.min()) > -1e-6
    # The ambient share of the matte table is 0.4 of a reflectance of 0.5.
    floor = 0.4 * 0.5 * truth.scene.lights[0].intensity
    torch.testing.assert_close(shadowed.color[table].min(0).values, floor, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("kind", ["point", "direction"])
def test_shadow_lies_where_the_light_says(variant, kind):
    """A point of the table is in the shadow of a sphere if the ray to the light passes its centre within its radius."""
    truth = matte(two_spheres(65))
    light = truth.scene.lights[0]
    if kind == "direction":
        truth = lit_by(truth, DirectionalLight(light.position - torch.tensor([0.0, 0.0, 0.5]), light.intensity))
    images = [render(truth, variant=variant, shadows=shadows, samples=1).color[..., 0] for shadows in (True, False)]
    ratio = images[0] / images[1]
    points = truth.camera.unproject(truth.render().depth)
    source = truth.scene.lights[0]
    ray = source.direction.expand_as(points) if kind == "direction" else source.position - points
    gaps = []
    for item, radius in zip(truth.scene.objects, (0.04, 0.05), strict=True):
        along = ((item.pose.translation - points) * ray).sum(-1, keepdim=True) / ray.square().sum(-1, keepdim=True)
        gaps.append((points + along * ray - item.pose.translation).norm(dim=-1) - radius)
    gap = torch.stack(gaps).min(0).values
    table = truth.render().ids == -1
    assert bool((ratio < 0.9)[table & (gap < -5e-4)].all())
    assert bool((ratio > 0.999)[table & (gap > 5e-4)].all())
    assert int((table & (gap < -5e-4)).sum()) > 50


def test_larger_light_softens_the_shadow_and_keeps_its_light():
    truth = matte(two_spheres(65))
    full, hard, soft = (render(truth, **shade).color[..., 0] for shade in (
        {}, {"shadows": True}, {"shadows": True, "light_radius": 0.1}
    ))  # fmt: skip
    table = inside(truth.render().ids) & (truth.render().ids == -1)
    direct = (full - 0.4 * 0.5 * truth.scene.lights[0].intensity[0])[table]
    dark = [(full - image)[table] / direct for image in (hard, soft)]
    partly = [int(((share > 0.05) & (share < 0.95)).sum()) for share in dark]
    assert partly[1] > 2 * partly[0]
    assert abs(float((dark[0] - dark[1]).mean())) < 0.03


def test_light_from_everywhere_is_that_of_raster():
    light = AmbientLight.uniform(torch.tensor([0.5, 0.6, 0.7]))
    truth = lit_by(two_spheres(33), light)
    ours, theirs = render(truth), RasterRenderer().render(truth.scene, truth.camera)
    assert float((ours.color - theirs.color).abs()[inside(theirs.ids)].max()) < 0.02
    with pytest.raises(ComponentError, match="AmbientLight; leave it out"):
        render(truth, integrator="path")


@pytest.mark.parametrize("reflectance", ["lambert", "microfacet"])
def test_other_reflectances_are_those_of_raster(reflectance):
    truth = two_spheres(33)
    ours = render(truth, reflectance=reflectance, samples=1)
    theirs = RasterRenderer(reflectance=reflectance).render(truth.scene, truth.camera)
    assert float((ours.color - theirs.color).abs()[inside(theirs.ids)].max()) < 0.002


@pytest.mark.parametrize("settings", [{}, {"integrator": "path", "samples": 64}])
def test_textures_are_those_of_raster(textured_square, settings):
    """A white light from afar shows the texture of a facing square as it is."""
    truth = textured_square
    ours, theirs = render(truth, **settings), RasterRenderer().render(truth.scene, truth.camera)
    error = (ours.color - theirs.color).abs()[theirs.masks[0] == 1]
    assert float(error.mean()) < 0.005
    assert float(error.max()) < 0.03


def test_path_refuses_a_texture_with_vertex_colors(textured_square):
    truth = textured_square
    item = truth.scene.objects[0]
    item = item.replace(mesh=item.mesh.replace(colors=torch.ones(4, 3)))
    with pytest.raises(ComponentError, match=r"object 0 \('sphere'\) has both"):
        MitsubaRenderer(variant="scalar", integrator="path").render(truth.scene.replace(objects=(item,)), truth.camera)


@pytest.mark.parametrize("skew", [0.0, 8.0])
def test_pixels_need_not_be_square(skew):
    truth = two_spheres(49)
    k = torch.tensor([[90.0, skew, 20.0], [0.0, 120.0, 28.0], [0.0, 0.0, 1.0]])
    camera = Camera(k, 49, 41)
    ours = MitsubaRenderer(variant="scalar", samples=32).render(truth.scene, camera)
    theirs = RasterRenderer().render(truth.scene, camera)
    same = inside(theirs.ids)
    assert torch.equal(ours.ids[same], theirs.ids[same])
    assert float((ours.depth - theirs.depth).abs()[same].max()) < 5e-4
    crossed = (theirs.masks > 0) & (theirs.masks < 1)
    assert float((ours.masks - theirs.masks).abs().sum() / crossed.sum()) < 0.03


@with_llvm
def test_variants_agree():
    truth = two_spheres(33)
    one, other = (render(truth, variant=name, shadows=True, light_radius=0.02) for name in ("scalar", "llvm"))
    assert float((one.color - other.color).abs().mean()) < 1e-4
    assert float((one.depth - other.depth).abs().mean()) < 1e-4
    assert float((one.masks - other.masks).abs().mean()) < 1e-4
    assert torch.equal(one.ids, other.ids)


def test_keeps_double_precision():
    image = render(two_spheres(9, dtype=torch.float64))
    assert image.color.dtype == image.depth.dtype == image.masks.dtype == image.normals.dtype == torch.float64


def test_refuses_what_is_not_finite():
    truth = single_sphere(9)
    broken = truth.scene.with_tensors({"objects.0.scale": torch.tensor([1.0, float("nan"), 1.0])})
    with pytest.raises(InputError, match=r"vertices of object 0 \('sphere'\) are not finite"):
        MitsubaRenderer(variant="scalar").render(broken, truth.camera)


def test_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "mitsuba", None)
    with pytest.raises(ComponentError, match="pip install mitsuba"):
        render(single_sphere(9))


def test_points_of_a_pixel_are_balanced():
    points = pixel_points(16)
    assert points.mean(0) == pytest.approx([0.0, 0.0], abs=1e-12)
    assert abs(points).max() < 0.55
    assert pixel_points(1).tolist() == [[0.0, 0.0]]


def test_points_of_a_light_look_like_an_even_disc():
    points = glow_points(4000, 0)
    for axis in range(3):
        aside = ((points**2).sum(1) - points[:, axis] ** 2) ** 0.5
        # Half of an even disc is within 1 / sqrt(2) of its middle.
        assert (aside < 0.5**0.5).mean() == pytest.approx(0.5, abs=0.02)


def test_scene_without_anything_is_background():
    truth = single_sphere(9)
    image = MitsubaRenderer(variant="scalar", background=(0.1, 0.2, 0.3)).render(Scene(), truth.camera)
    torch.testing.assert_close(image.color[3, 4], torch.tensor([0.1, 0.2, 0.3]))
    assert bool((image.ids == -2).all())
    assert float(image.normals.abs().max()) == 0


def test_paths_need_no_more_rays_for_depth_than_asked_for():
    truth = box_on_table(33)
    many = render(truth, integrator="path", samples=16)
    few = render(truth, integrator="path", samples=16, coverage_samples=1)
    assert torch.equal(many.ids, few.ids)
    assert set(few.masks.unique().tolist()) == {0.0, 1.0}
    assert len(many.masks.unique()) > 2
    same = inside(few.ids)
    assert torch.equal(many.color[same], few.color[same])
