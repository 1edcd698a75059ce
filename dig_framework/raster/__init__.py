"""Differentiable rasterisation on the CPU: four primitives with the interface of `nvdiffrast.torch`.

`rasterize` finds which triangle every pixel sees, `interpolate` spreads vertex attributes over pixels, `texture`
samples textures, and `antialias` makes silhouettes differentiable. Names are imported, and kernels compiled, on
first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

_HOMES = {
    "DepthPeeler": "depth_peeler",
    "RasterizeContext": "context",
    "RasterizeCudaContext": "context",
    "RasterizeGLContext": "context",
    "antialias": "antialiasing",
    "antialias_construct_topology_hash": "topology",
    "get_log_level": "log_level",
    "interpolate": "interpolation",
    "rasterize": "rasterization",
    "set_log_level": "log_level",
    "texture": "texturing",
    "texture_construct_mip": "mipmap",
}

if TYPE_CHECKING:
    from dig_framework.raster.antialiasing import antialias as antialias
    from dig_framework.raster.context import RasterizeContext as RasterizeContext
    from dig_framework.raster.context import RasterizeCudaContext as RasterizeCudaContext
    from dig_framework.raster.context import RasterizeGLContext as RasterizeGLContext
    from dig_framework.raster.depth_peeler import DepthPeeler as DepthPeeler
    from dig_framework.raster.interpolation import interpolate as interpolate
    from dig_framework.raster.log_level import get_log_level as get_log_level
    from dig_framework.raster.log_level import set_log_level as set_log_level
    from dig_framework.raster.mipmap import texture_construct_mip as texture_construct_mip
    from dig_framework.raster.rasterization import rasterize as rasterize
    from dig_framework.raster.texturing import texture as texture
    from dig_framework.raster.topology import antialias_construct_topology_hash as antialias_construct_topology_hash

__all__ = sorted(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'dig_framework.raster' has no attribute {name!r}")
    return getattr(importlib.import_module(f"dig_framework.raster.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
