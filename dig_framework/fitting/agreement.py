"""How well each object agrees with the image, by the criterion that decides whether a fit is kept."""

from __future__ import annotations

from typing import NamedTuple

import torch

from dig_framework.fitting.target import Target
from dig_framework.render import Render


class Agreement(NamedTuple):
    """One object's agreement with the image."""

    depth_error: float
    """Mean absolute error of visible depth [m], at most 3 cm a pixel and 3 cm where the object is not drawn."""
    mask_iou: float
    """Intersection over union of drawn and observed coverage, where nothing may hide the object."""

    def loss_against(self, other: Agreement) -> float:
        """Return by how much this is worse, in tolerances of 2 % and 0.05 mm of error, or half a percent of coverage.

        More than one is worse than may be.
        """
        depth = (self.depth_error - other.depth_error) / (0.02 * other.depth_error + 5e-5)
        return max(depth, (other.mask_iou - self.mask_iou) / 0.005)


def agreements(render: Render, target: Target) -> list[Agreement]:
    """Return each object's agreement."""
    return [_agreement(render, target, number) for number in range(len(target.masks))]


def _agreement(render: Render, target: Target, number: int, limit: float = 0.03) -> Agreement:
    drawn, observed = render.masks[number].detach(), target.masks[number]
    surface, counted = target.surface[number], target.counted[number]
    error = (render.depth.detach() - target.depth).abs().clamp(max=limit).where(drawn > 0.9999, limit)
    union = (torch.maximum(drawn, observed) * counted).sum()
    overlap = (torch.minimum(drawn, observed) * counted).sum()
    depth_error = (error * surface).sum() / surface.sum().clamp_min(1)
    return Agreement(float(depth_error), float(overlap / union.clamp_min(1e-6)))
