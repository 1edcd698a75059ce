"""Silhouettes that are soft, and differentiable in where they are."""

from __future__ import annotations

import dataclasses
import math
from numbers import Real
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int32
from torch import Tensor
from torch.autograd.function import once_differentiable

from dig_framework.errors import InputError
from dig_framework.raster.antialiasing_kernels import blend, blend_backward, find_crossings, list_crossings
from dig_framework.raster.input_checks import check_floats, check_shape
from dig_framework.raster.log_level import LOGGER
from dig_framework.raster.topology import TopologyHash, antialias_construct_topology_hash
from dig_framework.raster.triangle_batch import as_array, check_positions
from dig_framework.worker_threads import spread


@dataclasses.dataclass(frozen=True)
class _Crossings:
    """Silhouettes between neighbouring pixels."""

    pixels: np.ndarray
    vertices: np.ndarray
    alphas: np.ndarray
    slopes: np.ndarray


def antialias(
    color: Float[Tensor, "images height width channels"],
    rast: Float[Tensor, "images height width 4"],
    pos: Float[Tensor, "images vertices 4"] | Float[Tensor, "vertices 4"],
    tri: Int32[Tensor, "triangles 3"],
    topology_hash: TopologyHash | None = None,
    pos_gradient_boost: float = 1.0,
) -> Float[Tensor, "images height width channels"]:
    """Return colours blended across silhouettes that pass between the centres of neighbouring pixels.

    Where two neighbours see different triangles, the nearer one's silhouette edge, at a fraction d of the way to the
    other pixel's centre, lets 0.5 - d of the other colour spill into its own pixel, or d - 0.5 of its colour into the
    other pixel. An edge is a silhouette if no other triangle shares its vertices or if the other triangle folds back.
    Differentiable in `color`, and in x, y and w of `pos`; `rast` gets no gradient.

    Apply it last, to the whole image. Silhouettes of triangles smaller than a pixel are mostly missed, because the
    triangle that a pixel sees is then seldom the one at the edge; draw such meshes larger and scale down.

    Args:
        color: Any channels.
        rast: First output of `rasterize` for the same `pos` and `tri`.
        pos: Clip-space positions.
        tri: Vertex indices.
        topology_hash: From `antialias_construct_topology_hash` for the same `tri`; found out at each call without.
        pos_gradient_boost: Factor of the gradient with respect to `pos`.

    Raises:
        InputError: If an argument is not as described.
    """
    check_floats("antialias", color=color, rast=rast, pos=pos)
    check_positions("antialias", pos, tri)
    check_shape("antialias", "color", color, ("images", "height", "width", "channels"))
    check_shape("antialias", "rast", rast, (*color.shape[:3], 4))
    if pos.ndim == 3:
        check_shape("antialias", "pos", pos, (len(color), "vertices", 4))
    if not isinstance(pos_gradient_boost, Real) or not math.isfinite(pos_gradient_boost):
        raise InputError(f"antialias: pos_gradient_boost is {pos_gradient_boost!r}; it must be a finite number.")
    topology = _checked_topology(tri, topology_hash)
    return _Antialias.apply(color, pos, rast.detach(), topology, float(pos_gradient_boost))


def _checked_topology(tri: Tensor, topology: TopologyHash | None) -> TopologyHash:
    if topology is None:
        LOGGER.info("antialias finds out about the mesh at each call; give it a topology_hash if `tri` stays the same.")
        return antialias_construct_topology_hash(tri)
    if not isinstance(topology, TopologyHash):
        raise InputError("antialias: topology_hash comes from antialias_construct_topology_hash(tri).")
    if not np.array_equal(topology.triangles, tri.numpy()):
        raise InputError("antialias: topology_hash was made from other triangles; make one from this tri.")
    return topology


class _Antialias(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, color: Tensor, pos: Tensor, rast: Tensor, topology: TopologyHash, boost: float) -> Tensor:
        positions = as_array(pos.double()).reshape(-1, 4)
        stride = pos.shape[1] if pos.ndim == 3 else 0
        crossings = _find(as_array(rast), positions, np.arange(len(color)) * stride, topology, boost)
        out = color.detach().clone(memory_format=torch.contiguous_format)
        flat = (-1, color.shape[3]) if color.shape[3] else (0, 0)
        blend(as_array(color).reshape(flat), crossings.pixels, crossings.alphas, out.numpy().reshape(flat))
        ctx.save_for_backward(color)
        ctx.crossings, ctx.pos_shape = crossings, pos.shape
        return out

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, grad: Tensor
    ) -> tuple[Tensor | None, ...]:
        (color,) = ctx.saved_tensors
        crossings = ctx.crossings
        grad_color = grad.clone(memory_format=torch.contiguous_format)
        grad_pos = np.zeros((math.prod(ctx.pos_shape[:-1]), 4))
        flat = (-1, color.shape[3]) if color.shape[3] else (0, 0)
        arrays = (crossings.pixels, crossings.vertices, crossings.alphas, crossings.slopes)
        blend_backward(
            as_array(color).reshape(flat), *arrays, as_array(grad).reshape(flat), grad_color.numpy().reshape(flat),
            grad_pos,
        )  # fmt: skip
        return grad_color, torch.from_numpy(grad_pos).to(color.dtype).reshape(ctx.pos_shape), None, None, None


def _find(
    rast: np.ndarray, positions: np.ndarray, base: np.ndarray, topology: TopologyHash, boost: float
) -> _Crossings:
    found = np.zeros((*rast.shape[:3], 2), np.uint8)
    count = np.zeros(rast.shape[0] * rast.shape[1], np.int64)
    wide = rast.dtype == np.float64
    spread(find_crossings, rast, positions, base, topology.triangles, topology.opposite, wide, found, count)
    total = int(count.sum())
    start = np.cumsum(count) - count
    pixels, vertices = np.empty((total, 2), np.int64), np.empty((total, 2), np.int64)
    alphas, slopes = np.empty(total), np.empty((total, 6))
    spread(
        list_crossings,
        rast,
        positions,
        base,
        topology.triangles,
        wide,
        boost,
        found,
        start,
        pixels,
        vertices,
        alphas,
        slopes,
    )
    return _Crossings(pixels, vertices, alphas, slopes)
