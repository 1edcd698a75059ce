"""What is used of PyTorch3D, and what to do when it is not there."""

from __future__ import annotations

import importlib
from typing import Any

import torch

from dig_framework.errors import ComponentError


def library() -> tuple[Any, Any]:
    """Return PyTorch3D's class `Meshes` and function `rasterize_meshes`.

    Raises:
        ComponentError: If PyTorch3D does not import; says why and what to do.
    """
    try:
        structures = importlib.import_module("pytorch3d.structures")
        mesh = importlib.import_module("pytorch3d.renderer.mesh")
    except Exception as error:  # Compiled parts that do not fit this torch fail in any way.
        raise ComponentError(
            f"renderer 'pytorch3d' needs PyTorch3D, which does not import ({error}): build it for torch "
            f"{torch.__version__} as https://github.com/facebookresearch/pytorch3d/blob/main/INSTALL.md says, or "
            "choose renderer 'raster', which needs nothing more."
        ) from error
    return structures.Meshes, mesh.rasterize_meshes


def check_device(device: str) -> None:
    """Raise ComponentError if a device is asked for that torch does not see."""
    if device == "cuda" and not torch.cuda.is_available():
        raise ComponentError(
            "renderer 'pytorch3d' is set to device 'cuda', but torch sees no CUDA device here; set device to 'cpu'."
        )
