"""A differentiable rasteriser for the CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator
from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.interfaces.shaded_renderer import ShadedRenderer
from dig_framework.render import Render
from dig_framework.scene import Scene

if TYPE_CHECKING:
    from dig_framework.rendering.scene_tensors import SceneTensors
    from dig_framework.rendering.seen import Frame


class RasterRenderer(ShadedRenderer):
    """Draw triangles with exact visibility at pixel centres and silhouettes averaged over each pixel's area.

    Silhouette edges are found from the orientation of faces, cut to what is visible and blended by the area that they
    cover, so images and gradients do not depend on how finely a mesh is divided. The support plane is drawn to the
    horizon. Colour is linear radiance.

    What is hidden has exactly zero gradient. Lines where surfaces pass through each other, or through the plane, are
    drawn hard, pixel by pixel, and their place has no gradient. Also differentiable in the plane's tensors, but for
    where the plane hides something, and in textures.

    Phong's and Lambert's reflectance, without textures and shadows, are drawn by kernels that do everything at once;
    all else takes several times as long. With `silhouettes` set to `neighbours`, pixels are blended with their
    neighbours as `nvdiffrast` does: right for coarse meshes only, and without shadows.
    """

    differentiable: ClassVar[frozenset[str]] = frozenset({"color", "depth", "masks"})

    silhouettes: Literal["walked", "neighbours", "hard"] = Field(
        default="walked",
        description="Averaged over pixels along their edges, blended between neighbouring pixels, or without gradient",
    )
    shadows: bool = Field(default=False, description="Whether objects cast shadows, with gradients to the lights")
    normals: bool = Field(default=False, description="Whether normals are drawn too")

    @model_validator(mode="after")
    def _shadows_are_walked(self) -> RasterRenderer:
        if self.shadows and self.silhouettes == "neighbours":
            raise ValueError("shadows are not drawn with silhouettes = 'neighbours'; set 'walked' or 'hard'")
        return self

    def needs_preparation(self) -> bool:
        """Whether kernels have yet to be compiled, which takes most of a minute once."""
        from dig_framework.kernel_folder import compiled_before

        return not compiled_before("rendering")

    def prepare(self) -> None:
        """Compile the kernels by drawing a triangle above a table, and the derivative of it."""
        import torch

        from dig_framework.kernel_folder import note_compiled
        from dig_framework.rendering.sample_scene import sample_scene

        scene, camera = sample_scene()
        corners = scene.objects[0].mesh.vertices.requires_grad_()
        render = self.render(scene.with_tensors({"objects.0.mesh.vertices": corners}), camera)
        torch.stack([render.color.sum(), render.depth.sum(), render.masks.sum()]).sum().backward()
        note_compiled("rendering")

    def render(self, scene: Scene, camera: Camera) -> Render:
        """Return the images of a scene, in the dtype of the vertices; differentiable in the scene and the camera.

        Raises:
            InputError: If a tensor is not shaped as it says, a face names a vertex that is not there, an object has a
                texture but no uv, a number is not finite or beyond 1e6, or the camera has no image.
        """
        from dig_framework.rendering.scene_tensors import scene_tensors
        from dig_framework.rendering.seen import frame_of

        tensors = scene_tensors(scene, camera, flat=self.shading == "flat")
        frame = frame_of(scene, camera, tensors, self.background, self.near, walked=self.silhouettes == "walked")
        color, depth, masks, ids = self._images(tensors, frame)
        return Render(color, depth, masks, ids, self._normals(tensors, frame, camera) if self.normals else None)

    def _images(self, tensors: SceneTensors, frame: Frame) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        from dig_framework.shading.model import shading_model

        if self.silhouettes == "neighbours":
            import dig_framework.raster as primitives
            from dig_framework.rendering.primitive_images import draw_with_primitives

            model, context = shading_model(self.reflectance), primitives.RasterizeContext()
            return draw_with_primitives(primitives, context, tensors, frame, model)[:4]
        if self.shadows or tensors.uv is not None or self.reflectance == "microfacet":
            from dig_framework.rendering.deferred import draw_deferred

            return draw_deferred(tensors, frame, shading_model(self.reflectance), self.shadows)
        from dig_framework.rendering.draw import draw

        return draw(tensors.matte() if self.reflectance == "lambert" else tensors, frame)

    def _normals(self, tensors: SceneTensors, frame: Frame, camera: Camera) -> Tensor:
        from dig_framework.rendering.deferred import draw_normals

        return draw_normals(tensors, frame) @ camera.camera_from_scene[:3, :3].to(tensors.vertices)
