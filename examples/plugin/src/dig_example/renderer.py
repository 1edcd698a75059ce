"""A wrapper that exposes another renderer's images."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.camera import Camera
from dig_framework.interfaces import Renderer
from dig_framework.render import Render
from dig_framework.scene import Scene


class ExampleRenderer(Renderer):
    """Lets another component draw the scene, and then multiplies its colours."""

    differentiable: ClassVar[frozenset[str]] = frozenset({"color", "depth", "masks"})

    inner: Renderer = Field(
        default_factory=lambda: RasterRenderer.model_validate({}), description="The renderer that draws"
    )
    exposure: float = Field(default=1.0, gt=0, description="Factor on linear colour")

    def render(self, scene: Scene, camera: Camera) -> Render:
        """Return the images of the inner renderer, exposed; differentiable as far as that is."""
        images = self.inner.render(scene, camera)
        return images.replace(color=self.exposure * images.color)
