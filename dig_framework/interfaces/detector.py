"""Where the boxes come from."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from dig_framework.component import Component
from dig_framework.observation import Box, Observation


class Detector(Component):
    """Finds what is worth reconstructing."""

    slot: ClassVar[str] = "detector"
    class_agnostic: ClassVar[bool] = False
    """Whether it finds things that it was never taught."""

    @abstractmethod
    def detect(self, observation: Observation) -> tuple[Box, ...]:
        """Return boxes inside the image; may be empty."""
