"""Shapes by rendering."""

from __future__ import annotations

from collections.abc import Callable

from dig_framework.evidence import SensorNoise
from dig_framework.fitting.composition import Composition
from dig_framework.interfaces.deformation import Deformation
from dig_framework.interfaces.renderer import Renderer
from dig_framework.interfaces.schedule import FitStep, Schedule
from dig_framework.objective import ObjectiveSettings, SceneObjective
from dig_framework.observation import Observation
from dig_framework.scene import Scene, SceneObject
from dig_framework.stages.fit import keep_better
from dig_framework.stages.segmentation import Segmentation
from dig_framework.unfolding import unfolded


def deform(
    observation: Observation,
    segmentation: Segmentation,
    scene: Scene,
    renderer: Renderer,
    deformation: Deformation,
    schedule: Schedule,
    objective: ObjectiveSettings,
    noise: SensorNoise,
    report: Callable[[FitStep], None],
) -> Scene:
    """Return the scene with deformed meshes, without folds that their starts had not; their faces stay.

    An object that agrees less with the image than before gets its shape and pose back, and counts as not converged.

    Raises:
        FitError: If a schedule's pattern matches nothing, or a term or gradient is not finite.
    """
    if not scene.objects:
        return scene
    start = scene.detach().baked()
    bindings = tuple(deformation.bind(item.mesh) for item in start.objects)
    composition = Composition(start, deformation, bindings, objective.slide)
    compared = SceneObjective(observation, segmentation, composition, renderer, objective, noise)
    found = schedule.fit(compared, composition.parameters(), report)
    deformed = composition.scene(found.parameters).detach()
    pairs = zip(start.objects, deformed.objects, strict=True)
    objects = tuple(_unfolded(before, after, report) for before, after in pairs)
    return keep_better(compared, start, deformed.replace(objects=objects), found.converged).baked()


def _unfolded(before: SceneObject, after: SceneObject, report: Callable[[FitStep], None]) -> SceneObject:
    """Return an object without new folds in its mesh; what was folded, and how much is left of it, is reported."""
    found = unfolded(before.mesh, after.mesh)
    if not found.folded:
        return after
    terms = {"folded": float(found.folded), "least_share": float(found.share.min())}
    report(FitStep(f"unfold {after.label} {after.index}", 1, 1, 0.0, terms))
    return after.replace(mesh=found.mesh)
