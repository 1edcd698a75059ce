"""The checks that every observation goes through."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.errors import InputError
from dig_framework.json_fields import number_of
from dig_framework.observation import Box, Observation

FARTHEST = 20.0
"""Largest median depth of an image, and distance of a true object [m]."""
_NEAREST = 0.05
_OVERHANG = 2.0


def checked_observation(
    color: Tensor,
    depth: Tensor,
    camera: Camera,
    boxes: Sequence[Box] = (),
    masks: Tensor | None = None,
    sources: tuple[str, str, str] = ("color", "depth", "intrinsics"),
) -> Observation:
    """Return the parts as an observation, boxes clipped to the image; `sources` say where the first three come from.

    Raises:
        InputError: If anything in it cannot be what it should be.
    """
    _check_color(color, sources[0])
    if color.shape[:2] != depth.shape:
        raise InputError(
            f"{sources[1]}: is {_size(depth)} but {sources[0]} is {_size(color)}; register depth to colour, or "
            "describe the depth camera under 'depth' in camera.json."
        )
    check_intrinsics(camera.intrinsics, camera.width, camera.height, sources[2])
    check_depth(depth, sources[1])
    found = checked_boxes(boxes, camera)
    if masks is not None:
        _check_masks(masks, len(found), camera.width, camera.height)
    return Observation(color, depth, camera, found, masks)


def checked_boxes(boxes: Sequence[Box], camera: Camera, source: str | None = None) -> tuple[Box, ...]:
    """Return the boxes clipped to the image; they may reach out of it by 2 px. `source` says where they come from.

    Raises:
        InputError: If one is reversed, empty or outside.
    """
    place = f"{source}: " if source else ""
    return tuple(_checked_box(box, f"{place}box {index} {box.label!r}", camera) for index, box in enumerate(boxes))


def intrinsics_from(values: Sequence[float], source: str) -> Tensor:
    """Return K [px] from 9 numbers, row by row.

    Raises:
        InputError: If there are not 9 finite numbers that form K = [[fx, s, cx], [0, fy, cy], [0, 0, 1]].
    """
    if len(values) != 9:
        raise InputError(f"{source}: has {len(values)} numbers; K needs 9, row by row: fx 0 cx 0 fy cy 0 0 1.")
    k = torch.tensor([float(value) for value in values], dtype=torch.float64).reshape(3, 3)
    if not bool(k.isfinite().all()):
        raise InputError(f"{source}: K = {_row(k)} has values that are not finite; calibrate the camera again.")
    if k[1, 0] != 0 or bool((k[2] != k.new_tensor([0, 0, 1])).any()):
        hint = "give it row by row" if bool((k[:2, 2] == 0).all()) else "give fx 0 cx 0 fy cy 0 0 1"
        raise InputError(f"{source}: K = {_row(k)} is no pinhole matrix; {hint}.")
    return k.float()


def depth_scale_from(values: dict[str, Any], source: str) -> float:
    """Return the millimetres per depth unit of a camera entry.

    Raises:
        InputError: If it is absent or not a positive number.
    """
    scale = number_of(values, "depth_scale", source)
    if scale <= 0:
        raise InputError(f"{source}: depth_scale is {scale:g}; give the millimetres per unit, a positive number.")
    return scale


def check_intrinsics(k: Tensor, width: int, height: int, source: str) -> None:
    """Raise InputError if K does not fit an image of that size."""
    fx, fy, cx, cy = (float(value) for value in (k[0, 0], k[1, 1], k[0, 2], k[1, 2]))
    size = f"a {width} x {height} image"
    if not (0 < cx < width and 0 < cy < height):
        raise InputError(
            f"{source}: principal point ({cx:g}, {cy:g}) px lies outside {size}; "
            "K belongs to another image size, so scale it with the image."
        )
    if abs(cx / width - 0.5) > 0.2 and abs(cy / height - 0.5) > 0.2:
        raise InputError(
            f"{source}: principal point ({cx:g}, {cy:g}) px is far from the middle of {size}, as if K belonged to one "
            f"of about {2 * cx:.0f} x {2 * cy:.0f}; scale K with the image."
        )
    if not (0.2 * width < fx < 20 * width and 0.2 * height < fy < 20 * height and 0.5 < fx / fy < 2):
        raise InputError(
            f"{source}: focal lengths ({fx:g}, {fy:g}) px cannot belong to {size}; give fx and fy in pixels."
        )


def check_depth(depth: Tensor, source: str) -> None:
    """Raise InputError if a depth map [m] has impossible values."""
    if not bool(depth.isfinite().all()):
        bad = int((~depth.isfinite()).sum())
        raise InputError(f"{source}: {bad} pixels are NaN or infinite; set pixels without a measurement to 0.")
    if bool((depth < 0).any()):
        raise InputError(f"{source}: depth goes down to {float(depth.min()):g} m; it is measured along +z, from 0.")
    seen = depth[depth > 0]
    if len(seen) == 0:
        raise InputError(f"{source}: every pixel is zero; the depth camera measured nothing, so record it again.")
    middle = float(seen.median())
    if not _NEAREST <= middle <= FARTHEST:
        looks = "as if millimetres were read as metres" if middle > FARTHEST else "nearer than depth cameras measure"
        raise InputError(
            f"{source}: median depth is {middle:g} m, {looks}; arrays are in metres, and depth_scale in camera.json is "
            "the millimetres per unit (1.0 for a depth map in millimetres)."
        )


def _checked_box(box: Box, name: str, camera: Camera) -> Box:
    x0, y0, x1, y1 = box.xyxy
    width, height = camera.width, camera.height
    size = f"the {width} x {height} image"
    corners = f"[{x0:g}, {y0:g}, {x1:g}, {y1:g}]"
    if not all(math.isfinite(value) for value in box.xyxy):
        raise InputError(f"{name}: {corners} is not finite; give left, top, right, bottom in pixels.")
    if x1 <= x0 or y1 <= y0:
        raise InputError(
            f"{name}: {corners} is empty or reversed; give left, top, right, bottom in pixels with left < right and "
            "top < bottom (not width and height)."
        )
    low, high = -_OVERHANG, _OVERHANG
    if x0 < low or y0 < low or x1 > width + high or y1 > height + high or x0 >= width or y0 >= height:
        raise InputError(f"{name}: {corners} reaches outside {size}; give it in this image's pixels.")
    clipped = (max(x0, 0.0), max(y0, 0.0), min(x1, float(width)), min(y1, float(height)))
    if clipped[2] <= clipped[0] or clipped[3] <= clipped[1]:
        raise InputError(f"{name}: {corners} lies outside {size}; give it in this image's pixels.")
    return Box(box.label, clipped)


def _check_color(color: Tensor, source: str) -> None:
    if color.ndim != 3 or color.shape[2] != 3:
        raise InputError(f"{source}: has shape {shape_text(color)}; colour is (height, width, 3), red first.")
    if not bool(color.isfinite().all()):
        raise InputError(f"{source}: {int((~color.isfinite()).sum())} values are NaN or infinite; replace them.")
    if color.numel() == 0 or color.min() < 0 or color.max() > 1:
        reach = f"{float(color.min()):g} to {float(color.max()):g}" if color.numel() else "nothing"
        raise InputError(f"{source}: values reach from {reach}; give bytes in sRGB or linear floats in [0, 1].")


def _check_masks(masks: Tensor, count: int, width: int, height: int) -> None:
    if masks.shape != (count, height, width):
        raise InputError(
            f"masks: have shape {shape_text(masks)} for {count} boxes in a {width} x {height} image; "
            f"give ({count}, {height}, {width}), one a box."
        )


def shape_text(values: Tensor) -> str:
    """Return a shape as it is written, such as `(480, 640)`."""
    return "(" + ", ".join(str(size) for size in values.shape) + ")"


def _size(image: Tensor) -> str:
    return f"{image.shape[1]} x {image.shape[0]}"


def _row(k: Tensor) -> str:
    return "[" + ", ".join(f"{value:g}" for value in k.flatten().tolist()) + "]"
