"""Boxes that came with the image."""

from __future__ import annotations

from typing import ClassVar

from dig_framework.evidence import SensorNoise
from dig_framework.interfaces.detector import Detector
from dig_framework.observation import Box, Observation


class GivenBoxes(Detector):
    """Takes the boxes of the input, for example those in its `boxes.json`."""

    class_agnostic: ClassVar[bool] = True

    def detect(self, observation: Observation, noise: SensorNoise, seed: int) -> tuple[Box, ...]:
        """Return the given boxes as they are; noise and seed change nothing."""
        return observation.boxes
