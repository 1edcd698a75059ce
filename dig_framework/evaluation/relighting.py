"""How a reconstructed scene looks under a light that nobody has seen it in."""

from __future__ import annotations

import math

import numpy as np
import torch

from dig_framework.color_space import srgb_from_linear
from dig_framework.errors import DigError
from dig_framework.evaluation.object_scores import Values
from dig_framework.ground_truth import GroundTruth
from dig_framework.light import DirectionalLight
from dig_framework.metrics.image_quality import in_box, psnr
from dig_framework.metrics.light_and_color import strongest_direction
from dig_framework.observation import Observation
from dig_framework.report.scene_pictures import rendered
from dig_framework.scene import Scene, SceneObject

_TILT = math.radians(45)
"""Of the held-out light from the table's normal."""


def relight_scores(scene: Scene, truth: GroundTruth, observation: Observation) -> list[Values]:
    """Return the PSNR of both scenes under a held-out light inside every box, in sRGB; nothing where it is not known.

    True and recovered scene are drawn alike under one directional light, 45 degrees from the table's normal and a
    quarter turn about it from the true light. What is recovered is brightened by one factor for all of the scene first,
    because one image cannot tell bright lamps from bright surfaces. Only scenes whose true materials, plane and lights
    are known are judged, and only pixels that true objects fill.
    """
    known = [item for item in truth.objects if item.material is not None]
    if not known or len(known) < len(truth.objects) or truth.plane is None or not truth.lights:
        return [{} for _ in observation.boxes]
    light = _held_out_light(truth)
    if light is None:
        return [{} for _ in observation.boxes]
    true = Scene(
        tuple(
            SceneObject(item.label, index, item.mesh, item.pose, item.material)
            for index, item in enumerate(known)
            if item.material is not None
        ),
        (light,),
        truth.plane,
    )
    try:
        renders = [rendered(each, observation.camera) for each in (true, scene.replace(lights=(light,)))]
    except DigError:
        return [{} for _ in observation.boxes]
    shown = (renders[0].masks.amax(0) > 0.999).cpu().numpy()
    colors = [render.color.detach().cpu().double().numpy() for render in renders]
    return _inside_boxes(colors[0], colors[1], shown, observation)


def _held_out_light(truth: GroundTruth) -> DirectionalLight | None:
    """Return a light from elsewhere; None if all true light comes straight from above, or from everywhere."""
    assert truth.plane is not None
    place = np.mean([item.pose.translation.cpu().double().numpy() for item in truth.objects], axis=0)
    seen = strongest_direction(truth.lights, place)
    if seen is None:
        return None
    normal = truth.plane.normal.cpu().double().numpy()
    side = np.cross(normal, np.asarray(seen))
    if np.linalg.norm(side) < 1e-6:
        return None
    direction = math.cos(_TILT) * normal + math.sin(_TILT) * side / np.linalg.norm(side)
    return DirectionalLight(torch.as_tensor(direction).float(), torch.ones(3))


def _inside_boxes(true: np.ndarray, guess: np.ndarray, shown: np.ndarray, observation: Observation) -> list[Values]:
    square = float((guess[shown] ** 2).sum())
    factor = float((guess[shown] * true[shown]).sum()) / square if square > 0 else 1.0
    images = [srgb_from_linear(torch.as_tensor(part).clamp(0, 1)).numpy() for part in (factor * guess, true)]
    found: list[Values] = []
    for box in observation.boxes:
        pair, inside = [in_box(image, box.xyxy) for image in images], in_box(shown, box.xyxy)
        found.append({"relight_psnr": psnr(pair[0], pair[1], inside)} if inside.any() else {})
    return found
