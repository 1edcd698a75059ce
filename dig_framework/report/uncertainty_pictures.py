"""Pictures of what the image leaves open: outlines of samples, and deviations from the front and from behind."""

from __future__ import annotations

import math

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.observation import Observation
from dig_framework.pose import rotation_from_vector
from dig_framework.render import Render
from dig_framework.report.color_scale import ColorScale, object_color
from dig_framework.report.input_pictures import srgb_image
from dig_framework.report.marks import greyed, outlined
from dig_framework.report.picture import Picture
from dig_framework.report.scene_pictures import rendered
from dig_framework.report.window import Window
from dig_framework.scene import Scene, SceneObject

_SHOWN = 6
"""Samples whose outlines are drawn."""
_STOPS = ((44, 62, 110), (66, 130, 150), (150, 200, 120), (245, 200, 70), (225, 90, 40))


def uncertainty_pictures(stage: str, observation: Observation, scene: Scene, window: Window) -> list[Picture]:
    """Return samples' outlines over the image, and deviations as colours from the front and from behind.

    Nothing is drawn where no object has a posterior.

    Raises:
        ComponentError: If the renderer of pictures is not installed.
    """
    known = [item for item in scene.objects if item.posterior is not None]
    if not known:
        return []
    largest = max(float(torch.quantile(item.posterior.deviation, 0.9)) for item in known if item.posterior is not None)
    scale = ColorScale(0.0, math.ceil(1000 * largest / 5) * 5.0, "mm", _STOPS)
    front, behind = observation.camera, _opposite(observation.camera, scene)
    return [
        _outlines(stage, observation, scene, window),
        _deviations(f"{stage}/deviation", scene, front, window, scale, "as the camera sees it"),
        _deviations(f"{stage}/deviation_behind", scene, behind, _whole(front), scale, "from behind"),
    ]


def _outlines(stage: str, observation: Observation, scene: Scene, window: Window) -> Picture:
    image = greyed(window.image(srgb_image(observation.color)))
    for number in range(_SHOWN):
        drawn = scene.replace(objects=tuple(_sample(item, number) for item in scene.objects))
        ids = rendered(drawn, observation.camera).ids.cpu().numpy()
        for position, item in enumerate(scene.objects):
            image = outlined(image, window.mask(ids == position), object_color(item.index), 1, 0)
    alt = f"Outlines of {_SHOWN} samples of each object over the input image; where they part, its extent is not known."
    return Picture(f"{stage}/samples", image, "Outlines of samples", alt)


def _sample(item: SceneObject, number: int) -> SceneObject:
    if item.posterior is None:
        return item
    return item.replace(mesh=item.posterior.sample(item.mesh, number * len(item.posterior.weights) // _SHOWN))


def _deviations(name: str, scene: Scene, camera: Camera, window: Window, scale: ColorScale, side: str) -> Picture:
    """Return each pixel's surface deviation, that of the nearest vertex, shaded by how it faces the viewer."""
    render = rendered(scene.replace(plane=None), camera)
    values = 1000 * _at_pixels(scene, render, camera)
    image = scale.colors(window.values(values))
    shade = np.where(np.isfinite(window.values(values)), window.values(_shade(render, camera)), 1.0)
    image = (image * shade[..., None]).round().astype(np.uint8)
    median = float(np.nanmedian(values)) if np.isfinite(values).any() else 0.0
    alt = f"Standard deviation of the surfaces {side}, median {median:.1f} mm; dark is where there is no object."
    return Picture(name, image, f"Standard deviation {side}", alt, scale)


def _at_pixels(scene: Scene, render: Render, camera: Camera) -> np.ndarray:
    from scipy.spatial import KDTree

    ids = render.ids.cpu().numpy()
    places = camera.unproject(render.depth).cpu().numpy()
    result = np.full(ids.shape, np.nan)
    for position, item in enumerate(scene.objects):
        shown = ids == position
        if item.posterior is not None and shown.any():
            nearest = KDTree(item.posed().vertices.detach().cpu().numpy()).query(places[shown])[1]
            result[shown] = item.posterior.deviation.cpu().numpy()[nearest]
    return result


def _shade(render: Render, camera: Camera) -> np.ndarray:
    if render.normals is None:
        return np.ones(tuple(render.ids.shape))
    ahead = camera.camera_from_scene[2, :3].to(render.normals)
    return (0.55 + 0.45 * (render.normals @ ahead).abs()).cpu().numpy()


def _whole(camera: Camera) -> Window:
    return Window(0, 0, camera.width, camera.height, max(1.0, 720 / camera.width))


def _opposite(camera: Camera, scene: Scene) -> Camera:
    """Return the camera turned half about the vertical through the middle of the objects, and brought nearer."""
    up = torch.tensor([0.0, -1.0, 0.0]) if scene.plane is None else scene.plane.normal.cpu().float()
    points = torch.cat([item.posed().vertices.detach().cpu().float() for item in scene.objects])
    middle = (points.amin(0) + points.amax(0)) / 2
    turn = torch.eye(4)
    turn[:3, :3] = rotation_from_vector(math.pi * up)
    turn[:3, 3] = middle - turn[:3, :3] @ middle
    return _aimed(camera.replace(camera_from_scene=turn.inverse()), points)


def _aimed(camera: Camera, points: Float[Tensor, "points 3"]) -> Camera:
    """Return the camera with the focal length and principal point at which all points fill the image."""
    pixels, _ = camera.project(points)
    low, high = pixels.amin(0), pixels.amax(0)
    size = torch.tensor([camera.width, camera.height])
    zoom = float((0.85 * size / (high - low)).min())
    shift = size / 2 - zoom * (low + high) / 2
    matrix = torch.diag(torch.tensor([zoom, zoom, 1.0]))
    matrix[:2, 2] = shift
    return camera.replace(intrinsics=matrix @ camera.intrinsics.cpu())
