import dataclasses
import math
import sys

import numpy as np
import pytest
import torch
from dig_embree import EmbreeRenderer
from dig_embree.textures import tint

from dig_framework import plugins
from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.camera import Camera
from dig_framework.errors import ComponentError, InputError
from dig_framework.light import Light
from dig_framework.material import Material
from dig_framework.plane import Plane
from dig_framework.pose import Pose
from dig_framework.scene import Scene, SceneObject
from dig_framework.testing.renderer_conformance import RendererConformance
from dig_framework.testing.scenes import box_on_table, single_sphere, two_spheres
from dig_framework.testing.solids import box_mesh


class TestEmbree(RendererConformance):
    component = EmbreeRenderer()


def inside(ids):
    """Return the pixels whose 5 x 5 neighbours show the same."""
    windows = torch.nn.functional.pad(ids[None].double(), (2, 2, 2, 2), mode="replicate")[0]
    windows = windows.unfold(0, 5, 1).unfold(1, 5, 1).flatten(2)
    return windows.min(-1).values == windows.max(-1).values


def test_is_installed_by_name():
    assert plugins.load("renderer", "embree") is EmbreeRenderer


@pytest.mark.parametrize("make", [two_spheres, box_on_table])
def test_agrees_with_raster(make):
    truth = make(65)
    ours, theirs = (
        EmbreeRenderer().render(truth.scene, truth.camera),
        RasterRenderer().render(truth.scene, truth.camera),
    )
    same = inside(theirs.ids)
    assert torch.equal(ours.ids[same], theirs.ids[same])
    assert float((ours.depth - theirs.depth).abs()[same].median()) < 1e-4
    assert float((ours.color - theirs.color).abs()[same].max()) < 0.02


def lit_floor(size, **settings):
    """Return a renderer's view from 1 m above a floor with a lamp at 2 m, and an occluder beside the axis at 1.5 m."""
    white, floor = Material.matte(torch.ones(3)), torch.tensor([0.0, 0.0, -1.0])
    plane = Plane(floor, torch.tensor(1.0), white.replace(ambient=torch.tensor(0.0), diffuse=torch.tensor(1.0)))
    screen = box_mesh(1.0, 1.0, 0.001)
    item = SceneObject("screen", 0, screen, Pose(torch.tensor([-0.5, 0.0, -0.5]), torch.zeros(3)), white)
    lamp = Light(torch.tensor([0.0, 0.0, -1.0]), torch.ones(3))
    camera = Camera.from_focal(float(size), float(size), (size - 1) / 2, (size - 1) / 2, size, size)
    return EmbreeRenderer(shadows=True, **settings).render(Scene((item,), (lamp,), plane), camera)


def test_a_point_casts_a_sharp_shadow_where_geometry_says():
    """The screen's edge is on the axis, as are lamp and camera, so that the left half of the floor is dark."""
    color = lit_floor(41, samples=1).color[..., 0]
    assert float(color[:, :20].max()) == 0
    assert float(color[:, 22:].min()) > 0.7


def test_a_ball_casts_a_penumbra_of_the_right_width_and_shape():
    """From a floor point x beside the axis the screen's edge cuts the ball's disc, by similar triangles, at x/L of it.

    Lamp at height 2, edge at 1.5, floor at 0: the penumbra reaches r (1.5 / 0.5) = 3 r to either side, and the lit
    share is that of points of the sphere beyond the cut, (1 + x / 3r) / 2 by Archimedes' hat-box theorem.
    """
    radius, size = 0.1, 101
    color = lit_floor(size, samples=64, light_radius=radius).color[30:71, :, 0].double().mean(0)
    x = (torch.arange(size) - (size - 1) / 2).double() / size
    share = ((1 + x / (3 * radius)) / 2).clamp(0, 1)
    y = (torch.arange(30, 71) - (size - 1) / 2).double() / size
    cosine = (2.0 / (4 + x[None] ** 2 + y[:, None] ** 2).sqrt()).mean(0)
    # The ball's points are at several heights, which blurs the ends by a few percent of the width.
    assert float((color - share * cosine).abs().max()) < 0.03


def test_a_wall_keeps_half_of_the_ambient_light_from_its_foot():
    grey = Material.matte(torch.ones(3)).replace(ambient=torch.tensor(1.0), diffuse=torch.tensor(0.0))
    plane = Plane(torch.tensor([0.0, 0.0, -1.0]), torch.tensor(1.0), grey)
    wall = SceneObject("wall", 0, box_mesh(0.1, 20.0, 0.9), Pose(torch.tensor([-0.05, 0, 0.55]), torch.zeros(3)), grey)
    lamp = Light(torch.tensor([0.0, 0.0, -1.0]), torch.ones(3))
    camera = Camera.from_focal(400.0, 400.0, 4.5, 9.5, 20, 20)
    image = EmbreeRenderer(samples=256, ambient_reach=50.0).render(Scene((wall,), (lamp,), plane), camera)
    foot = image.color[:, 8:12, 0].double().mean()
    height, distance = 0.9, 0.0125
    expected = (1 + math.sin(math.atan2(distance, height))) / 2
    assert float(foot) == pytest.approx(expected, abs=0.02)


def test_shadows_repeat_by_seed_and_differ_between_seeds():
    first, again, other = (lit_floor(31, samples=2, light_radius=0.1, seed=seed).color for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_textures_multiply_colours():
    truth = single_sphere(33)
    item = truth.scene.objects[0]
    uv, half = torch.rand(len(item.mesh.vertices), 2), torch.full((4, 4, 3), 0.5)
    scene = truth.scene.replace(objects=(item.replace(mesh=item.mesh.replace(uv=uv, texture=half)),))
    dark = truth.scene.replace(objects=(item.replace(material=item.material.replace(color=item.material.color / 2)),))
    renderer = EmbreeRenderer(samples=1)
    first, second = renderer.render(scene, truth.camera).color, renderer.render(dark, truth.camera).color
    assert float((first - second).abs().max()) < 1e-6


def test_texels_are_where_meshes_say_and_repeat():
    image = np.arange(12, dtype=np.float32).reshape(2, 2, 3)
    places = np.array([[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [1.75, -1.25], [0.5, 0.5], [0.0, 0.0]])
    colors = np.full((7, 3), 2.0, np.float32)
    tint(colors, np.arange(1, 7), image, places)
    assert np.array_equal(colors[0], [2, 2, 2])
    assert np.array_equal(colors[1:5], 2 * image.reshape(4, 3))
    assert np.allclose(colors[5:], 2 * image.mean((0, 1)))


def test_refuses_what_is_not_finite():
    truth = single_sphere(9)
    broken = truth.scene.objects[0].replace(scale=torch.full((3,), math.nan))
    with pytest.raises(InputError, match="not finite"):
        EmbreeRenderer().render(dataclasses.replace(truth.scene, objects=(broken,)), truth.camera)


def test_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "embreex.mesh_construction", None)
    truth = single_sphere(9)
    with pytest.raises(ComponentError, match="pip install embreex"):
        EmbreeRenderer().render(truth.scene, truth.camera)


def test_what_is_drawn_in_one_block_is_drawn_in_many(monkeypatch):
    truth = box_on_table(65)
    whole = EmbreeRenderer(samples=3).render(truth.scene, truth.camera)
    monkeypatch.setattr("dig_embree.drawing._BLOCK", 1000)
    parts = EmbreeRenderer(samples=3).render(truth.scene, truth.camera)
    for name in ("color", "depth", "masks", "ids", "normals"):
        assert torch.equal(getattr(whole, name), getattr(parts, name)), name
