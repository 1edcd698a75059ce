"""How well gradients of the primitives and of the `raster` renderer agree with central differences, in float64.

A loss is a weighted sum of everything that a function returns, its weights drawn once. Entries of an input are moved by
a small step both ways; an entry is left out where a pixel then sees another triangle, because there is no derivative.
Errors are relative to the entry's gradient, or to a thousandth of the input's largest where that is more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

import dig_framework.raster as dr
from dig_framework.bench.raster import meshes
from dig_framework.bench.raster_images import ball_scene
from dig_framework.bench.table import Table
from dig_framework.camera import Camera
from dig_framework.interfaces import Renderer
from dig_framework.light import AmbientLight, DirectionalLight
from dig_framework.scene import Scene

_ENTRIES = 60
"""Most entries of an input that are moved."""
_STEP, _PLACE_STEP = 1e-5, 1e-7
"""Of looks and of places: places may make pixels see other triangles, which bends the loss."""
_SIZE = 40
_PLACES = ("objects.0.mesh.vertices", "objects.0.pose.translation", "objects.0.pose.rotation", "objects.0.scale")

_Function = Callable[[Tensor], tuple[tuple[Tensor, ...], Tensor]]
"""From one input to outputs, and to what must stay the same."""


class Agreement(NamedTuple):
    """Relative errors of the gradient in one input."""

    function: str
    source: str
    errors: Tensor
    """[entries]."""
    left_out: int
    """Entries of which there is no derivative."""


def measure(data: Path | None) -> Iterator[Table]:
    """Yield one table; `data` is not used."""
    del data
    note = f"At most {_ENTRIES} entries of each input, float64."
    yield Table("Gradients against central differences", tuple(_row(item) for item in agreements()), note)
    note = (
        "The gradient counts how an outline sweeps over the image, and how the middles of its pieces in each pixel, at "
        "which both sides are sampled, slide along. In the last scene one ball hides a part of another's outline."
    )
    yield Table("Colour and depth, outlines included", tuple(_row(item) for item in outline_agreements()), note)


def agreements() -> Iterator[Agreement]:
    """Yield the agreement of every smooth input of every function."""
    for name, source, function, start in (*_primitives(), *_images()):
        is_place = source.endswith(("pos", "vertices", "translation", "rotation", "scale"))
        yield _compared(
            name, source, function, start.detach().double().contiguous(), _PLACE_STEP if is_place else _STEP
        )


def outline_agreements() -> Iterator[Agreement]:
    """Yield the agreement of colour and depth with outlines, apart and where one crosses another."""
    renderer = Renderer.model_validate({"type": "raster"})
    for title, (scene, camera) in (("outlines", _two_balls()), ("crossing outlines", _crossing_balls())):
        for channel in ("color", "depth"):
            for name in _PLACES:
                start, function = scene.tensors()[name], _drawn(renderer, scene, camera, name, (channel,))
                yield _compared(f"raster, {channel} with {title}", name, function, start, _PLACE_STEP)


def _row(item: Agreement) -> dict[str, str | int | float]:
    return {
        "function": item.function,
        "input": item.source,
        "entries": len(item.errors),
        "left out": item.left_out,
        "median": f"{float(item.errors.median()):.1e}",
        "99th percentile": f"{float(item.errors.quantile(0.99)):.1e}",
    }


def _compared(name: str, source: str, function: _Function, start: Tensor, step: float) -> Agreement:
    leaf = start.clone().requires_grad_()
    outputs, still = function(leaf)
    generator = torch.Generator().manual_seed(1)
    weights = [torch.rand(part.shape, generator=generator, dtype=torch.float64) for part in outputs]
    (gradient,) = torch.autograd.grad(_loss(outputs, weights), leaf)
    order = torch.randperm(leaf.numel(), generator=generator)[:_ENTRIES]
    expected, measured, left_out = [], [], 0
    for k in order.tolist():
        length = step * max(1.0, abs(float(start.view(-1)[k])))
        moved = [_moved(function, start, k, sign * length) for sign in (1, -1)]
        if all(torch.equal(other, still) for _, other in moved):
            # Differences are taken pixel by pixel, because whole losses are too large for them.
            change = tuple(after - before for after, before in zip(moved[0][0], moved[1][0], strict=True))
            expected.append(float(_loss(change, weights)) / (2 * length))
            measured.append(float(gradient.reshape(-1)[k]))
        else:
            left_out += 1
    truth, found = torch.tensor([expected, measured], dtype=torch.float64)
    scale = torch.maximum(truth.abs(), found.abs()).clamp(min=1e-3 * float(gradient.abs().max()) + 1e-30)
    return Agreement(name, source, (truth - found).abs() / scale, left_out)


def _loss(outputs: tuple[Tensor, ...], weights: list[Tensor]) -> Tensor:
    return torch.stack([(part.detach() if not part.requires_grad else part).mul(w).sum()
                        for part, w in zip(outputs, weights, strict=True)]).sum()  # fmt: skip


def _moved(function: _Function, start: Tensor, entry: int, step: float) -> tuple[tuple[Tensor, ...], Tensor]:
    changed = start.clone()
    changed.view(-1)[entry] += step
    with torch.no_grad():
        return function(changed)


def _primitives() -> Iterator[tuple[str, str, _Function, Tensor]]:
    """Yield the primitives, each on what the ones before it made of three spheres on a table."""
    pos, tri, attr = (part.detach() for part in meshes(1))
    pos, attr, context, size = pos.double(), attr.double(), dr.RasterizeContext(), (_SIZE, _SIZE)
    rast, slopes = dr.rasterize(context, pos, tri, size)
    still = rast[..., 3]
    out, out_slopes = dr.interpolate(attr, rast, tri, slopes, [3, 4])
    uv, color = out[..., 3:5].contiguous(), out[..., :3].contiguous()
    tex = torch.rand(1, 32, 32, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    def rasterized(value: Tensor) -> tuple[tuple[Tensor, ...], Tensor]:
        found, found_slopes = dr.rasterize(context, value, tri, size)
        return (found[..., :2], found_slopes), found[..., 3]

    def with_weights(value: Tensor) -> Tensor:
        return torch.cat([value, rast[..., 2:]], -1)

    yield "rasterize", "pos", rasterized, pos
    yield "interpolate", "attr", lambda x: (dr.interpolate(x, rast, tri, slopes, "all"), still), attr
    yield "interpolate", "u, v", lambda x: ((dr.interpolate(attr, with_weights(x), tri)[0],), still), rast[..., :2]
    yield "interpolate", "rast_db", lambda x: ((dr.interpolate(attr, rast, tri, x, "all")[1],), still), slopes
    yield "texture", "tex", lambda x: ((dr.texture(x, uv, out_slopes),), still), tex
    yield "texture", "uv", lambda x: ((dr.texture(tex, x, out_slopes),), still), uv
    yield "texture", "uv_da", lambda x: ((dr.texture(tex, uv, x),), still), out_slopes
    yield "antialias", "color", lambda x: ((dr.antialias(x, rast, pos, tri),), still), color
    yield "antialias", "pos", lambda x: ((dr.antialias(color, rast, x, tri),), dr.rasterize(context, x, tri, size)[0][..., 3]), pos  # noqa: E501  # fmt: skip


def _images() -> Iterator[tuple[str, str, _Function, Tensor]]:
    """Yield the renderer's inputs: looks through everything, places inside surfaces, and outlines in the masks."""
    scene, camera = _two_balls()
    for reflectance in ("phong", "microfacet"):
        renderer = Renderer.model_validate({"type": "raster", "reflectance": reflectance})
        for name, start in _looks(scene).items():
            yield f"raster, {reflectance}", name, _drawn(renderer, scene, camera, name, ("color", "depth")), start
    for silhouettes, channels, title in (
        ("hard", ("color", "depth"), "raster, inside"),
        ("walked", ("masks",), "raster, outlines"),
    ):
        renderer = Renderer.model_validate({"type": "raster", "silhouettes": silhouettes})
        for name in _PLACES:
            yield title, name, _drawn(renderer, scene, camera, name, channels), scene.tensors()[name]


