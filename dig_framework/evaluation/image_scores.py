"""How a reconstructed scene agrees with the true one in the image."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from dig_framework.camera import Camera
from dig_framework.color_space import srgb_from_linear
from dig_framework.errors import DigError
from dig_framework.evaluation.object_scores import Values
from dig_framework.metrics.depth_image import depth_image
from dig_framework.metrics.image_quality import depth_error, in_box, mask_iou, psnr, ssim
from dig_framework.metrics.surface import Surface
from dig_framework.metrics.visible_surface import vsd_recall
from dig_framework.observation import Observation
from dig_framework.report.scene_pictures import rendered
from dig_framework.scene import Scene


@dataclasses.dataclass(frozen=True)
class Views:
    """Several surfaces as one camera sees them."""

    surfaces: Sequence[Surface]
    camera: Camera

    @cached_property
    def depths(self) -> list[np.ndarray]:
        """Depth of each surface alone [m]; zero where it is not."""
        size = (self.camera.width, self.camera.height)
        return [depth_image(surface, self.intrinsics, *size) for surface in self.surfaces]

    @cached_property
    def intrinsics(self) -> np.ndarray:
        """Camera matrix [px]."""
        return self.camera.intrinsics.detach().cpu().double().numpy()

    @cached_property
    def nearest(self) -> np.ndarray:
        """Which surface is seen at each pixel centre; -1 for none."""
        if not self.surfaces:
            return np.full((self.camera.height, self.camera.width), -1)
        stack = np.stack([np.where(depth > 0, depth, np.inf) for depth in self.depths])
        return np.where(np.isfinite(stack.min(0)), stack.argmin(0), -1)

    def visible(self, position: int) -> np.ndarray:
        """Return the pixels in which a surface is seen."""
        return self.nearest == position


@dataclasses.dataclass(frozen=True)
class TrueImage:
    """What is true of one object in the image."""

    mask: np.ndarray
    """Its visible pixels."""
    alone: np.ndarray
    """Its depth if it were alone [m]."""
    depth: np.ndarray
    """Of the true scene without noise [m]."""
    diameter: float
    """[m]"""


def image_scores(truth: TrueImage, views: Views, position: int, observation: Observation) -> Values:
    """Return mask overlap, error of visible depth, and the recall of VSD for one reconstructed object."""
    mask = views.visible(position)
    measured = observation.depth.cpu().double().numpy()
    return {
        "mask_iou": mask_iou(mask, truth.mask),
        "depth_error": depth_error(views.depths[position], truth.depth, mask & truth.mask),
        "vsd": vsd_recall(views.depths[position], truth.alone, measured, views.intrinsics, truth.diameter),
    }


def color_scores(scene: Scene, observation: Observation) -> list[Values]:
    """Return PSNR and SSIM of the scene's image inside every box, in sRGB; nothing where it cannot be drawn."""
    try:
        render = rendered(scene, observation.camera)
    except DigError:
        return [{} for _ in observation.boxes]
    drawn, seen = (srgb_from_linear(image.detach().cpu().double().clamp(0, 1)).numpy()
                   for image in (render.color, observation.color))  # fmt: skip
    result: list[Values] = []
    for box in observation.boxes:
        pair = in_box(drawn, box.xyxy), in_box(seen, box.xyxy)
        result.append({"psnr": psnr(*pair), "ssim": ssim(*pair)} if pair[0].size else {})
    return result
