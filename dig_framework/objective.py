"""What a fit minimises."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import torch
from torch import Tensor

from dig_framework.errors import FitError
from dig_framework.evidence import SensorNoise
from dig_framework.fitting.composition import Composition
from dig_framework.fitting.reference import Reference
from dig_framework.fitting.region import Region
from dig_framework.fitting.settings import ObjectiveSettings
from dig_framework.fitting.target import Target, full_target
from dig_framework.fitting.terms import TERMS, Comparison
from dig_framework.interfaces.renderer import Renderer
from dig_framework.observation import Observation
from dig_framework.occlusion import find_occluders
from dig_framework.scene import Scene
from dig_framework.stages.segmentation import Segmentation
from dig_framework.worker_threads import mapped

__all__ = ["ObjectiveSettings", "SceneObjective"]


class SceneObjective:
    """Terms of a scene against an image; an `Objective` for schedules.

    Image terms are summed over objects, each averaged over its own pixels, and compare the scene as a whole: what is
    hidden by another object is not compared.
    """

    def __init__(
        self,
        observation: Observation,
        segmentation: Segmentation,
        composition: Composition,
        renderer: Renderer,
        settings: ObjectiveSettings,
        noise: SensorNoise,
    ) -> None:
        self.composition = composition
        self.renderer = renderer
        self.settings = settings
        self.noise = noise
        self.reference = Reference(composition.start, settings.contact_reach)
        self._targets = [_target(observation, segmentation, composition.start, settings, noise)]

    def __call__(self, parameters: Mapping[str, Tensor], terms: Collection[str], level: int = 0) -> dict[str, Tensor]:
        """Return the asked-for terms, unweighted.

        Raises:
            FitError: If a term is not known; names those that are.
        """
        unknown = sorted(set(terms) - set(TERMS))
        if unknown:
            raise FitError(f"the objective has no term {unknown[0]!r}. There are: {', '.join(sorted(TERMS))}.")
        scene = self.composition.scene(parameters)
        comparison = Comparison(scene, self.renderer, self.target(level), self.reference, self.settings)
        return {name: TERMS[name](comparison) for name in terms}

    def target(self, level: int) -> Target:
        """Return what is compared with, its resolution halved `level` times."""
        while len(self._targets) <= level:
            self._targets.append(self._targets[-1].halved(self.noise))
        return self._targets[level]


def _target(
    observation: Observation,
    segmentation: Segmentation,
    scene: Scene,
    settings: ObjectiveSettings,
    noise: SensorNoise,
) -> Target:
    boxes = [item.index for item in scene.objects]
    masks = segmentation.masks[boxes]
    region = Region.around(masks.any(0), settings.region_margin)
    occluders = torch.zeros_like(masks)
    if settings.ignore_occluded:
        plane = segmentation.plane
        hiding = mapped(lambda box: find_occluders(observation, segmentation.masks, box, plane, noise), boxes)
        occluders = torch.stack(hiding) if hiding else occluders
    return full_target(observation, region, masks, occluders, segmentation.plane, noise, settings.edge_step)
