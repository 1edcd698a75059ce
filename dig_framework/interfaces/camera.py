"""Where images come from."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from dig_framework.component import Component
from dig_framework.observation import Observation


class CameraDevice(Component):
    """A source of registered RGBD images."""

    slot: ClassVar[str] = "camera"

    @abstractmethod
    def capture(self) -> Observation:
        """Return the next image.

        Raises:
            InputError: If there is none, or it is not what a depth camera gives; says why.
        """
