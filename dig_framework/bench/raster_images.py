"""What whole images cost: colour, depth and a mask for each of five objects on a table, forward and backward."""

from __future__ import annotations

import resource
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

CAMERA = Camera.from_focal(600.0, 600.0, 319.5, 239.5, 640, 480)
"""Sees the whole scene."""

_REPEATS = 15
_PLACES = ((-0.22, 0.03, 1.0), (0.0, 0.06, 1.1), (0.22, 0.03, 1.0), (-0.12, 0.0, 0.8), (0.12, 0.0, 0.8))
_CASES = (("fused", {}), ("neighbours", {"silhouettes": "neighbours"}), ("shadows", {"shadows": True}))
_DRAWN = ("vertices", "translation", "rotation", "color", "position")
"""Tensors with gradients, the table's colour among them."""
_SHAPES = ("vertices", "translation", "rotation")
"""Tensors with gradients where looks are known: then the table has none."""


def image_tables(threads: int) -> Iterator[Table]:
    """Yield tables for a number of threads, which is set already."""
    note = (
        f"Fastest of {_REPEATS}, 640 x 480 pixels, float32, forward / backward; objects cover 15 % of the image and "
        "the table all of the rest. `fused` is the default of `raster`; the others are shaded in plain torch. `shapes` "
        "is fused with gradients of vertices and poses only, so that the table has none."
    )
    yield Table(f"Images, threads: {threads}", tuple(_row(subdivisions) for subdivisions in (2, 3, 4, 5)), note)
    note = (
        "Fused, 25,600 triangles: a window of a tenth of the image that holds one object, half as many pixels along "
        "each side, and more or fewer objects. Peak is that of this process so far."
    )
    yield Table(f"How cost grows, threads: {threads}", tuple(_growth()), note)


def _row(subdivisions: int) -> dict[str, str | int | float]:
    scene = ball_scene(subdivisions)
    row: dict[str, str | int | float] = {"triangles": sum(len(item.mesh.faces) for item in scene.objects)}
    for name, settings in _CASES:
        row[f"{name} [ms]"] = _timed({"type": "raster", **settings}, scene, CAMERA, _DRAWN)
        if name == "fused":
            row["shapes [ms]"] = _timed({"type": "raster"}, scene, CAMERA, _SHAPES)
    return row


def _growth() -> Iterator[dict[str, str | int | float]]:
    scene = ball_scene(4)
    for name, part, camera in (
        ("all five, whole image", scene, CAMERA),
        ("all five, 320 x 240", scene, CAMERA.scaled(0.5)),
        ("all five, 1280 x 960", scene, CAMERA.scaled(2.0)),
        ("two of five", scene.replace(objects=scene.objects[:2]), CAMERA),
        (
            "one of five, 192 x 160 window",
            scene.replace(objects=scene.objects[3:4]),
            CAMERA.cropped(133, 160, 192, 160),
        ),
    ):
        yield {
            "what": name,
            "fused [ms]": _timed({"type": "raster"}, part, camera, _DRAWN),
            "shapes [ms]": _timed({"type": "raster"}, part, camera, _SHAPES),
            "peak [MiB]": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }


def _timed(settings: dict[str, object], scene: Scene, camera: Camera, wanted: tuple[str, ...]) -> str:
    """Return the least durations of drawing and of differentiating [ms]; the first run does not count."""
    renderer = Renderer.model_validate(settings)
    found = [differentiated(renderer, scene, camera, wanted) for _ in range(_REPEATS + 1)]
    forward, backward = zip(*found[1:], strict=True)
    return f"{1e3 * min(forward):.1f} / {1e3 * min(backward):.1f}"


def differentiated(
    renderer: Renderer, scene: Scene, camera: Camera = CAMERA, wanted: tuple[str, ...] = _DRAWN
) -> tuple[float, float]:
    """Draw colour, depth and masks and differentiate their sums; return how long both took [s]."""
    leaves = {
        name: value.clone().requires_grad_()
        for name, value in scene.tensors().items()
        if name.rsplit(".", 1)[-1] in wanted
    }
    start = time.perf_counter()
    render = renderer.render(scene.with_tensors(leaves), camera)
    images: list[Tensor] = [render.color, render.depth, render.masks]
    middle = time.perf_counter()
    ones = [torch.ones_like(image) for image in images]
    torch.autograd.grad(images, list(leaves.values()), ones, allow_unused=True)
    return middle - start, time.perf_counter() - middle


def ball_scene(subdivisions: int) -> Scene:
    """Return five shiny balls of 20 * 4^subdivisions triangles each on a table, lit by one lamp."""
    shiny = Material.matte(torch.tensor([0.7, 0.5, 0.3])).replace(specular=torch.tensor(0.2))
    sphere = icosphere(subdivisions)
    mesh = Mesh(0.1 * torch.as_tensor(sphere.vertices).float(), torch.as_tensor(sphere.faces).long())
    objects = tuple(
        SceneObject(f"ball {index}", index, mesh, Pose(torch.tensor(place), torch.zeros(3)), shiny)
        for index, place in enumerate(_PLACES)
    )
    table = Plane(torch.tensor([0.0, -0.8, -0.6]), torch.tensor(0.728), Material.matte(torch.full((3,), 0.6)))
    return Scene(objects, (Light(torch.tensor([0.3, -1.0, 0.0]), torch.ones(3)),), table)
