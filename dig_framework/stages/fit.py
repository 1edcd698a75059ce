"""Poses, scales, materials and lights by rendering."""

from __future__ import annotations

from collections.abc import Callable

import torch

from dig_framework.evidence import SensorNoise
from dig_framework.fitting.agreement import Agreement, agreements
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
    fitted = with_possible_materials(composition.scene(found.parameters).detach())
    return keep_better(compared, scene.detach(), fitted, found.converged).baked()


def with_possible_materials(scene: Scene) -> Scene:
    """Return the scene with every material moved into its physical range, which the fit only pulls it towards."""
    plane = scene.plane
    if plane is not None and plane.material is not None:
        plane = plane.replace(material=plane.material.possible())
    objects = tuple(item.replace(material=item.material.possible()) for item in scene.objects)
    return scene.replace(objects=objects, plane=plane)


def keep_better(compared: SceneObjective, start: Scene, fitted: Scene, converged: bool) -> Scene:
    """Return the fitted scene, in which objects that agree less with the image have their start's mesh and pose.

    The one that lost most goes back first, since it may be what makes others look worse. Materials stay fitted,
    because a start's colours under a fitted light would be wrong.
    """
    before = _agreements(compared, start)
    scene = fitted.replace(
        objects=tuple(item.replace(converged=item.converged and converged) for item in fitted.objects)
    )
    restored: set[int] = set()
    while len(restored) < len(scene.objects):
        after = _agreements(compared, scene)
        losses = {k: after[k].loss_against(before[k]) for k in range(len(before)) if k not in restored}
        worst = max(losses, key=lambda k: losses[k])
        if losses[worst] <= 1:
            break
        restored.add(worst)
        scene = scene.replace(
            objects=tuple(
                _restored(item, start.objects[k]) if k == worst else item for k, item in enumerate(scene.objects)
            )
        )
    return scene


def _agreements(compared: SceneObjective, scene: Scene) -> list[Agreement]:
    target = compared.target(0)
    with torch.no_grad():
        return agreements(compared.renderer.render(scene, target.camera), target)


def _restored(fitted: SceneObject, start: SceneObject) -> SceneObject:
    return fitted.replace(mesh=start.mesh, pose=start.pose, scale=start.scale, converged=False)
