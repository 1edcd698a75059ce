"""GrabCut with seeds from depth and the support plane."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Bool, UInt8
from pydantic import Field
from torch import Tensor

from dig_framework.builtin.grabcut_cues import Cues, depth_cues
from dig_framework.evidence import SensorNoise
from dig_framework.interfaces.segmenter import Segmenter
from dig_framework.mask_overlaps import disjoint_masks
from dig_framework.observation import Box, Observation
from dig_framework.support_plane import find_support_plane

Mask = Bool[np.ndarray, "height width"]


class DepthGrabCut(Segmenter):
    """Cuts each box's object out by colour, started and bounded by depth.

    Surfaces above the support plane that lie in a box are surely the object, the plane and surfaces that mostly lie
    outside are surely not, and GrabCut (Rother, Kolmogorov and Blake, SIGGRAPH 2004) decides between. A second round
    tells it what the other boxes' objects look like. Overlaps that remain go to the nearer surface in space.
    """

    rejects_empty_boxes: ClassVar[bool] = True

    margin: float = Field(
        default=0.03, ge=0, le=0.1, description="How far an object may reach beyond its box [share of size]"
    )
    resolution: int = Field(default=240, ge=32, description="Longest side of the window that is cut [px]")
    iterations: int = Field(default=4, ge=1, description="Rounds of GrabCut's colour models")
    seed: int = Field(default=0, ge=0, description="Of the colour models and of the plane's search")
    noise: SensorNoise = Field(default=SensorNoise(), description="Of the depth camera")

    def segment(self, observation: Observation) -> Bool[Tensor, "boxes height width"]:
        """Return disjoint masks; the support plane is found on the way."""
        if not observation.boxes:
            return torch.zeros(0, *observation.depth.shape, dtype=torch.bool)
        observation = observation.replace(masks=None).to("cpu", torch.float32)
        cues = depth_cues(observation, find_support_plane(observation, self.noise, self.seed), self.noise)
        masks = [self._cut(cues, box, np.zeros_like(cues.measured)) for box in observation.boxes]
        claims = np.sum(masks, 0)
        if (claims > 1).any():
            alone = [mask & (claims == 1) for mask in masks]
            others = [(claims == 1) & ~own for own in alone]
            masks = [self._cut(cues, box, other) for box, other in zip(observation.boxes, others, strict=True)]
        return disjoint_masks(torch.from_numpy(np.stack([_tidy(mask) for mask in masks])), observation)

    def _cut(self, cues: Cues, box: Box, excluded: Mask) -> Mask:
        """Return one box's mask; `excluded` pixels are another object's."""
        import cv2

        trimap = _trimap(cues, box, excluded, self.margin)
        empty = np.zeros_like(cues.measured)
        window = _window(box, 0.35, trimap.shape)
        part = np.ascontiguousarray(trimap[window])
        factor = min(1.0, self.resolution / max(part.shape))
        size = (max(1, round(part.shape[1] * factor)), max(1, round(part.shape[0] * factor)))
        small = cv2.resize(part, size, interpolation=cv2.INTER_NEAREST)
        foreground = (small == cv2.GC_FGD) | (small == cv2.GC_PR_FGD)
        if not foreground.any():
            return empty
        if not foreground.all():
            color = cv2.resize(np.ascontiguousarray(cues.color[window]), size, interpolation=cv2.INTER_AREA)
            models = np.zeros((1, 65)), np.zeros((1, 65))
            cv2.setRNGSeed(self.seed)
            cv2.grabCut(color, small, (0, 0, 1, 1), *models, self.iterations, cv2.GC_INIT_WITH_MASK)
            foreground = (small == cv2.GC_FGD) | (small == cv2.GC_PR_FGD)
        whole = (part.shape[1], part.shape[0])
        result = cv2.resize(foreground.astype(np.float32), whole, interpolation=cv2.INTER_LINEAR) > 0.5
        empty[window] = np.where(np.isin(part, (cv2.GC_BGD, cv2.GC_FGD)), part == cv2.GC_FGD, result)
        return empty


def _trimap(cues: Cues, box: Box, excluded: Mask, margin: float) -> UInt8[np.ndarray, "height width"]:
    import cv2

    inside = np.zeros_like(excluded)
    inside[_window(box, 0.0, inside.shape)] = True
    allowed = np.zeros_like(excluded)
    allowed[_window(box, margin, inside.shape)] = True
    numbers = cues.surfaces[inside]
    within = np.bincount(numbers, minlength=cues.surfaces.max() + 1)
    share = within / np.maximum(np.bincount(cues.surfaces.ravel(), minlength=len(within)), 1)
    share[0] = 0.5
    belongs = share[cues.surfaces]
    trimap = np.full(inside.shape, cv2.GC_PR_BGD, np.uint8)
    trimap[inside & (cues.raised | ~cues.measured)] = cv2.GC_PR_FGD
    trimap[inside & (belongs < 0.3)] = cv2.GC_PR_BGD
    core = cv2.erode((inside & cues.raised & (belongs > 0.8)).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    trimap[core] = cv2.GC_FGD
    trimap[cues.flat | excluded | ~allowed] = cv2.GC_BGD
    return trimap


def _window(box: Box, growth: float, shape: tuple[int, ...]) -> tuple[slice, slice]:
    x0, y0, x1, y1 = box.xyxy
    dx, dy = growth * (x1 - x0), growth * (y1 - y0)
    columns = slice(max(0, int(np.ceil(x0 - dx))), max(0, min(shape[1], int(np.ceil(x1 + dx)))))
    rows = slice(max(0, int(np.ceil(y0 - dy))), max(0, min(shape[0], int(np.ceil(y1 + dy)))))
    return rows, columns


def _tidy(mask: Mask) -> Mask:
    """Drop specks and close pinholes."""
    import cv2

    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    if count <= 1:
        return mask
    areas = np.where(np.arange(count) == 0, 0, stats[:, cv2.CC_STAT_AREA])
    return mask & (areas >= 0.1 * areas.max())[np.asarray(labels)]
