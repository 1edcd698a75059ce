"""Where the boxes come from."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from dig_framework.component import Component
from dig_framework.evidence import SensorNoise
from dig_framework.observation import Box, Observation


class Detector(Component):
    """Finds what is worth reconstructing."""

    slot: ClassVar[str] = "detector"
    class_agnostic: ClassVar[bool] = False
    """Whether it finds things that it was never taught."""

    @abstractmethod
    def detect(self, observation: Observation, noise: SensorNoise, seed: int) -> tuple[Box, ...]:
        """Return boxes inside the image; may be empty.

        Args:
            observation: The image; its boxes are those of the input.
            noise: Of the depth camera.
            seed: Of everything random in it.
        """
