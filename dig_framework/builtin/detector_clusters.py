"""Boxes around what rises from the table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from dig_framework.evidence import SensorNoise
from dig_framework.interfaces.detector import Detector
from dig_framework.observation import Box, Observation
from dig_framework.plane import Plane
from dig_framework.support_plane import find_support_plane


class DepthClusters(Detector):
    """Boxes every cluster of points above the support plane; things that touch share a box.

    Clusters are connected cells of a grid on the plane, so that the rim and the body of a mug, which lie apart in the
    image, stay together.
    """

    class_agnostic: ClassVar[bool] = True

    low: float = Field(default=0.01, gt=0, description="Least height above the plane [m]")
    high: float = Field(default=0.5, gt=0, description="Greatest height above the plane [m]")
    cell: float = Field(default=0.01, gt=0, description="Width of a cell, and least distance between clusters [m]")
    least: float = Field(default=0.02, gt=0, description="Least extent of a cluster along the plane [m]")
    most: float = Field(default=0.5, gt=0, description="Greatest extent of a cluster along the plane [m]")
    pixels: int = Field(default=200, ge=1, description="Least number of pixels of a cluster")

    def detect(self, observation: Observation, noise: SensorNoise, seed: int) -> tuple[Box, ...]:
        """Return one box a cluster, called `object-0`, `object-1`, ..., from left to right; none without a plane."""
        observation = observation.replace(boxes=(), masks=None)
        plane = find_support_plane(observation, noise, seed)
        if plane is None:
            return ()
        heights = plane.height(observation.camera.unproject(observation.depth))
        raised = (observation.depth > 0) & (heights > self.low) & (heights < self.high)
        found = sorted(self._boxes(_on_plane(observation, plane)[raised].numpy(), raised.nonzero().numpy()))
        return tuple(Box(f"object-{index}", box) for index, box in enumerate(found))

    def _boxes(self, ground: np.ndarray, pixels: np.ndarray) -> Iterator[tuple[float, float, float, float]]:
        if len(ground) == 0:
            return
        labels = _clusters(ground, self.cell)
        for label in range(1, int(labels.max()) + 1):
            mine = labels == label
            extent = np.linalg.norm(np.ptp(ground[mine], axis=0)) if mine.any() else 0.0
            if mine.sum() >= self.pixels and self.least <= extent <= self.most:
                (top, left), (bottom, right) = pixels[mine].min(0), pixels[mine].max(0) + 1
                yield float(left), float(top), float(right), float(bottom)


def _on_plane(observation: Observation, plane: Plane) -> Float[Tensor, "height width 2"]:
    """Return coordinates along the plane [m]."""
    seed = torch.eye(3)[int(plane.normal.abs().argmin())]
    right = torch.nn.functional.normalize(torch.linalg.cross(seed, plane.normal), dim=0)
    axes = torch.stack([right, torch.linalg.cross(plane.normal, right)])
    return observation.camera.unproject(observation.depth) @ axes.mT


def _clusters(ground: np.ndarray, cell: float) -> np.ndarray:
    """Return the cluster of each point, from 1; 0 for points in cells with hardly any others."""
    from skimage.measure import label

    places = np.floor((ground - ground.min(0)) / cell).astype(int)
    counts = np.zeros(places.max(0) + 1, int)
    np.add.at(counts, tuple(places.T), 1)
    return np.asarray(label(counts >= 3))[tuple(places.T)]
