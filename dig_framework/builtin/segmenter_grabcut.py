"""GrabCut for several boxes, started by depth and the support plane."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Bool, Int
from pydantic import Field
from torch import Tensor

from dig_framework.builtin.grabcut_cues import Cues, depth_cues
from dig_framework.builtin.joint_labels import joint_labels
from dig_framework.derived_seed import derived_seed
from dig_framework.evidence import SensorNoise
from dig_framework.interfaces.segmenter import Segmenter
from dig_framework.mask_overlaps import disjoint_masks
from dig_framework.observation import Box, Observation
from dig_framework.support_plane import find_support_plane


class DepthGrabCut(Segmenter):
    """Finds which box each pixel belongs to from colour, position and the support plane, then cuts along colour edges.

    All boxes are labelled together, so that what one box holds is not taken for another's. GrabCut (Rother, Kolmogorov
    and Blake, SIGGRAPH 2004) then moves each outline, within a narrow band, to where the colours change.
    """

    rejects_empty_boxes: ClassVar[bool] = True

    pixels: int = Field(default=40_000, ge=400, description="Size of the grid on which boxes are labelled [px]")
    rounds: int = Field(default=3, ge=1, description="How often object models and labels are found in turn")
    band: float = Field(default=0.03, ge=0, le=0.2, description="How far outlines may move [share of the box's size]")
    iterations: int = Field(default=2, ge=0, description="Rounds of GrabCut's colour models; 0 leaves outlines alone")

    def segment(self, observation: Observation, noise: SensorNoise, seed: int) -> Bool[Tensor, "boxes height width"]:
        """Return disjoint masks; the support plane is found on the way, given masks are not looked at."""
        if not observation.boxes:
            return torch.zeros(0, *observation.depth.shape, dtype=torch.bool)
        observation = observation.replace(masks=None).to("cpu", torch.float32)
        plane = find_support_plane(observation, noise, derived_seed(seed, "plane"))
        cues = depth_cues(observation, plane, noise)
        labels = joint_labels(cues, observation.boxes, self.pixels, self.rounds)
        cut = [
            self._cut(cues, labels, index, box, derived_seed(seed, "cut", index))
            for index, box in enumerate(observation.boxes)
        ]
        return disjoint_masks(torch.from_numpy(np.stack([_tidy(mask) for mask in cut])), observation)

    def _cut(
        self, cues: Cues, labels: Int[np.ndarray, "height width"], index: int, box: Box, seed: int
    ) -> Bool[np.ndarray, "height width"]:
        """Return one box's mask after its outline has moved to colour edges."""
        import cv2

        mask = labels == index + 1
        x0, y0, x1, y1 = box.xyxy
        reach = max(2, round(self.band * min(x1 - x0, y1 - y0)))
        window = _window(box, 4 * reach, mask.shape)
        part = mask[window].astype(np.uint8)
        if self.iterations == 0 or part.sum() < 50:
            return mask
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
        trimap = np.where(part > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
        trimap[cv2.erode(part, kernel, borderValue=1) > 0] = cv2.GC_FGD
        beyond = np.ones_like(mask)
        beyond[_window(box, 1, mask.shape)] = False
        trimap[(cv2.dilate(part, kernel) == 0) | beyond[window]] = cv2.GC_BGD
        if not (trimap == cv2.GC_FGD).any() or not (trimap == cv2.GC_BGD).any():
            return mask
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.setRNGSeed(seed)
        color = np.ascontiguousarray(cues.color[window])
        cv2.grabCut(color, trimap, (0, 0, 1, 1), *models, self.iterations, cv2.GC_INIT_WITH_MASK)
        result = np.zeros_like(mask)
        result[window] = (trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD)
        return result


def _window(box: Box, reach: int, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Return the rows and columns of a box that is moved outwards by some pixels."""
    left, top, right, bottom = (int(np.ceil(value)) for value in box.xyxy)
    rows = slice(max(0, top - reach), min(shape[0], bottom + reach))
    return rows, slice(max(0, left - reach), min(shape[1], right + reach))


def _tidy(mask: Bool[np.ndarray, "height width"]) -> Bool[np.ndarray, "height width"]:
    """Drop specks, and close pinholes."""
    from skimage.morphology import remove_small_holes, remove_small_objects

    least = max(8, round(0.05 * mask.sum()))
    return remove_small_holes(remove_small_objects(mask, max_size=least), max_size=max(8, least // 10))
