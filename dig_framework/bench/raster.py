"""What the rasterisation primitives and whole images cost: forward and backward, for meshes of growing density.

Five spheres on a table fill the image. Colour and depth are interpolated, a texture lies on everything, and silhouettes
are antialiased; every vertex has a gradient, the table's included.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor

import dig_framework.raster as dr
from dig_framework.bench.raster_images import image_tables
from dig_framework.bench.raster_others import comparison_table
from dig_framework.bench.table import Table
from dig_framework.icosphere import icosphere

_SIZE = (480, 640)
_REPEATS = 7
_CENTERS = ((-1.1, 0.65, 4.2), (0.0, 0.85, 4.6), (1.1, 0.65, 4.2), (-0.55, 0.2, 3.4), (0.55, 0.2, 3.4))
_Step = tuple[str, Callable[[], tuple[Tensor, ...]], tuple[Tensor, ...]]


def measure(data: Path | None) -> Iterator[Table]:
    """Yield one table for each number of threads; `data` is not used."""
    del data
    import numba

    before = numba.get_num_threads()
    for threads in sorted({1, min(2, before)}):
        numba.set_num_threads(threads)
        rows = tuple(_row(subdivisions) for subdivisions in (2, 3, 4, 5))
        note = f"Fastest of {_REPEATS}, {_SIZE[1]} x {_SIZE[0]} pixels, float32, forward / backward."
        yield Table(f"Primitives, threads: {threads}", rows, note)
        yield from image_tables(threads)
        yield from comparison_table(threads)
    numba.set_num_threads(before)


def _row(subdivisions: int) -> dict[str, str | int | float]:
    """Time each primitive alone, on what the ones before it made."""
    steps, triangles = _steps(subdivisions)
    row: dict[str, str | int | float] = {"triangles": triangles}
    total = 0.0
    for name, forward, leaves in steps:
        there = _fastest(forward)
        back = _fastest(lambda f=forward, inputs=leaves: _differentiate(f(), inputs)) - there
        row[f"{name} [ms]"] = f"{there:.1f} / {max(back, 0.0):.1f}"
        total += there + max(back, 0.0)
    row["sum [ms]"] = total
    return row


def _differentiate(outputs: tuple[Tensor, ...], inputs: tuple[Tensor, ...]) -> None:
    torch.autograd.grad(outputs, inputs, [torch.ones_like(output) for output in outputs])


def _fastest(function: Callable[[], object]) -> float:
    """Return the least duration [ms]; the first run, which may compile, does not count."""
    function()
    durations = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        function()
        durations.append(time.perf_counter() - start)
    return 1e3 * min(durations)


def _steps(subdivisions: int) -> tuple[list[_Step], int]:
    pos, tri, attr = meshes(subdivisions)
    tex = torch.rand(1, 256, 256, 3, generator=torch.Generator().manual_seed(0)).requires_grad_()
    context, topology = dr.RasterizeContext(), dr.antialias_construct_topology_hash(tri)
    rast, slopes = (part.detach().requires_grad_() for part in dr.rasterize(context, pos, tri, _SIZE))
    out, out_slopes = (part.detach() for part in dr.interpolate(attr, rast, tri, slopes, [3, 4]))
    uv, uv_da = out[..., 3:5].contiguous().requires_grad_(), out_slopes.requires_grad_()
    color = out[..., :4].contiguous().requires_grad_()
    return [
        ("rasterize", lambda: dr.rasterize(context, pos, tri, _SIZE), (pos,)),
        ("interpolate", lambda: dr.interpolate(attr, rast, tri, slopes, [3, 4]), (attr, rast, slopes)),
        ("texture", lambda: (dr.texture(tex, uv, uv_da),), (tex, uv, uv_da)),
        ("antialias", lambda: (dr.antialias(color, rast, pos, tri, topology),), (color, pos)),
    ], len(tri)


def meshes(subdivisions: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return clip-space positions [1, V, 4], triangles and attributes: depth, two colours and texture coordinates."""
    sphere = icosphere(subdivisions)
    vertices, faces = torch.as_tensor(sphere.vertices).float(), torch.as_tensor(sphere.faces).int()
    spheres = [0.45 * vertices + torch.tensor(center) for center in _CENTERS]
    table = torch.tensor([[-9.0, -1.2, 1.5], [9.0, -1.2, 1.5], [9.0, 2.5, 9.0], [-9.0, 2.5, 9.0]])
    points = torch.cat([*spheres, table])
    parts = [faces + k * len(vertices) for k in range(len(spheres))]
    first = len(points) - 4
    tri = torch.cat([*parts, torch.tensor([[0, 1, 2], [0, 2, 3]], dtype=torch.int32) + first])
    x, y, z = points.unbind(1)
    focal = 1 / math.tan(math.radians(25))
    near, far = 0.5, 20.0
    depth = ((far + near) * z - 2 * far * near) / (far - near)
    pos = torch.stack([focal * x * _SIZE[0] / _SIZE[1], focal * y, depth, z], 1)[None].requires_grad_()
    attr = torch.stack([z, x.sin(), y.cos(), 0.5 * x, 0.5 * y], 1).requires_grad_()
    return pos, tri, attr
