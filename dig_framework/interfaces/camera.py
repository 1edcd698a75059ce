"""Where images come from."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Literal

from dig_framework.component import Component
from dig_framework.observation import Observation


class CameraDevice(Component):
    """A source of registered RGBD images."""

    slot: ClassVar[str] = "camera"
    plays: ClassVar[Literal["", "scene folders", "bop"]] = ""
    """What recordings its setting `path` may name a folder of, if it plays any: the suite writes one to check it."""

    @abstractmethod
    def capture(self) -> Observation:
        """Return the next image.

        Raises:
            InputError: If there is none, or it is not what a depth camera gives; says why.
        """
