"""First stage: which pixels belong to each box, and what the objects stand on."""

from __future__ import annotations

import torch
from jaxtyping import Bool
from torch import Tensor

from dig_framework.derived_seed import derived_seed
from dig_framework.errors import ComponentError
from dig_framework.evidence import SensorNoise
from dig_framework.interfaces.segmenter import Segmenter
from dig_framework.mask_overlaps import disjoint_masks
from dig_framework.observation import Observation
from dig_framework.scene import Failure
from dig_framework.stages.segmentation import Segmentation
from dig_framework.support_plane import find_support_plane

LEAST_PIXELS = 30
"""A mask of fewer pixels cannot carry a shape."""


def segment(observation: Observation, segmenter: Segmenter, noise: SensorNoise, seed: int) -> Segmentation:
    """Return disjoint masks and the support plane of what is left.

    A box whose mask is empty or tiny is a failure and keeps an empty mask.

    Args:
        observation: One image with boxes.
        segmenter: Turns boxes into masks.
        noise: Of the depth camera; decides what is on the plane.
        seed: Of the run; the segmenter and the plane's search have theirs from it.

    Raises:
        ComponentError: If the segmenter does not return one boolean mask a box.
    """
    masks = disjoint_masks(_masks(observation, segmenter, noise, seed), observation)
    failures = tuple(
        Failure(box.label, index, "segment", _reason(int(mask.sum())))
        for index, (box, mask) in enumerate(zip(observation.boxes, masks, strict=True))
        if int(mask.sum()) < LEAST_PIXELS
    )
    masks = masks.clone()
    masks[[failure.index for failure in failures]] = False
    plane = find_support_plane(observation.replace(masks=masks), noise, derived_seed(seed, "segment", "plane"))
    return Segmentation(masks, plane, failures)


def _masks(
    observation: Observation, segmenter: Segmenter, noise: SensorNoise, seed: int
) -> Bool[Tensor, "boxes height width"]:
    masks = segmenter.segment(observation, noise, derived_seed(seed, "segment", "segmenter"))
    expected = (len(observation.boxes), *observation.depth.shape)
    if masks.dtype != torch.bool or tuple(masks.shape) != expected:
        raise ComponentError(
            f"segmenter {type(segmenter).__name__} returned {masks.dtype} of shape {tuple(masks.shape)}; booleans of "
            f"shape {expected} are expected, one mask a box."
        )
    return masks.cpu()


def _reason(pixels: int) -> str:
    if pixels == 0:
        return "no pixel in the box was recognised as the object; check that the box is around it"
    return f"only {pixels} pixels were recognised as the object, fewer than {LEAST_PIXELS}; it is too small or hidden"
