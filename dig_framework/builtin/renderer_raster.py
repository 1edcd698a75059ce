"""A differentiable rasteriser for the CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from dig_framework.camera import Camera
from dig_framework.interfaces.renderer import Renderer
from dig_framework.render import Render
from dig_framework.scene import Scene

if TYPE_CHECKING:
    from dig_framework.rendering.draw import Frame
    from dig_framework.rendering.scene_tensors import SceneTensors


class RasterRenderer(Renderer):
    """Draw triangles with exact visibility at pixel centres and silhouettes averaged over each pixel's area.

    Silhouette edges are found from the orientation of faces, cut to what is visible and blended by the area that they
    cover, so images and gradients do not depend on how finely a mesh is divided. The support plane is drawn to the
    horizon. Surfaces are lit by Phong's formula, linear in light, without shadows.

    What is hidden has exactly zero gradient. Lines where surfaces pass through each other, or through the plane, are
    drawn hard, pixel by pixel, and their place has no gradient. Also differentiable in the plane's tensors, but for
    where the plane hides something.
    """

    differentiable: ClassVar[frozenset[str]] = frozenset({"color", "depth", "masks"})

    shading: Literal["smooth", "flat"] = Field(default="smooth", description="Normals of vertices, or of faces")
    antialias: bool = Field(
        default=True,
        description="Average silhouettes over pixels; without it they have no gradient and masks are binary",
    )
    background: tuple[float, float, float] = Field(
        default=(1.0, 1.0, 1.0), description="Linear RGB where nothing is hit, or a plane without material"
    )
    near: float = Field(default=0.001, gt=0, description="Nearest depth that is drawn [m]")

    def render(self, scene: Scene, camera: Camera) -> Render:
        """Return the images of a scene, in the dtype of the vertices; differentiable in the scene and the camera."""
        from dig_framework.rendering.draw import draw
        from dig_framework.rendering.scene_tensors import scene_tensors

        tensors = scene_tensors(scene, camera, flat=self.shading == "flat")
        color, depth, masks, ids = draw(tensors, self._frame(scene, camera, tensors))
        return Render(color, depth, masks, ids)

    def _frame(self, scene: Scene, camera: Camera, tensors: SceneTensors) -> Frame:
        from dig_framework.rendering.draw import Frame
        from dig_framework.rendering.topology import joined, topology_of

        meshes = [item.mesh for item in scene.objects]
        topologies = [topology_of(mesh.faces, mesh.vertices) for mesh in meshes]
        return Frame(
            faces=tensors.faces.numpy(),
            normal_faces=tensors.normal_faces.numpy(),
            face_object=np.repeat(np.arange(len(meshes)), [len(mesh.faces) for mesh in meshes]),
            objects=len(meshes),
            topology=joined(topologies, [len(mesh.vertices) for mesh in meshes]),
            plane_shown=scene.plane is not None and scene.plane.material is not None,
            camera_from_pixel=np.linalg.inv(camera.intrinsics.detach().double().numpy()),
            background=np.asarray(self.background, np.float64),
            width=camera.width,
            height=camera.height,
            near=self.near,
            antialias=self.antialias,
        )
