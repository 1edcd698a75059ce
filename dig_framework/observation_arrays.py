"""Observations from arrays in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, SupportsFloat

import numpy as np
import torch
from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.color_space import linear_from_srgb
from dig_framework.errors import InputError
from dig_framework.observation import Box, Observation
from dig_framework.observation_checks import checked_observation, intrinsics_from, shape_text

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    Boxes = Iterable[Box | Iterable[SupportsFloat]]


def observation_from_arrays(
    color: Tensor | ArrayLike,
    depth: Tensor | ArrayLike,
    intrinsics: Tensor | ArrayLike,
    boxes: Boxes = (),
    masks: Tensor | ArrayLike | None = None,
) -> Observation:
    """Return a checked observation of registered arrays.

    Args:
        color: (height, width, 3); unsigned bytes are sRGB as in image files, floats are linear RGB in [0, 1].
        depth: (height, width) distances along the optical axis [m], zero where there is none.
        intrinsics: K, (3, 3) or 9 numbers row by row [px].
        boxes: `Box` or plain (left, top, right, bottom) [px]; the latter are called `object-0`, `object-1`, ...
        masks: (boxes, height, width) booleans, one a box.

    Raises:
        InputError: If an array cannot be what it should be; says what was found and what to do.
    """
    image, distances = _linear(_tensor(color)), _tensor(depth)
    if distances.ndim != 2:
        raise InputError(f"depth: has shape {shape_text(distances)}; one channel is expected, (height, width).")
    if not distances.is_floating_point():
        raise InputError(f"depth: is {distances.dtype}; give metres as floats, for example depth * 0.001 for mm.")
    matrix = intrinsics_from(_tensor(intrinsics).flatten().tolist(), "intrinsics")
    if image.ndim != 3:
        raise InputError(f"color: has shape {shape_text(image)}; colour is (height, width, 3), red first.")
    height, width = image.shape[:2]
    named = _named(boxes)
    chosen = None if masks is None else _tensor(masks).bool()
    camera = Camera(matrix, width, height)
    return checked_observation(image.float(), distances.float(), camera, named, chosen)


def _linear(color: Tensor) -> Tensor:
    if color.dtype == torch.uint8:
        return linear_from_srgb(color.float() / 255)
    if color.is_floating_point():
        return color
    raise InputError(f"color: is {color.dtype}; give unsigned bytes in sRGB or linear floats in [0, 1].")


def _tensor(values: Tensor | ArrayLike) -> Tensor:
    if isinstance(values, Tensor):
        return values.detach()
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise InputError("lists of different lengths were given where an array is expected.") from error
    if array.dtype.kind not in "biuf":
        raise InputError(f"an array of {array.dtype} was given where numbers are expected.")
    return torch.from_numpy(np.ascontiguousarray(array.astype(array.dtype.newbyteorder("="))).copy())


def _named(boxes: object) -> tuple[Box, ...]:
    if isinstance(boxes, str | Mapping) or not isinstance(boxes, Iterable):
        raise InputError(f"boxes: is {boxes!r}; give a list of boxes.")
    result = []
    for index, box in enumerate(boxes):
        label, corners = (box.label, box.xyxy) if isinstance(box, Box) else (f"object-{index}", box)
        result.append(Box(label, _corners(corners, index)))
    return tuple(result)


def _corners(box: object, index: int) -> tuple[float, float, float, float]:
    if isinstance(box, int | float | np.number) or (isinstance(box, Tensor) and box.ndim == 0):
        raise InputError(f"box {index}: is the number {float(box):g}; boxes is a list of boxes, even of one.")
    values = _numbers(box)
    if values is None:
        raise InputError(
            f"box {index}: is {box!r}; give left, top, right, bottom in pixels, or Box(label, corners) to name it."
        )
    if len(values) != 4:
        raise InputError(f"box {index}: has {len(values)} numbers; give left, top, right, bottom in pixels.")
    return values[0], values[1], values[2], values[3]


def _numbers(box: object) -> list[float] | None:
    if isinstance(box, Mapping) or not isinstance(box, Iterable):
        return None
    try:
        return [float(value) for value in box]
    except (TypeError, ValueError, RuntimeError):  # Tensors of several numbers raise the last.
        return None
