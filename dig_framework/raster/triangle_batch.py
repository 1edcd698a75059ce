"""Which triangles are drawn into which image."""

from __future__ import annotations

import dataclasses
import operator

import numpy as np
import torch
from torch import Tensor

from dig_framework.errors import InputError
from dig_framework.raster.input_checks import check_floats, check_ranges, check_shape, check_triangles

_LARGEST = 1 << 16
_FARTHEST = 1e100  # Products of several coordinates must not overflow.


@dataclasses.dataclass(frozen=True)
class TriangleBatch:
    """Triangles of all images, one after the other."""

    positions: np.ndarray
    """Clip-space positions of all vertices of all images [P, 4], float64."""
    triangles: np.ndarray
    """Vertex indices [F, 3], int32."""
    image: np.ndarray
    """Image of each item, that is, of each triangle of each image [M], int32."""
    triangle: np.ndarray
    """Triangle of each item [M], int32."""
    base: np.ndarray
    """Row in `positions` of vertex 0 of each image [N], int64."""
    height: int
    """Of the images [px]."""
    width: int
    """Of the images [px]."""

    @property
    def images(self) -> int:
        """Number of images."""
        return len(self.base)


def check_resolution(function: str, resolution: object) -> tuple[int, int]:
    """Return (height, width) or refuse them."""
    try:
        height, width = (operator.index(side) for side in resolution)  # pyright: ignore[reportGeneralTypeIssues]
    except (TypeError, ValueError):
        raise InputError(f"{function}: resolution is (height, width) [px], not {resolution!r}.") from None
    if not (0 < height <= _LARGEST and 0 < width <= _LARGEST):
        raise InputError(f"{function}: resolution is {(height, width)}; both sides must be 1 to {_LARGEST} pixels.")
    return height, width


def check_positions(function: str, pos: Tensor, tri: Tensor) -> None:
    """Refuse positions and triangles that are not those of meshes."""
    check_floats(function, pos=pos)
    check_shape(function, "pos", pos, ("images", "vertices", 4), ("vertices", 4))
    low, high = (float(value) for value in torch.aminmax(pos.detach())) if pos.numel() else (0.0, 0.0)
    if max(-low, high) > _FARTHEST:
        raise InputError(f"{function}: pos holds {max(-low, high):g}; coordinates up to {_FARTHEST:g} can be drawn.")
    check_triangles(function, tri, pos.shape[-2])


def triangle_batch(function: str, pos: Tensor, tri: Tensor, resolution: object, ranges: Tensor | None) -> TriangleBatch:
    """Check what `rasterize` is given, and list what is drawn."""
    height, width = check_resolution(function, resolution)
    check_positions(function, pos, tri)
    if pos.ndim == 3:
        if ranges is not None:
            raise InputError(f"{function}: ranges go with pos of shape [vertices, 4]; it has {list(pos.shape)}.")
        first, count = np.zeros(len(pos), np.int64), np.full(len(pos), len(tri), np.int64)
        base = np.arange(len(pos), dtype=np.int64) * pos.shape[1]
    else:
        if ranges is None:
            raise InputError(f"{function}: pos of shape [vertices, 4] needs ranges, an int32 tensor [images, 2].")
        check_ranges(function, ranges, len(tri))
        first, count = ranges.long().numpy().T
        base = np.zeros(len(ranges), np.int64)
    image = np.repeat(np.arange(len(base), dtype=np.int32), count)
    start = np.concatenate([[0], np.cumsum(count)[:-1]]) if len(count) else np.zeros(0, np.int64)
    triangle = (np.arange(len(image)) + np.repeat(first - start, count)).astype(np.int32)
    positions = as_array(pos.detach().double()).reshape(-1, 4)
    return TriangleBatch(positions, frozen_triangles(tri), image, triangle, base, height, width)


def as_array(tensor: Tensor) -> np.ndarray:
    """Return the values of a tensor as a contiguous array."""
    return tensor.detach().contiguous().numpy()


def frozen_triangles(tri: Tensor) -> np.ndarray:
    """Return a copy of checked vertex indices, which nobody can make unsafe before the backward pass."""
    return tri.contiguous().numpy().copy()
