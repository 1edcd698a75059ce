"""Scenes with something in every field, and what their files are compared by."""

import json

import torch

from dig_framework.camera import Camera
from dig_framework.light import AmbientLight, DirectionalLight, Light
from dig_framework.material import Material
from dig_framework.plane import Plane
from dig_framework.pose import Pose
from dig_framework.scene import Failure, Scene, SceneObject
from dig_framework.shape_posterior import ShapePosterior
from dig_framework.testing.solids import box_mesh, sphere_mesh

CAMERA = Camera.from_focal(500.0, 510.0, 321.0, 239.0, 640, 480)


def random_material(generator):
    values = torch.rand(7, generator=generator)
    return Material(values[:3], values[3], values[4], values[5], 100 * values[6])


def random_posterior(count, generator):
    return ShapePosterior(
        offsets=0.01 * torch.randn(4, count, 3, generator=generator),
        weights=torch.tensor([0.125, 0.5, 0.25, 0.125]),
        deviation=0.01 * torch.rand(count, generator=generator),
        extent_change=0.01 * torch.randn(2, 3, generator=generator).sort(0).values,
        centre_change=0.01 * torch.randn(2, 3, generator=generator).sort(0).values,
        yaw_change=torch.tensor([-0.1, 0.2]),
        failure=0.3,
    )


def random_object(index, generator, colored):
    mesh = sphere_mesh(0.05, 2) if index % 2 else box_mesh(0.05, 0.08, 0.03)
    if colored:
        mesh = mesh.replace(colors=torch.rand(len(mesh.vertices), 3, generator=generator))
    if index == 2:
        uv = torch.rand(len(mesh.vertices), 2, generator=generator)
        mesh = mesh.replace(uv=uv, texture=torch.rand(5, 7, 3, generator=generator))
    pose = Pose(
        torch.rand(3, generator=generator) + torch.tensor([-0.5, -0.5, 0.5]),
        4 * torch.rand(3, generator=generator) - 2,
    )
    return SceneObject(
        f"mug {index}",
        index,
        mesh,
        pose,
        random_material(generator),
        torch.rand(3, generator=generator) + 0.5,
        mass=0.1 * index if index else None,
        friction=0.5 if index else None,
        converged=index != 2,
        uncertainty=0.001 * index if index else None,
        posterior=random_posterior(len(mesh.vertices), generator) if index == 1 else None,
    )


def random_scene(seed=0, objects=3, colored=True, plane=True):
    generator = torch.Generator().manual_seed(seed)
    normal = torch.nn.functional.normalize(torch.rand(3, generator=generator) - torch.tensor([0.5, 1.5, 1.5]), dim=0)
    return Scene(
        tuple(random_object(index, generator, colored) for index in range(objects)),
        (
            Light(torch.rand(3, generator=generator), torch.rand(3, generator=generator)),
            DirectionalLight(torch.rand(3, generator=generator), torch.rand(3, generator=generator)),
            AmbientLight(torch.rand(9, 3, generator=generator)),
        ),
        Plane(normal, torch.rand((), generator=generator), random_material(generator)) if plane else None,
        (Failure("glass", 7, "initialize", "no depth: «transparent»"),),
    )


def plain(scene):
    """What is no tensor."""
    return [
        (item.label, item.index, item.mass, item.friction, item.converged, item.uncertainty) for item in scene.objects
    ]


def edit(folder, change):
    values = json.loads((folder / "scene.json").read_text())
    change(values)
    (folder / "scene.json").write_text(json.dumps(values))
