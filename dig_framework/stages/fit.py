"""Poses, scales, materials and lights by rendering."""

from __future__ import annotations

from collections.abc import Callable

import torch

from dig_framework.evidence import SensorNoise
from dig_framework.fitting.agreement import agreements
from dig_framework.fitting.composition import Composition
from dig_framework.interfaces.renderer import Renderer
from dig_framework.interfaces.schedule import FitStep, Schedule
from dig_framework.objective import ObjectiveSettings, SceneObjective
from dig_framework.observation import Observation
from dig_framework.scene import Scene, SceneObject
from dig_framework.stages.segmentation import Segmentation


def fit(
    observation: Observation,
    segmentation: Segmentation,
    scene: Scene,
    renderer: Renderer,
    schedule: Schedule,
    objective: ObjectiveSettings,
    noise: SensorNoise,
    report: Callable[[FitStep], None],
) -> Scene:
    """Return the scene with poses, scales, materials and lights fitted to the image, scales baked into the meshes.

    An object that agrees less with the image than at its start gets its start's shape and pose back, and counts as
    not converged.

    Raises:
        FitError: If a schedule's pattern matches nothing, or a term or gradient is not finite.
    """
    if not scene.objects:
        return scene
    composition = Composition(scene.detach(), slide=objective.slide)
    compared = SceneObjective(observation, segmentation, composition, renderer, objective, noise)
    found = schedule.fit(compared, composition.parameters(), report)
    fitted = composition.scene(found.parameters).detach()
    return keep_better(compared, scene.detach(), fitted, found.converged).baked()


def keep_better(compared: SceneObjective, start: Scene, fitted: Scene, converged: bool) -> Scene:
    """Return the fitted scene, in which objects that agree less with the image have their start's mesh and pose.

    Their materials stay fitted, since a start's colours under a fitted light would be wrong.
    """
    target = compared.target(0)
    with torch.no_grad():
        before, after = (
            agreements(compared.renderer.render(scene, target.camera), target) for scene in (start, fitted)
        )
    objects = [
        _restored(new, old) if now.worse_than(then) else new.replace(converged=new.converged and converged)
        for old, new, then, now in zip(start.objects, fitted.objects, before, after, strict=True)
    ]
    return fitted.replace(objects=tuple(objects))


def _restored(fitted: SceneObject, start: SceneObject) -> SceneObject:
    return fitted.replace(mesh=start.mesh, pose=start.pose, scale=start.scale, converged=False)
