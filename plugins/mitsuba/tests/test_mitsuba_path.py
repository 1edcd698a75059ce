import dataclasses

import pytest
import torch
from dig_mitsuba import MitsubaRenderer

from dig_framework.light import DirectionalLight, Light
from dig_framework.material import Material
from dig_framework.scene import Scene
from dig_framework.testing.scenes import box_on_table, single_sphere, two_spheres


def traced(scene, camera, **settings):
    return MitsubaRenderer(**{"variant": "scalar", "integrator": "path", "samples": 16, **settings}).render(
        scene, camera
    )


def material(color, ambient=0.0, diffuse=1.0, specular=0.0, shininess=20.0):
    return Material(torch.full((3,), color), *(torch.tensor(v) for v in (ambient, diffuse, specular, shininess)))


def of_material(truth, chosen):
    objects = tuple(item.replace(material=chosen) for item in truth.scene.objects)
    plane = truth.scene.plane
    plane = None if plane is None else plane.replace(material=chosen)
    return dataclasses.replace(truth, scene=truth.scene.replace(objects=objects, plane=plane))


def test_bounced_light_in_a_sphere_is_the_geometric_series():
    """In a sphere of albedo a whose middle holds the light, each reflection adds a times the one before."""
    truth = single_sphere(9)
    item = truth.scene.objects[0]
    mesh = item.mesh.replace(faces=item.mesh.faces.flip(1))
    item = item.replace(mesh=mesh, material=material(0.5))
    light = Light(torch.tensor([0.0, 0.0, 0.5]), torch.ones(3))
    # The camera looks from the inner side of the wall.
    pose = torch.eye(4)
    pose[2, 3] = -0.46
    scene, camera = Scene((item,), (light,)), truth.camera.replace(camera_from_scene=pose)
    images = [traced(scene, camera, bounces=count, samples=256).color for count in (1, 2, 3)]
    expected = torch.tensor([0.5, 0.5 + 0.25, 0.5 + 0.25 + 0.125])
    torch.testing.assert_close(torch.stack(images).mean((1, 2, 3)), expected, rtol=0.015, atol=0.0)


def test_furnace():
    """A sphere that scatters a half of the light that comes from everywhere shows a half of it at every place."""
    truth = of_material(single_sphere(17), material(0.5, ambient=1.0, diffuse=0.0))
    light = truth.scene.lights[0].replace(intensity=torch.full((3,), 0.8))
    image = traced(truth.scene.replace(lights=(light,)), truth.camera, samples=256)
    torch.testing.assert_close(image.color[image.masks[0] == 1].mean(0), torch.full((3,), 0.4), rtol=0.01, atol=0.0)


@pytest.mark.parametrize("kind", ["point", "direction"])
def test_facing_surface_is_as_bright_as_by_phong(kind):
    truth = of_material(single_sphere(17), material(0.6))
    light = truth.scene.lights[0].replace(position=torch.zeros(3))
    if kind == "direction":
        light = DirectionalLight(torch.tensor([0.0, 0.0, -2.0]), light.intensity)
    image = traced(truth.scene.replace(lights=(light,)), truth.camera, bounces=1, samples=64)
    # The nearest point is at 0.45 m, where a point light whose reach is 0.5 m and a little is that much brighter.
    nearer = 1.0 if kind == "direction" else (0.25 + 0.0025) / 0.45**2
    expected = 0.6 * nearer * light.intensity
    torch.testing.assert_close(image.color[8, 8], expected, rtol=0.02, atol=0.0)


def test_light_bounces():
    """The table takes on the colour of the spheres above it, and more reflections never take light away."""
    truth = of_material(two_spheres(33), material(0.8))
    blue = truth.scene.with_tensors({f"objects.{k}.material.color": torch.tensor([0.1, 0.1, 0.9]) for k in (0, 1)})
    light = truth.scene.lights[0].replace(intensity=torch.ones(3))
    images = [traced(blue.replace(lights=(light,)), truth.camera, bounces=count, samples=64) for count in (1, 2, 4)]
    means = [image.color.mean() for image in images]
    assert means[0] < means[1] < means[2]
    table = images[0].ids == -1
    gain = (images[1].color - images[0].color)[table].mean(0)
    assert float(gain[2]) > 1e-3
    assert float(gain[2]) > 3 * float(gain[0])


def test_highlight_is_as_bright_as_by_phong():
    """Where the light is mirrored into the camera, the coat adds Phong's specular share."""
    truth = single_sphere(17)
    light = Light(torch.zeros(3), torch.ones(3))
    scene = truth.scene.replace(lights=(light,))
    # Pixels so fine that the highlight is even in the middle one.
    camera = truth.camera.scaled(21.0).cropped(177, 177, 3, 3)
    images = []
    for specular in (0.0, 0.2):
        item = scene.objects[0].replace(material=material(0.2, specular=specular, shininess=50.0))
        images.append(traced(scene.replace(objects=(item,)), camera, bounces=1, samples=256).color[1, 1])
    nearer = (0.25 + 0.0025) / 0.45**2
    gain = (images[1] - images[0]) / nearer
    torch.testing.assert_close(gain, torch.full((3,), 0.2), rtol=0.05, atol=0.0)


def test_background_and_plane_without_material_are_not_lit():
    truth = two_spheres(33)
    plane = truth.scene.plane.replace(material=None)
    image = traced(truth.scene.replace(plane=plane), truth.camera, background=(0.2, 0.3, 0.4))
    empty = torch.nn.functional.max_pool2d(image.masks.sum(0)[None], 3, 1, 1)[0] == 0
    torch.testing.assert_close(image.color[empty], torch.tensor([0.2, 0.3, 0.4]).expand(int(empty.sum()), 3))


def test_flat_faces_stay_flat():
    """A box whose eight vertices have one normal each shows each of its sides in one shade under a far light."""
    truth = of_material(box_on_table(33), material(0.5))
    light = DirectionalLight(torch.tensor([-0.5, -0.6, -0.6]), torch.ones(3))
    scene = truth.scene.replace(lights=(light,), plane=None)
    image = traced(scene, truth.camera, bounces=1, samples=4)
    shades = image.color[image.masks[0] == 1][:, 0]
    _, counts = shades.round(decimals=3).unique(return_counts=True)
    common = counts[counts > 0.1 * counts.sum()]
    assert len(common) <= 3
    assert float(common.sum() / counts.sum()) > 0.8


def test_seed_decides_the_paths():
    truth = two_spheres(17)
    first, again, other = (traced(truth.scene, truth.camera, light_radius=0.05, seed=seed).color for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
