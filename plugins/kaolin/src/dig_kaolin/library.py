"""What is used of Kaolin, and what to do when it or CUDA is not there."""

from __future__ import annotations

import importlib
from typing import Any

import torch

from dig_framework.errors import ComponentError

_OTHERWISE = "or choose renderer 'raster', which needs nothing more."


def library() -> Any:
    """Return the function `kaolin.render.mesh.rasterize`.

    Raises:
        ComponentError: If Kaolin does not import, or is PyPI's placeholder; says why and what to do.
    """
    try:
        mesh = importlib.import_module("kaolin.render.mesh")
    except Exception as error:  # Compiled parts that do not fit this torch fail in any way.
        raise ComponentError(
            f"renderer 'kaolin' needs NVIDIA Kaolin, which does not import ({error}); what PyPI has under this name is "
            f"empty. Install the wheel for torch {torch.__version__} as "
            f"https://kaolin.readthedocs.io/en/latest/notes/installation.html says, {_OTHERWISE}"
        ) from error
    return mesh.rasterize


def check_device(device: str) -> None:
    """Raise ComponentError if CUDA is wanted and torch does not see any."""
    if device == "cuda" and not torch.cuda.is_available():
        raise ComponentError(
            "renderer 'kaolin' needs a CUDA device, as Kaolin has rasterisers for CUDA only, but torch sees none here: "
            f"run it where there is one, {_OTHERWISE}"
        )
