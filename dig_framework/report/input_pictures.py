"""Pictures of what went in and of how it was segmented."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, UInt8
from torch import Tensor

from dig_framework.color_space import srgb_from_linear
from dig_framework.observation import Observation
from dig_framework.report.color_scale import depth_scale, height_scale, object_color
from dig_framework.report.marks import boxed, outlined, tinted
from dig_framework.report.picture import Picture
from dig_framework.report.window import Window
from dig_framework.stages.segmentation import Segmentation


def srgb_image(linear: Float[Tensor, "height width 3"]) -> UInt8[np.ndarray, "height width 3"]:
    """Return linear RGB as an 8-bit sRGB image."""
    return (srgb_from_linear(linear.detach().float()) * 255).round().byte().cpu().numpy()


def depth_map(depth: Float[Tensor, "height width"]) -> Float[np.ndarray, "height width"]:
    """Return depth [m] with NaN where nothing was measured."""
    values = depth.detach().float().cpu().numpy()
    return np.where(values > 0, values, np.nan)


def input_pictures(observation: Observation) -> list[Picture]:
    """Return the colour image with its boxes, and the depth image."""
    image = srgb_image(observation.color)
    for index, box in enumerate(observation.boxes):
        image = boxed(image, box.xyxy, object_color(index), box.label)
    labels = ", ".join(box.label for box in observation.boxes) or "nothing"
    depth = depth_map(observation.depth)
    scale = depth_scale(*_depth_range(observation, depth))
    share = np.isfinite(depth).mean()
    alt = f"Depth of every pixel; {share:.0%} of them have one, the rest is dark."
    return [
        Picture("input/color", image, "Colour and boxes", f"The input image with a box around {labels}."),
        Picture("input/depth", scale.colors(depth), "Depth", alt, scale),
    ]


def _depth_range(observation: Observation, depth: Float[np.ndarray, "height width"]) -> tuple[float, float]:
    """Return the range [m] in which the boxes' content is, so that a far wall does not flatten it."""
    asked = np.zeros(depth.shape, bool)
    for box in observation.boxes:
        x0, y0, x1, y1 = (max(0, round(value)) for value in box.xyxy)
        asked[y0:y1, x0:x1] = True
    for values in (depth[asked], depth):
        if np.isfinite(values).any():
            low, high = (float(value) for value in np.nanpercentile(values, (1, 99)))
            return low - 0.2 * (high - low), high + 0.2 * (high - low)
    return 0.0, 1.0


def segmentation_pictures(observation: Observation, segmentation: Segmentation, window: Window) -> list[Picture]:
    """Return masks over the colour image and, if there is a plane, heights above it."""
    image = window.image(srgb_image(observation.color))
    for index, mask in enumerate(segmentation.masks.cpu().numpy()):
        shown = window.mask(mask)
        image = outlined(tinted(image, shown, object_color(index)), shown, object_color(index))
    found = int(segmentation.masks.flatten(1).any(1).sum()) if len(segmentation.masks) else 0
    alt = f"Masks of {found} of {len(segmentation.masks)} boxes over the input image."
    pictures = [Picture("segment/masks", image, "Masks", alt)]
    if segmentation.plane is not None:
        pictures.append(_height_picture(observation, segmentation, window))
    return pictures


def _height_picture(observation: Observation, segmentation: Segmentation, window: Window) -> Picture:
    assert segmentation.plane is not None
    points = observation.camera.unproject(observation.depth)
    heights = 1000 * segmentation.plane.height(points).float().cpu().numpy()
    heights = np.where(observation.depth.cpu().numpy() > 0, heights, np.nan)
    inside = heights[segmentation.masks.any(0).cpu().numpy() & np.isfinite(heights)] if len(segmentation.masks) else []
    scale = height_scale(float(np.percentile(inside, 99)) if len(inside) else 100.0)
    alt = "Height of every pixel above the support plane; the plane itself is grey."
    return Picture("segment/heights", scale.colors(window.values(heights)), "Height above the table", alt, scale)
