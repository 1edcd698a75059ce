"""Embree as a renderer of dig_framework."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import Field

from dig_framework.camera import Camera
from dig_framework.interfaces import Renderer
from dig_framework.render import Render
from dig_framework.scene import Scene


class EmbreeRenderer(Renderer):
    """Cast rays with Embree: exact visibility and soft shadows, fast, and without any gradient.

    Surfaces are lit by the formulas of the renderer `raster` at what the rays meet. With `shadows` lights are spheres
    of `light_radius`, of which every ray sees another point; with `ambient_reach` what is near keeps ambient light
    away. Light does not go from surface to surface: for that there is the path tracer of `mitsuba`.
    """

    reflectance: Literal["phong", "lambert", "microfacet"] = Field(
        default="phong",
        description="How materials reflect light: `lambert` has no highlight, `microfacet` a rough coat",
    )
    samples: int = Field(default=16, ge=1, le=4096, description="Rays a pixel; one goes through its centre")
    shadows: bool = Field(default=False, description="Whether surfaces keep light from others")
    light_radius: float = Field(default=0.0, ge=0, description="Of point lights, which softens shadows [m]")
    ambient_reach: float = Field(
        default=0.0, ge=0, description="How far surfaces keep ambient light from others [m]; 0 for not at all"
    )
    seed: int = Field(default=0, ge=0, lt=2**24, description="Of points on lights and of ways out to ambient light")
    background: tuple[float, float, float] = Field(
        default=(1.0, 1.0, 1.0), description="Linear RGB where nothing is hit, or a plane without material"
    )
    near: float = Field(default=0.001, gt=0, description="Nearest depth that is drawn [m]")

    def render(self, scene: Scene, camera: Camera) -> Render:
        """Return the images of a scene, in the dtype of the vertices; not differentiable.

        Raises:
            ComponentError: If Embree is missing.
            InputError: If a vertex is not finite.
        """
        from dig_embree.brush import Brush
        from dig_embree.drawing import drawn
        from dig_embree.surfaces import surfaces_of
        from dig_embree.tracer import Tracer
        from dig_framework.shading.light_table import light_table

        surfaces, dtype = surfaces_of(scene, camera), _dtype(scene, camera)
        tracer = Tracer(surfaces)
        lights = light_table([light.detach() for light in scene.lights], camera.camera_from_scene.detach().double())
        brush = Brush(
            self.samples, self.reflectance, self.shadows, self.light_radius, self.ambient_reach, self.seed,
            self.background, self.near,
        )  # fmt: skip
        images = drawn(surfaces, tracer, lights, camera, brush)
        rotation = camera.camera_from_scene[:3, :3].detach().double()
        return Render(
            images.color.to(dtype), images.depth.to(dtype), images.masks.to(dtype), images.ids,
            (images.normals @ rotation).to(dtype),
        )  # fmt: skip


def _dtype(scene: Scene, camera: Camera) -> torch.dtype:
    if scene.objects:
        return scene.objects[0].mesh.vertices.dtype
    return scene.plane.normal.dtype if scene.plane else camera.intrinsics.dtype
