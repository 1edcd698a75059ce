"""Images of a scene, with gradients."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from dig_framework.camera import Camera
from dig_framework.component import Component
from dig_framework.render import Render
from dig_framework.scene import Scene


class Renderer(Component):
    """Draws a scene; in front hides behind, and what is hidden has no gradient."""

    slot: ClassVar[str] = "renderer"
    differentiable: ClassVar[frozenset[str]] = frozenset()
    """Images of which gradients with respect to the scene's tensors are right, silhouettes included: a subset of
    {'color', 'depth', 'masks'}."""
    interior: ClassVar[frozenset[str]] = frozenset()
    """Images of which gradients are right inside surfaces, but not where silhouettes pass. Schedules take them too, and
    then see little of outlines."""
    deterministic: ClassVar[bool] = True
    """Whether the same call gives the same bits."""
    devices: ClassVar[frozenset[str]] = frozenset({"cpu"})
    """Torch device types on which it runs."""
    mask_error: ClassVar[float] = 0.06
    """Largest mean error of masks, over the pixels that a silhouette crosses."""
    depth_error: ClassVar[float] = 5e-4
    """Largest error of depth inside surfaces, half a metre away [m]."""
    color_error: ClassVar[float] = 0.02
    """Largest error of colour inside surfaces."""
    gradient_error: ClassVar[float] = 0.1
    """Largest error of a claimed derivative, relative to the greatest of its kind."""

    @abstractmethod
    def render(self, scene: Scene, camera: Camera) -> Render:
        """Return the images of a scene seen by a camera, in the dtype of the scene's vertices.

        Differentiable in vertices, poses, scales, materials and lights as far as `differentiable` claims.
        """
