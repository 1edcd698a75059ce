"""Masks from height above the table."""

from __future__ import annotations

import torch
from jaxtyping import Bool
from pydantic import Field
from torch import Tensor

from dig_framework.evidence import SensorNoise
from dig_framework.interfaces import Segmenter
from dig_framework.observation import Observation
from dig_framework.support_plane import find_support_plane


class ExampleSegmenter(Segmenter):
    """Takes whatever stands in a box higher than the table and not far behind its nearest part."""

    least_height: float = Field(default=0.005, ge=0, description="What is lower counts as table [m]")
    depth: float = Field(
        default=0.3, gt=0, description="What is further behind the nearest part counts as background [m]"
    )

    def segment(self, observation: Observation, noise: SensorNoise, seed: int) -> Bool[Tensor, "boxes height width"]:
        """Return one mask a box, inside the box."""
        above = observation.depth > 0
        plane = find_support_plane(observation, noise, seed)
        if plane is not None:
            above &= plane.height(observation.camera.unproject(observation.depth)) > self.least_height
        masks = torch.zeros((len(observation.boxes), *above.shape), dtype=torch.bool)
        for mask, box in zip(masks, observation.boxes, strict=True):
            left, top, right, bottom = (round(edge) for edge in box.xyxy)
            inside = above[top:bottom, left:right]
            near = observation.depth[top:bottom, left:right]
            if inside.any():
                mask[top:bottom, left:right] = inside & (near < near[inside].min() + self.depth)
        return masks
