"""What whole images cost: colour, depth and a mask for each of five objects on a table, forward and backward."""

from __future__ import annotations

import time
from collections.abc import Iterator

import torch
from torch import Tensor

from dig_framework.bench.table import Table
from dig_framework.camera import Camera
from dig_framework.icosphere import icosphere
from dig_framework.interfaces import Renderer
from dig_framework.light import Light
from dig_framework.material import Material
from dig_framework.mesh import Mesh
from dig_framework.plane import Plane
from dig_framework.pose import Pose
from dig_framework.scene import Scene, SceneObject

_REPEATS = 7
_PLACES = ((-0.22, 0.03, 1.0), (0.0, 0.06, 1.1), (0.22, 0.03, 1.0), (-0.12, 0.0, 0.8), (0.12, 0.0, 0.8))
_CASES = (("fused", {}), ("neighbours", {"silhouettes": "neighbours"}), ("shadows", {"shadows": True}))
_DRAWN = ("vertices", "translation", "rotation", "color", "position")
"""Tensors with gradients, the table's colour among them."""


def image_tables(threads: int) -> Iterator[Table]:
    """Yield one table for a number of threads, which is set already."""
    note = (
        f"Fastest of {_REPEATS}, 640 x 480 pixels, float32, forward / backward; objects cover 15 % of the image and "
        "the table all of the rest. `fused` is the default of `raster`; the others are shaded in plain torch."
    )
    yield Table(f"Images, threads: {threads}", tuple(_row(subdivisions) for subdivisions in (2, 3, 4, 5)), note)


def _row(subdivisions: int) -> dict[str, str | int | float]:
    scene = _scene(subdivisions)
    row: dict[str, str | int | float] = {"triangles": sum(len(item.mesh.faces) for item in scene.objects)}
    for name, settings in _CASES:
        there, back = _timed(Renderer.model_validate({"type": "raster", **settings}), scene)
        row[f"{name} [ms]"] = f"{there:.1f} / {back:.1f}"
    return row


def _timed(renderer: Renderer, scene: Scene) -> tuple[float, float]:
    """Return the least durations of drawing and of differentiating [ms]; the first run does not count."""
    leaves = {
        name: value.clone().requires_grad_()
        for name, value in scene.tensors().items()
        if name.rsplit(".", 1)[-1] in _DRAWN
    }
    camera = Camera.from_focal(600.0, 600.0, 319.5, 239.5, 640, 480)
    found = []
    for _ in range(_REPEATS + 1):
        start = time.perf_counter()
        render = renderer.render(scene.with_tensors(leaves), camera)
        images: list[Tensor] = [render.color, render.depth, render.masks]
        middle = time.perf_counter()
        torch.autograd.grad(images, list(leaves.values()), [torch.ones_like(image) for image in images])
        found.append((middle - start, time.perf_counter() - middle))
    forward, backward = zip(*found[1:], strict=True)
    return 1e3 * min(forward), 1e3 * min(backward)


def _scene(subdivisions: int) -> Scene:
    shiny = Material.matte(torch.tensor([0.7, 0.5, 0.3])).replace(specular=torch.tensor(0.2))
    sphere = icosphere(subdivisions)
    mesh = Mesh(0.1 * torch.as_tensor(sphere.vertices).float(), torch.as_tensor(sphere.faces).long())
    objects = tuple(
        SceneObject(f"ball {index}", index, mesh, Pose(torch.tensor(place), torch.zeros(3)), shiny)
        for index, place in enumerate(_PLACES)
    )
    table = Plane(torch.tensor([0.0, -0.8, -0.6]), torch.tensor(0.728), Material.matte(torch.full((3,), 0.6)))
    return Scene(objects, (Light(torch.tensor([0.3, -1.0, 0.0]), torch.ones(3)),), table)
