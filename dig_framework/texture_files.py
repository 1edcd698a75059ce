"""Textures as files: lossless for us, and as PNG for viewers."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.atomic_files import read_bytes, write_atomic
from dig_framework.color_space import srgb_from_linear
from dig_framework.errors import InputError


def write_texture(path: Path, texture: Float[Tensor, "rows columns 3"]) -> None:
    """Write linear RGB in float32 as a numpy file."""
    content = io.BytesIO()
    np.save(content, texture.detach().cpu().numpy().astype(np.float32))
    write_atomic(path, content.getvalue())


def read_texture(path: Path) -> Float[Tensor, "rows columns 3"]:
    """Return what `write_texture` wrote, bit for bit.

    Raises:
        InputError: If the file is missing, damaged or holds something else.
    """
    try:
        values = np.load(io.BytesIO(read_bytes(path)), allow_pickle=False)
    except (ValueError, EOFError) as problem:
        raise InputError(f"{path}: is no numpy file of numbers; write textures with save_scene.") from problem
    if values.dtype != np.float32 or values.ndim != 3 or values.shape[2] != 3 or not values.size:
        raise InputError(
            f"{path}: holds {values.dtype} of shape {values.shape}; a texture is float32 [rows, columns, 3]."
        )
    if not np.isfinite(values).all():
        raise InputError(f"{path}: has values that are NaN or infinite.")
    return torch.from_numpy(values)


def texture_to_png(texture: Float[Tensor, "rows columns 3"]) -> bytes:
    """Return linear RGB as an sRGB PNG of 8 bits."""
    from PIL import Image

    content = io.BytesIO()
    shown = (srgb_from_linear(texture.detach().cpu().float()) * 255).round().byte()
    Image.fromarray(shown.numpy()).save(content, "PNG")
    return content.getvalue()
