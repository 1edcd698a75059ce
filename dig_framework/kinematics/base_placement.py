"""Where to stand in front of a scene."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from dig_framework.scene import Scene
from dig_framework.statics.gravity import heights_of, up_of


def base_in_front(scene: Scene, distance: float) -> Float[np.ndarray, "4 4"]:
    """Return base_from_scene for a base on the support plane, on the camera's side of the objects.

    The base's z axis is the plane's normal; its x axis points to the middle of the objects, `distance` [m] away. Seen
    straight from above, the camera's side is the lower edge of the image. Without a plane the base is level with the
    lowest object.
    """
    up = up_of(scene)
    points = [item.posed().vertices.detach().double().cpu().numpy() for item in scene.objects]
    points = [item[np.isfinite(item).all(1)] for item in points]
    middles = [(item.min(0) + item.max(0)) / 2 for item in points if len(item)]
    middle = np.mean(middles, axis=0) if middles else np.array([0.0, 0.0, 0.7])
    ahead = _across(np.array([0.0, 0.0, 1.0]), up)
    if np.linalg.norm(ahead) < 0.3:
        ahead = _across(np.array([0.0, -1.0, 0.0]), up)
    ahead /= np.linalg.norm(ahead)
    height = float(heights_of(scene, middle[None])[0])
    if not np.isfinite(height):
        height = float(middle @ up - min((float((item @ up).min()) for item in points if len(item)), default=0.0))
    scene_from_base = np.eye(4)
    scene_from_base[:3, :3] = np.stack([ahead, np.cross(up, ahead), up], 1)
    scene_from_base[:3, 3] = middle - height * up - distance * ahead
    return np.linalg.inv(scene_from_base)


def _across(direction: Float[np.ndarray, "3"], up: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3"]:
    return direction - (direction @ up) * up
