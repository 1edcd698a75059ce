"""Whether measured depth and true poses are in the same unit."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.errors import InputError
from dig_framework.ground_truth import TrueObject
from dig_framework.observation import Observation
from dig_framework.observation_checks import FARTHEST

_FACTOR = 2.0
_REACH = 3
"""How far around the middle of an object depth counts where there are no masks [px]."""


def check_truth_scale(objects: Sequence[TrueObject], view: Observation, depth_source: str, pose_source: str) -> None:
    """Refuse true objects that are where measured depth cannot have seen them.

    An object disagrees if the median depth inside its mask is beyond twice, or nearer than half of, where its pose has
    it; without masks, depth around the projected middle counts. The image is refused if all that depth was measured of
    disagree in the same direction, so glass before a wall, or an occluder, is no reason where others are seen.

    Args:
        objects: With the places of their boxes in the view.
        view: The image.
        depth_source: Where the unit of depth comes from, as in `scene_camera.json: image 3: depth_scale`.
        pose_source: Where the poses come from.

    Raises:
        InputError: If they disagree by a factor of two, or an object is farther away than depth may be.
    """
    found: list[tuple[int, str]] = []
    for item in objects:
        depths = item.posed().vertices[:, 2]
        near, far = float(depths.min()), float(depths.max())
        if near > FARTHEST:
            raise InputError(
                f"{pose_source}: the pose of {item.label!r} is {near:.4g} m away, farther than the {FARTHEST:g} m that "
                "a depth camera sees; give it in the unit of the format."
            )
        measured = _measured(item, view)
        if measured is not None and far > 0:
            found.append(_judged(item.label, measured, max(near, 0.0), far))
    if found and found[0][0] != 0 and all(sign == found[0][0] for sign, _ in found):
        raise InputError(
            f"{depth_source} does not fit the poses in {pose_source}: {found[0][1]}; one of the two is in another unit."
        )


def _judged(label: str, measured: float, near: float, far: float) -> tuple[int, str]:
    sign = int(measured > _FACTOR * far) - int(measured < near / _FACTOR)
    return sign, f"depth is {measured:.4g} m where the pose of {label!r} is {near:.4g} to {far:.4g} m away"


def _measured(item: TrueObject, view: Observation) -> float | None:
    """Return the median depth of an object [m], None if none was measured of it."""
    if view.boxes and item.index is None:
        return None
    if view.masks is not None and item.index is not None:
        region = view.masks[item.index]
    else:
        region = _around_middle(item.posed().vertices.mean(0), view.camera)
    seen = view.depth[region & (view.depth > 0)]
    return float(seen.median()) if len(seen) else None


def _around_middle(middle: Float[Tensor, "3"], camera: Camera) -> Bool[Tensor, "height width"]:
    region = torch.zeros(camera.height, camera.width, dtype=torch.bool)
    x, y, scale = (float(value) for value in camera.intrinsics.to(middle) @ middle)
    if scale <= 0 or not math.isfinite(x / scale + y / scale):
        return region
    column, row = round(x / scale), round(y / scale)
    if 0 <= column < camera.width and 0 <= row < camera.height:
        region[max(row - _REACH, 0) : row + _REACH + 1, max(column - _REACH, 0) : column + _REACH + 1] = True
    return region
