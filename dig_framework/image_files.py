"""PNG and JPEG files as arrays, and back."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from dig_framework.atomic_files import read_bytes, write_atomic
from dig_framework.color_space import linear_from_srgb, srgb_from_linear
from dig_framework.errors import InputError
from dig_framework.png_chunks import png_damage

if TYPE_CHECKING:
    from PIL.Image import Image

_NOTHING = 2**16 - 1
_MODES = {"RGB": "8-bit RGB", "RGBA": "8-bit RGBA", "L": "8-bit grey", "P": "palette", "1": "1-bit", "LA": "8-bit grey"}


def read_color(path: Path) -> Float[Tensor, "height width 3"]:
    """Return linear RGB in [0, 1] of an 8-bit sRGB image file; grey is repeated, transparency dropped.

    Raises:
        InputError: If the file is missing, truncated or no image.
    """
    image = _opened(path)
    if image.mode not in _MODES:
        raise InputError(f"{path}: is an image of mode {image.mode}; colour must be 8-bit sRGB, so convert it.")
    return linear_from_srgb(torch.from_numpy(np.array(image.convert("RGB"))).float() / 255)


def read_depth(path: Path, depth_scale: float) -> Float[Tensor, "height width"]:
    """Return depth [m] of a single-channel 16-bit image file; `depth_scale` is millimetres per unit.

    The largest value of 16 bits, 65535, marks pixels without a measurement in many recordings, and is read as 0.

    Raises:
        InputError: If the file is missing, truncated, or has another bit depth or number of channels.
    """
    image = _opened(path)
    if image.mode not in ("I;16", "I;16B", "I"):
        kind = _MODES.get(image.mode, f"of mode {image.mode}")
        raise InputError(
            f"{path}: is {kind}, not a depth map; depth must be one channel of 16-bit integers (unsigned PNG)."
        )
    units = np.array(image).astype(np.float64)
    units[units == _NOTHING] = 0
    return torch.from_numpy(units * (depth_scale / 1000)).float()


def read_mask(path: Path) -> Bool[Tensor, "height width"]:
    """Return which pixels of an image file are not black.

    Raises:
        InputError: If the file is missing, truncated or no image.
    """
    values = np.array(_opened(path))
    return torch.from_numpy(values > 0 if values.ndim == 2 else (values[..., :3] > 0).any(-1))


def read_levels(path: Path) -> Int64[Tensor, "height width"]:
    """Return the integer of every pixel of an image file of one channel, such as a map of object numbers.

    Of a palette image it is the index, and of a colour image the red channel.

    Raises:
        InputError: If the file is missing, truncated or no image.
    """
    values = np.array(_opened(path))
    return torch.from_numpy((values if values.ndim == 2 else values[..., 0]).astype(np.int64))


def write_color(path: Path, color: Float[Tensor, "height width 3"]) -> None:
    """Write linear RGB as an 8-bit sRGB image; the file's suffix chooses the format."""
    encoded = (srgb_from_linear(color.detach().cpu()) * 255).round().to(torch.uint8).numpy()
    _write(path, encoded)


def finest_depth_scale(depth: Float[Tensor, "height width"]) -> float:
    """Return the first of 0.1, 0.2, 0.5, 1, 2, 5, ... mm per unit at which depth [m] fits into 16 bits."""
    largest = float(depth.max()) * 1000 if depth.numel() else 0.0
    exponent = -1
    while True:
        for digit in (1, 2, 5):
            scale = float(f"{digit}e{exponent}")
            if largest <= (_NOTHING - 1) * scale:
                return scale
        exponent += 1


def write_depth(path: Path, depth: Float[Tensor, "height width"], depth_scale: float) -> None:
    """Write depth [m] as a 16-bit image; `depth_scale` is millimetres per unit.

    Raises:
        InputError: If a depth does not fit into 16 bits at that scale.
    """
    units = (depth.detach().cpu().double() * (1000 / depth_scale)).round()
    if units.numel() and (units.min() < 0 or units.max() >= _NOTHING):
        raise InputError(
            f"depth up to {float(depth.max()):.3g} m does not fit into 16 bits at {depth_scale} mm a unit."
        )
    _write(path, units.numpy().astype(np.uint16))


def write_mask(path: Path, mask: Bool[Tensor, "height width"]) -> None:
    """Write a mask as an 8-bit image of 0 and 255."""
    _write(path, mask.cpu().numpy().astype(np.uint8) * 255)


def _opened(path: Path) -> Image:
    from PIL import Image, UnidentifiedImageError

    data = read_bytes(path)
    damage = png_damage(data)
    if damage is not None:  # Pillow lets some of it pass, and returns other pixels.
        raise InputError(f"{path}: is truncated or no image ({damage}); write it again as PNG or JPEG.")
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            return image.copy()
    except UnidentifiedImageError as error:
        problem = "no image of a kind that is known" if data else "empty"
        raise InputError(f"{path}: is {problem}; write it again as PNG or JPEG.") from error
    except Exception as error:  # The decoders raise whatever a broken file provokes in them.
        problem = f"truncated or no image ({error})".replace("\n", " ")
        raise InputError(f"{path}: is {problem}; write it again as PNG or JPEG.") from error


def _write(path: Path, values: np.ndarray) -> None:
    from PIL import Image

    stream = io.BytesIO()
    kind = {".jpg": "JPEG", ".jpeg": "JPEG"}.get(path.suffix.lower(), "PNG")
    Image.fromarray(values).save(stream, kind)
    write_atomic(path, stream.getvalue())
