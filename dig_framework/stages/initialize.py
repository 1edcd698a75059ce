"""From masks to a scene of first guesses."""

from __future__ import annotations

import torch

from dig_framework.appearance import plane_material, start_light, textured, untextured
from dig_framework.derived_seed import derived_seed
from dig_framework.errors import DigError, InputError
from dig_framework.evidence import Evidence, SensorNoise
from dig_framework.interfaces.shape import Shape
from dig_framework.light import Light
from dig_framework.mesh import Mesh
from dig_framework.observation import Observation
from dig_framework.occlusion import find_occluders
from dig_framework.scene import Failure, Scene, SceneObject
from dig_framework.stages.segmentation import Segmentation
from dig_framework.worker_threads import mapped


def initialize(
    observation: Observation,
    segmentation: Segmentation,
    shape: Shape,
    noise: SensorNoise,
    seed: int,
    texture: bool = True,
) -> Scene:
    """Return the most believed shape of every object, a first light and first materials.

    Args:
        observation: The image; its boxes name the objects.
        segmentation: One mask a box, and the support plane.
        shape: Finds a shape for each mask.
        noise: Of the depth camera.
        seed: Of the run; each object has its own from it.
        texture: Whether vertices take their colours from the image; else each object has one colour.

    Returns:
        The scene; a box whose shape could not be found is among its failures, with the reason.
    """
    light = start_light(observation, segmentation.plane, segmentation.masks.any(0))
    failed = {failure.index for failure in segmentation.failures}

    def one(index: int) -> SceneObject | Failure:
        own = derived_seed(seed, "initialize", "shape", index)
        try:
            return _object(index, observation, segmentation, shape, noise, own, light, texture)
        except DigError as error:
            return Failure(observation.boxes[index].label, index, "initialize", str(error))

    boxes = [index for index in range(len(observation.boxes)) if index not in failed]
    found = mapped(one, boxes) if shape.concurrent else [one(index) for index in boxes]
    objects = [item for item in found if isinstance(item, SceneObject)]
    failures = [*segmentation.failures, *(item for item in found if isinstance(item, Failure))]
    plane = segmentation.plane
    if plane is not None:
        plane = plane.replace(material=plane_material(observation, plane, segmentation.masks, light, noise))
    return Scene(tuple(objects), (light,), plane, tuple(failures))


def gather_evidence(observation: Observation, segmentation: Segmentation, index: int, noise: SensorNoise) -> Evidence:
    """Return what the image says about the object of one box, with the pixels that may hide it."""
    occluder = find_occluders(observation, segmentation.masks, index, segmentation.plane, noise)
    return Evidence(observation, segmentation.masks[index], occluder, segmentation.plane, noise, index)


def _object(
    index: int,
    observation: Observation,
    segmentation: Segmentation,
    shape: Shape,
    noise: SensorNoise,
    seed: int,
    light: Light,
    texture: bool,
) -> SceneObject:
    evidence = gather_evidence(observation, segmentation, index, noise)
    best = max(shape.initialize(evidence, seed), key=lambda hypothesis: hypothesis.weight)
    mesh = shape.mesh(best.parameters).detach()
    _require_sound(mesh)
    posed = mesh.replace(vertices=best.pose.transform(mesh.vertices))
    if texture:
        colored, material = textured(posed, observation, evidence.mask, light, noise)
        mesh = mesh.replace(colors=colored.colors)
    else:
        material = untextured(posed, observation, evidence.mask, light)
    scale = torch.ones(3, dtype=mesh.vertices.dtype, device=mesh.vertices.device)
    label = observation.boxes[index].label
    return SceneObject(label, index, mesh, best.pose, material, scale, uncertainty=best.uncertainty)


def _require_sound(mesh: Mesh) -> None:
    if not len(mesh.faces) or not bool(torch.isfinite(mesh.vertices).all()):
        raise InputError("the shape found has no faces or vertices that are not finite; try another shape")
