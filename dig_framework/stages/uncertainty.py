"""What the image leaves open about every object of a scene."""

from __future__ import annotations

from dig_framework.derived_seed import derived_seed
from dig_framework.errors import DigError
from dig_framework.evidence import SensorNoise
from dig_framework.observation import Observation
from dig_framework.scene import Scene, SceneObject
from dig_framework.stages.initialize import gather_evidence
from dig_framework.stages.segmentation import Segmentation
from dig_framework.uncertainty.posterior import shape_posterior
from dig_framework.uncertainty.settings import UncertaintySettings
from dig_framework.worker_threads import mapped


def uncertainty(
    observation: Observation,
    segmentation: Segmentation,
    scene: Scene,
    settings: UncertaintySettings,
    noise: SensorNoise,
    seed: int,
) -> Scene:
    """Return the scene with samples, deviations and intervals of every object; nothing else of it changes.

    Args:
        observation: The image.
        segmentation: One mask a box, and the support plane.
        scene: What was found last.
        settings: How surfaces may differ.
        noise: Of the depth camera.
        seed: Of the run; each object has its own from it.

    Returns:
        The scene; an object whose mask leaves too little to compare with has no posterior.
    """

    def one(item: SceneObject) -> SceneObject:
        own = derived_seed(seed, "uncertainty", "samples", item.index)
        evidence = gather_evidence(observation, segmentation, item.index, noise)
        try:
            found = shape_posterior(evidence, item.mesh, item.pose, settings, own)
        except DigError:
            return item.replace(posterior=None)
        return item.replace(posterior=found)

    baked = scene.detach().baked()
    return baked.replace(objects=tuple(mapped(one, baked.objects)))
