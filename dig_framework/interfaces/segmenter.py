"""Which pixels belong to each box."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from jaxtyping import Bool
from torch import Tensor

from dig_framework.component import Component
from dig_framework.evidence import SensorNoise
from dig_framework.observation import Observation


class Segmenter(Component):
    """Turns box prompts into masks."""

    slot: ClassVar[str] = "segmenter"
    rejects_empty_boxes: ClassVar[bool] = False
    """Whether a box around nothing but the table gets an empty mask."""

    @abstractmethod
    def segment(self, observation: Observation, noise: SensorNoise, seed: int) -> Bool[Tensor, "boxes height width"]:
        """Return one mask a box, in the order of the boxes, each inside its box grown by 10 % and 5 px.

        A box in which nothing is found gets an empty mask; the pipeline reports that object as failed.

        Args:
            observation: The image and its boxes.
            noise: Of the depth camera.
            seed: Of everything random in it.
        """
