"""Boxes around masks."""

from __future__ import annotations

from jaxtyping import Bool
from torch import Tensor

from dig_framework.errors import InputError
from dig_framework.observation import Box


def box_around(mask: Bool[Tensor, "height width"], label: str) -> Box:
    """Return the tight box of a mask.

    Raises:
        InputError: If the mask is empty.
    """
    rows, columns = mask.any(1).nonzero()[:, 0], mask.any(0).nonzero()[:, 0]
    if not len(rows):
        raise InputError(f"the mask of {label!r} is empty; leave the object out.")
    return Box(label, (float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)))


def boxes_of(masks: Bool[Tensor, "boxes height width"], label: str) -> tuple[Box, ...]:
    """Return the tight boxes of masks, called `LABEL-0`, `LABEL-1` ...

    Raises:
        InputError: If a mask is empty.
    """
    return tuple(box_around(mask, f"{label}-{number}") for number, mask in enumerate(masks))
