"""Pictures of how a scene explains the image."""

from __future__ import annotations

import numpy as np
import torch

from dig_framework import plugins
from dig_framework.camera import Camera
from dig_framework.interfaces import Renderer
from dig_framework.observation import Observation
from dig_framework.render import Render
from dig_framework.report.agreement import signed_depth_error
from dig_framework.report.color_scale import error_scale, object_color
from dig_framework.report.input_pictures import srgb_image
from dig_framework.report.marks import greyed, outlined, tinted
from dig_framework.report.picture import Picture
from dig_framework.report.window import Window
from dig_framework.scene import Scene
from dig_framework.stages.segmentation import Segmentation

RENDERER = "raster"
"""Which renderer draws pictures of every run, whatever the fit used, so that runs can be compared."""

_ERROR_LIMITS = (4.0, 10.0, 20.0, 40.0)
"""Ends of the scale of depth errors [mm]; few, so that pictures of runs can be compared."""

_AGREE, _EXCESS, _MISSING = (70, 150, 90), (225, 120, 40), (60, 110, 200)


def rendered(scene: Scene, camera: Camera) -> Render:
    """Return the images of a scene for pictures.

    Raises:
        ComponentError: If the renderer of pictures is not installed.
    """
    renderer = plugins.load("renderer", RENDERER)()
    assert isinstance(renderer, Renderer)
    with torch.no_grad():
        return renderer.render(scene.detach(), camera)


def scene_pictures(
    stage: str,
    observation: Observation,
    segmentation: Segmentation | None,
    scene: Scene,
    render: Render,
    window: Window,
) -> list[Picture]:
    """Return outlines over the image, the rendered colour, the depth error and, with masks, their agreement."""
    pictures = [
        _outlines(stage, observation, scene, render, window),
        _color(stage, observation, render, window),
        _depth_error(stage, observation, scene, render, window),
    ]
    if segmentation is not None:
        pictures.append(_mask_agreement(stage, observation, segmentation, render, window))
    return pictures


def _outlines(stage: str, observation: Observation, scene: Scene, render: Render, window: Window) -> Picture:
    image, ids = window.image(srgb_image(observation.color)), render.ids.cpu().numpy()
    for position, item in enumerate(scene.objects):
        image = outlined(image, window.mask(ids == position), object_color(item.index))
    alt = f"Outlines of {len(scene.objects)} reconstructed objects over the input image."
    return Picture(f"{stage}/overlay", image, "Outlines over the image", alt)


def _color(stage: str, observation: Observation, render: Render, window: Window) -> Picture:
    """Return the rendered scene; where it holds nothing, the image shows through, faded."""
    behind = greyed(srgb_image(observation.color))
    nothing = (render.ids == -2).cpu().numpy()[..., None]
    image = np.where(nothing, behind, srgb_image(render.color))
    return Picture(
        f"{stage}/render", window.image(image), "Rendered scene", "The reconstructed scene as it is rendered."
    )


def _depth_error(stage: str, observation: Observation, scene: Scene, render: Render, window: Window) -> Picture:
    """Return signed errors of all pixels; the scale follows those of the objects."""
    error = 1000 * signed_depth_error(observation, render)
    objects = (render.ids >= 0).cpu().numpy()
    typical = np.abs(error[objects & np.isfinite(error)])
    tail = 2 * float(np.percentile(typical, 80)) if len(typical) else 0.0
    limit = next((value for value in _ERROR_LIMITS if value >= tail), _ERROR_LIMITS[-1])
    scale = error_scale(limit)
    image = scale.colors(window.values(error))
    for position, item in enumerate(scene.objects):
        image = outlined(image, window.mask(render.ids.cpu().numpy() == position), object_color(item.index), 1, 0)
    middle = f"median {np.median(typical):.1f} mm on the objects" if len(typical) else "nothing to compare"
    alt = f"Rendered minus measured depth, {middle}; blue is too near, red too far, dark unknown."
    return Picture(f"{stage}/depth_error", image, "Depth error", alt, scale)


def _mask_agreement(
    stage: str, observation: Observation, segmentation: Segmentation, render: Render, window: Window
) -> Picture:
    image = greyed(window.image(srgb_image(observation.color)))
    shown = window.mask((render.ids >= 0).cpu().numpy())
    mask = window.mask(segmentation.masks.any(0).cpu().numpy()) if len(segmentation.masks) else np.zeros_like(shown)
    for part, color in ((shown & mask, _AGREE), (shown & ~mask, _EXCESS), (mask & ~shown, _MISSING)):
        image = tinted(image, part, color, 0.7)
    for single in segmentation.masks.cpu().numpy():
        image = outlined(image, window.mask(single), (255, 255, 255), 1)
    alt = (
        "Rendered against segmented masks: green agrees, orange is too much, blue is missing; outlines are the masks'."
    )
    return Picture(f"{stage}/masks", image, "Masks: green agrees, orange too much, blue missing", alt)
