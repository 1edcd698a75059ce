"""Mask files that belong to one image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from jaxtyping import Bool
from torch import Tensor

from dig_framework.errors import InputError
from dig_framework.image_files import read_mask


def read_masks(paths: Sequence[Path], width: int, height: int) -> Bool[Tensor, "masks height width"]:
    """Return masks of an image of that size [px], in the order of their files.

    Raises:
        InputError: If a file is missing, no image, or of another size; names it.
    """
    return torch.stack([_sized(read_mask(path), path, width, height) for path in paths])


def read_object_mask(path: Path, width: int, height: int) -> Bool[Tensor, "height width"]:
    """Return the mask of the one object of an image of that size [px].

    Raises:
        InputError: If the file is missing, no image, of another size or black; names it.
    """
    mask = _sized(read_mask(path), path, width, height)
    if not bool(mask.any()):
        raise InputError(f"{path}: is empty, so nothing is labelled in this image; leave it out.")
    return mask


def _sized(mask: Tensor, path: Path, width: int, height: int) -> Tensor:
    if mask.shape != (height, width):
        raise InputError(
            f"{path}: is {mask.shape[1]} x {mask.shape[0]}, but its image is {width} x {height}; get it again."
        )
    return mask
