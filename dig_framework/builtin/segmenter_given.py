"""Masks that came with the image."""

from __future__ import annotations

from typing import ClassVar

from jaxtyping import Bool
from torch import Tensor

from dig_framework.errors import InputError
from dig_framework.evidence import SensorNoise
from dig_framework.interfaces.segmenter import Segmenter
from dig_framework.observation import Observation


class GivenMasks(Segmenter):
    """Takes the masks of the input, for example those in its `masks/` folder."""

    rejects_empty_boxes: ClassVar[bool] = True

    def segment(self, observation: Observation, noise: SensorNoise, seed: int) -> Bool[Tensor, "boxes height width"]:
        """Return the given masks as they are; noise and seed change nothing.

        Raises:
            InputError: If the input has none.
        """
        if observation.masks is None:
            raise InputError(
                f"the input has {len(observation.boxes)} boxes and no masks; add masks/000000.png ... (one a box, "
                "in the image's size), or choose another segmenter."
            )
        return observation.masks
