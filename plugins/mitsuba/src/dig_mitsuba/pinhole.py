"""Mitsuba's camera for a pinhole camera in OpenCV's convention."""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

import numpy as np
from jaxtyping import Float

from dig_framework.camera import Camera

FARTHEST = 200.0
"""How far anything is seen [m]; the support plane ends there. One of kilometres would shade itself, by rounding."""


def seen_from_camera(intrinsics: Float[np.ndarray, "3 3"]) -> Float[np.ndarray, "3 3"]:
    """Return the linear map of the camera's frame after which square pixels of side 1 / fx without skew see the same.

    Mitsuba knows no other pixels. Lines stay lines and depths stay depths, so what hides what, shadows included, is
    as before. The identity for cameras with square pixels.
    """
    square = intrinsics.copy()
    square[1, 1], square[0, 1] = intrinsics[0, 0], 0.0
    return np.linalg.solve(square, intrinsics)


def pinhole(mi: ModuleType, camera: Camera, offset: tuple[float, float], near: float, sampler: dict[str, Any]) -> Any:
    """Return a sensor at the origin that looks along z, with x to the right and y down.

    Args:
        mi: The library, with a variant chosen.
        camera: Intrinsics and size of the image; its fy and skew are taken for those of square pixels.
        offset: Where in each pixel, from its centre, a ray passes that the sampler sends through its middle [px].
        near: Nearest depth that is seen [m].
        sampler: Of Mitsuba.
    """
    k, width, height = camera.intrinsics.numpy(), camera.width, camera.height
    film = {
        "type": "hdrfilm", "width": width, "height": height, "rfilter": {"type": "box"}, "sample_border": False,
        "pixel_format": "rgb", "component_format": "float32",
    }  # fmt: skip
    return mi.load_dict({
        "type": "perspective", "fov_axis": "x", "fov": math.degrees(2 * math.atan(width / 2 / k[0, 0])),
        "near_clip": near, "far_clip": FARTHEST, "film": film, "sampler": sampler,
        "principal_point_offset_x": ((width - 1) / 2 - k[0, 2] + offset[0]) / width,
        "principal_point_offset_y": ((height - 1) / 2 - k[1, 2] + offset[1]) / height,
        # Mitsuba's cameras have x to the left and y up.
        "to_world": mi.ScalarTransform4f(np.diag([-1.0, -1.0, 1.0, 1.0])),
    })  # fmt: skip