def _two_balls() -> tuple[Scene, Camera]:
    """Return two balls on a table, one stretched and turned, lit in every way."""
    balls = ball_scene(2).to(dtype=torch.float64)
    scene = balls.replace(objects=balls.objects[2:4], lights=(*balls.lights, *_more_lights()))
    stretched = torch.tensor([1.2, 0.8, 1.0], dtype=torch.float64)
    turned = torch.tensor([0.2, 0.1, 0.5], dtype=torch.float64)
    scene = scene.with_tensors({"objects.0.scale": stretched, "objects.0.pose.rotation": turned})
    return scene, Camera.from_focal(50.0, 50.0, 26.0, 19.5, 53, 40).to(dtype=torch.float64)


def _crossing_balls() -> tuple[Scene, Camera]:
    """Return a stretched and turned ball, partly behind another."""
    scene, camera = _two_balls()
    behind, before = (ball_scene(2).to(dtype=torch.float64).objects[index] for index in (0, 3))
    like = scene.objects[0]
    behind = behind.replace(scale=like.scale, pose=behind.pose.replace(rotation=like.pose.rotation))
    return scene.replace(objects=(behind, before)), camera


def _looks(scene: Scene) -> dict[str, Tensor]:
    wanted = ("objects.0.material.", "plane.material.", "lights.", "plane.normal")
    return {name: value for name, value in scene.tensors().items() if name.startswith(wanted)}


def _more_lights() -> tuple[DirectionalLight, AmbientLight]:
    coefficients = 0.2 * torch.randn(9, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    direction = torch.tensor([0.2, -1.0, -1.0], dtype=torch.float64)
    return DirectionalLight(direction, torch.full((3,), 0.4, dtype=torch.float64)), AmbientLight(coefficients)


def _drawn(renderer: Renderer, scene: Scene, camera: Camera, name: str, channels: tuple[str, ...]) -> _Function:
    def function(value: Tensor) -> tuple[tuple[Tensor, ...], Tensor]:
        render = renderer.render(scene.with_tensors({name: value}), camera)
        return tuple(getattr(render, channel) for channel in channels), render.ids

    return function
