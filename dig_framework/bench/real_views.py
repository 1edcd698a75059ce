"""The objects of scene folders as shapes see them: given masks or, without any, our own; estimated plane."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from dig_framework.evidence import Evidence, SensorNoise
from dig_framework.interfaces.dataset import Dataset
from dig_framework.interfaces.segmenter import Segmenter
from dig_framework.metrics.surface import Surface, surface_of
from dig_framework.stages.initialize import gather_evidence
from dig_framework.stages.segment import segment


class RealView(NamedTuple):
    """One object of a scene."""

    name: str
    """Of the scene, and the place of the box."""
    evidence: Evidence
    truth: Surface
    """In the camera's frame [m]."""


def real_views(scenes: Sequence[Path]) -> Iterator[RealView]:
    """Yield every object of scene folders that has a box and a true mesh.

    Raises:
        InputError: If a file of a scene is not what it should be; names it.
    """
    noise = SensorNoise()
    given, own = Segmenter.model_validate("given"), Segmenter.model_validate("depth-grabcut")
    for scene in scenes:
        dataset = Dataset.model_validate({"type": "folder", "path": scene})
        sample = dataset.sample(dataset.names()[0])
        segmentation = segment(sample.observation, own if sample.observation.masks is None else given, noise, 0)
        for item in sample.truth.objects:
            if item.index is not None:
                evidence = gather_evidence(sample.observation, segmentation, item.index, noise)
                yield RealView(f"{scene.name}-{item.index}", evidence, surface_of(item.posed()))
