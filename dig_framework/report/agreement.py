"""How well a rendered object agrees with the image, in figures."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch

from dig_framework.observation import Observation
from dig_framework.render import Render
from dig_framework.scene import Scene
from dig_framework.stages.segmentation import Segmentation


@dataclasses.dataclass(frozen=True)
class Agreement:
    """Of one object, where the image shows it; NaN where nothing can be compared."""

    index: int
    mask_iou: float
    """Rendered against segmented mask: intersection over union."""
    depth_median_mm: float
    """Median absolute depth error where both are [mm]."""
    depth_p90_mm: float
    """Its 90th percentile [mm]."""


def signed_depth_error(observation: Observation, render: Render) -> np.ndarray:
    """Return rendered minus measured depth [m]; NaN where either is absent."""
    rendered, measured = render.depth.detach().cpu().float(), observation.depth.cpu().float()
    known = (rendered > 0) & (measured > 0)
    return torch.where(known, rendered - measured, torch.nan).numpy()


def agreements(observation: Observation, segmentation: Segmentation, scene: Scene, render: Render) -> list[Agreement]:
    """Return one entry an object of the scene."""
    error = 1000 * np.abs(signed_depth_error(observation, render))
    ids, masks = render.ids.cpu().numpy(), segmentation.masks.cpu().numpy()
    result = []
    for position, item in enumerate(scene.objects):
        shown = ids == position
        mask = masks[item.index] if item.index < len(masks) else np.zeros_like(shown)
        union = (shown | mask).sum()
        both = error[shown & mask]
        both = both[np.isfinite(both)]
        median, tail = np.percentile(both, (50, 90)) if len(both) else (np.nan, np.nan)
        iou = (shown & mask).sum() / union if union else np.nan
        result.append(Agreement(item.index, float(iou), float(median), float(tail)))
    return result
