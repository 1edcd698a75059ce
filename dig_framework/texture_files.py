"""Textures as files: lossless for us, and as PNG for viewers."""

from __future__ import annotations

import io
import math
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.color_space import srgb_from_linear
from dig_framework.errors import InputError

_MAGIC = b"\x93NUMPY\x01\x00"
"""How numpy files of format 1.0 begin (NEP 1)."""


def texture_to_bytes(texture: Float[Tensor, "rows columns 3"]) -> bytes:
    """Return linear RGB in float32 as a numpy file."""
    content = io.BytesIO()
    np.save(content, texture.detach().cpu().numpy().astype(np.float32))
    return content.getvalue()


def texture_from_bytes(data: bytes, source: str) -> Float[Tensor, "rows columns 3"]:
    """Return what `texture_to_bytes` wrote, bit for bit; `source` says where the bytes are from.

    Raises:
        InputError: If they are damaged or hold something else.
    """
    shape, order, dtype, start = _header(data, source)
    if dtype != np.float32 or len(shape) != 3 or shape[2] != 3 or min(shape) < 1:
        raise InputError(f"{source}: holds {dtype} of shape {shape}; a texture is float32 [rows, columns, 3].")
    expected = math.prod(shape) * dtype.itemsize
    if len(data) - start != expected:
        raise InputError(
            f"{source}: holds {len(data) - start} bytes of data, its header announces {expected}; it is damaged."
        )
    values = np.frombuffer(data, dtype, offset=start).reshape(shape, order=order).copy()
    if not np.isfinite(values).all():
        raise InputError(f"{source}: has values that are NaN or infinite; give finite reflectances.")
    return torch.from_numpy(values)


def _header(data: bytes, source: str) -> tuple[tuple[int, ...], Literal["C", "F"], np.dtype, int]:
    """Return shape, order and type of a numpy file's array, and where its data start."""
    sentence = f"{source}: is no numpy file of numbers; write textures with save_scene."
    if not data.startswith(_MAGIC):
        raise InputError(sentence)
    stream = io.BytesIO(data)
    stream.seek(len(_MAGIC))
    try:
        shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    except Exception as problem:  # numpy runs Python's parser on the header, which has many ways to fail.
        raise InputError(sentence) from problem
    return shape, "F" if is_fortran else "C", dtype, stream.tell()


def texture_to_png(texture: Float[Tensor, "rows columns 3"]) -> bytes:
    """Return linear RGB as an sRGB PNG of 8 bits."""
    from PIL import Image

    content = io.BytesIO()
    shown = (srgb_from_linear(texture.detach().cpu().float()) * 255).round().byte()
    Image.fromarray(shown.numpy()).save(content, "PNG")
    return content.getvalue()
