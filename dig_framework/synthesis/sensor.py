"""Cameras by name."""

from __future__ import annotations

import dataclasses
from typing import Literal

from dig_framework.synthesis.color_sensor import ColorSensor
from dig_framework.synthesis.depth_sensor import DepthSensor

SensorName = Literal["none", "d435", "harsh"]


@dataclasses.dataclass(frozen=True)
class Sensor:
    """Everything that is not exact in what a scene's camera gives."""

    depth: DepthSensor = dataclasses.field(default_factory=DepthSensor)
    color: ColorSensor = dataclasses.field(default_factory=ColorSensor)
    mask_error: float = 0.0
    """Standard deviation of outlines [px]."""
    box_error: float = 0.0
    """Greatest error of a box's sides, as a share of its size."""
    focal_error: float = 0.0
    """Error of the focal length that the camera is said to have, up or down, as a share of it."""


_D435 = DepthSensor(
    noise_scale=1.0, disparity_step=1 / 32, edge_dropout=0.15, flying=0.08, dark_loss=0.6, glare_loss=0.7,
    transparent_loss=0.75, shadow=True, spots=0.003,
)  # fmt: skip
_COLOR = ColorSensor(shot=6e-4, read=2.5e-3, blur=0.6, exposure=0.2, balance=0.04)

SENSORS: dict[SensorName, Sensor] = {
    "none": Sensor(),
    "d435": Sensor(_D435, _COLOR),
    "harsh": Sensor(
        dataclasses.replace(_D435, noise_scale=2.0, edge_dropout=0.3, salt=0.02),
        dataclasses.replace(_COLOR, shot=2e-3, read=6e-3, blur=0.9, exposure=0.35, balance=0.08),
        mask_error=3.0, box_error=0.1, focal_error=0.01,
    ),
}  # fmt: skip
"""`none` gives exact images; `harsh` has twice the noise of `d435`, and wrong outlines, boxes and focal lengths."""
