"""Boxes around what stands on the table."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from dig_framework.evidence import SensorNoise
from dig_framework.interfaces import Detector
from dig_framework.observation import Box, Observation
from dig_framework.support_plane import find_support_plane


class ExampleDetector(Detector):
    """Boxes every connected patch of pixels that is higher than the table."""

    class_agnostic: ClassVar[bool] = True

    least_height: float = Field(default=0.005, gt=0, description="What is lower counts as table [m]")
    least_pixels: int = Field(default=50, ge=1, description="Smaller patches are noise [px]")

    def detect(self, observation: Observation, noise: SensorNoise, seed: int) -> tuple[Box, ...]:
        """Return the boxes, in the order in which their patches begin from the top."""
        from scipy import ndimage

        plane = find_support_plane(observation.replace(boxes=()), noise, seed)
        if plane is None:
            return ()
        heights = plane.height(observation.camera.unproject(observation.depth))
        above = ((observation.depth > 0) & (heights > self.least_height)).numpy()
        patches = np.zeros(above.shape, np.int32)
        ndimage.label(above, output=patches)
        found: list[Box] = []
        for number, (rows, columns) in enumerate(ndimage.find_objects(patches), 1):
            if (patches[rows, columns] == number).sum() >= self.least_pixels:
                corners = (float(columns.start), float(rows.start), float(columns.stop), float(rows.stop))
                found.append(Box(f"thing {len(found)}", corners))
        return tuple(found)
