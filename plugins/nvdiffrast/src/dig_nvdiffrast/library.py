"""The library, and whether it can be used here."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

import torch

from dig_framework.errors import ComponentError
from dig_framework.rendering.primitive_images import Primitives


def primitives() -> Primitives:
    """Return the module `nvdiffrast.torch`.

    Raises:
        ComponentError: If it does not import, or there is no CUDA device for it.
    """
    try:
        module = importlib.import_module("nvdiffrast.torch")
    except ImportError as error:
        raise ComponentError(
            f"renderer 'nvdiffrast' needs nvdiffrast, which does not import ({error}). It is not on PyPI: build it "
            "from github.com/NVlabs/nvdiffrast on a machine with CUDA, or take renderer 'raster', which needs no GPU."
        ) from error
    if not torch.cuda.is_available():
        raise ComponentError(
            "renderer 'nvdiffrast' needs a CUDA device, and torch sees none. Take renderer 'raster', which needs "
            "none, or run where there is an NVIDIA GPU and a CUDA build of torch."
        )
    return module  # type: ignore[return-value]


@cache
def context(device: torch.device) -> Any:
    """Return the rasteriser's state of a device, made once: it holds buffers that grow with the largest image."""
    return importlib.import_module("nvdiffrast.torch").RasterizeCudaContext(device=device)
