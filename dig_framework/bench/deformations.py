"""What deformations cost: a mesh of ten thousand vertices bound once, then moved, forward and backward.

Mean value coordinates alone come first: of ten thousand points, in cages of 162 and of 642 vertices.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import cast

import torch
from torch import Tensor

from dig_framework import plugins
from dig_framework.bench.table import Cell, Table
from dig_framework.errors import ComponentError
from dig_framework.icosphere import icosphere
from dig_framework.interfaces.deformation import Binding, Deformation
from dig_framework.mean_value import mean_value_coordinates
from dig_framework.mesh import Mesh
from dig_framework.unfolding import unfolded

_REPEATS = 7
_POINTS = 10_000
_CAGE_RADIUS = 2.1


def measure(data: Path | None) -> Iterator[Table]:
    """Yield tables for one and for two threads; `data` is not used."""
    del data
    import numba

    before = numba.get_num_threads(), torch.get_num_threads()
    for threads in sorted({1, min(2, before[0])}):
        numba.set_num_threads(threads)
        torch.set_num_threads(threads)
        note = f"Fastest of {_REPEATS}, float64."
        rows = tuple(_coordinates_row(subdivisions) for subdivisions in (2, 3))
        yield Table(f"Mean value coordinates of {_POINTS} points, threads: {threads}", rows, note)
        note += " `unfold` looks for folds after a bend that makes none. A dash: not installed, or not loadable."
        mesh = _egg()
        names = [offer.name for offer in plugins.offers("deformation")]
        rows = tuple(_row(name, mesh) for name in names)
        yield Table(f"Deformations of {len(mesh.vertices)} vertices, threads: {threads}", rows, note)
    numba.set_num_threads(before[0])
    torch.set_num_threads(before[1])


def _coordinates_row(subdivisions: int) -> dict[str, Cell]:
    directions = torch.randn(_POINTS, 3, generator=torch.Generator().manual_seed(0)).double()
    points = 0.9 * directions / directions.norm(dim=1, keepdim=True)
    cage = icosphere(subdivisions)
    cage = cage.replace(vertices=_CAGE_RADIUS * cage.vertices)
    found = mean_value_coordinates(points, cage)
    return {
        "cage vertices": len(cage.vertices),
        "coordinates [s]": _fastest(lambda: mean_value_coordinates(points, cage)),
        "largest error of a sum [1]": float((found.sum(1) - 1).abs().max()),
        "largest error of a point [diameters]": float((found @ cage.vertices - points).abs().max())
        / (2 * _CAGE_RADIUS),
    }


def _row(name: str, mesh: Mesh) -> dict[str, Cell]:
    try:
        deformation = cast(Deformation, plugins.load("deformation", name)())
    except ComponentError:
        return {"deformation": name, "parameters": "-"}
    binding = deformation.bind(mesh)
    values = {key: (value + 0.001).requires_grad_() for key, value in binding.parameters.items()}
    there = _fastest(lambda: deformation.deform(binding, values))
    both = _fastest(lambda: _differentiated(deformation, binding, values))
    moved = deformation.deform(binding, values)
    return {
        "deformation": name,
        "parameters": sum(value.numel() for value in values.values()),
        "bind [s]": _fastest(lambda: deformation.bind(mesh), 3),
        "deform [ms]": 1e3 * there,
        "backward [ms]": 1e3 * max(0.0, both - there),
        "unfold [ms]": 1e3 * _fastest(lambda: unfolded(mesh, moved), 3),
    }


def _differentiated(deformation: Deformation, binding: Binding, values: Mapping[str, Tensor]) -> None:
    moved = deformation.deform(binding, values).vertices
    torch.autograd.grad(moved, list(values.values()), torch.ones_like(moved))


def _egg() -> Mesh:
    """Return an egg of the size of an apple [m]."""
    ball = icosphere(5)
    x, y, z = ball.vertices.unbind(1)
    return ball.replace(vertices=torch.stack([0.04 * x * (1 + 0.2 * z), 0.03 * y, 0.05 * z], 1))


def _fastest(function: Callable[[], object], repeats: int = _REPEATS) -> float:
    """Return the least duration [s]; the first run, which may compile, does not count."""
    function()
    durations = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        durations.append(time.perf_counter() - start)
    return min(durations)
