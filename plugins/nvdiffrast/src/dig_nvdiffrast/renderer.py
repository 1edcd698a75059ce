"""nvdiffrast as a renderer of dig_framework."""

from __future__ import annotations

from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor
from torch.nn.functional import avg_pool2d

from dig_framework.camera import Camera
from dig_framework.interfaces.shaded_renderer import ShadedRenderer
from dig_framework.render import Render
from dig_framework.rendering.primitive_images import draw_with_primitives
from dig_framework.rendering.scene_tensors import scene_tensors
from dig_framework.rendering.seen import frame_of
from dig_framework.scene import Scene
from dig_framework.shading.model import shading_model
from dig_nvdiffrast import library


class NvdiffrastRenderer(ShadedRenderer):
    """Draw with the primitives of nvdiffrast (Laine et al., ACM TOG 2020) on an NVIDIA GPU, shaded as by `raster`.

    Silhouettes are blended between neighbouring pixels, where the triangle seen at a pixel owns the edge. Of fine
    meshes few silhouettes are: then masks are hard and gradients come from inside surfaces alone. More `samples` draw
    larger images and average them, which helps both. Scenes on another device are moved; images come back to it.
    Everything is computed in float32.
    """

    interior: ClassVar[frozenset[str]] = frozenset({"color", "depth", "masks"})
    deterministic: ClassVar[bool] = False
    devices: ClassVar[frozenset[str]] = frozenset({"cuda"})
    mask_error: ClassVar[float] = 0.12

    samples: int = Field(default=4, ge=1, le=8, description="Samples along either side of a pixel, averaged")
    near: float = Field(default=0.01, gt=0, description="Nearest depth that is drawn [m]")

    def render(self, scene: Scene, camera: Camera) -> Render:
        """Return the images of a scene, in the dtype of the vertices; differentiable in the scene and the camera."""
        primitives = library.primitives()
        device = torch.device(next(iter(sorted(self.devices))))
        home = next((item.mesh.vertices for item in scene.objects), camera.intrinsics)
        moved, fine = scene.to(device, torch.float32), camera.to(device, torch.float32).scaled(float(self.samples))
        tensors = scene_tensors(moved, fine, flat=self.shading == "flat")
        frame = frame_of(moved, fine, tensors, self.background, self.near, walked=False)
        model = shading_model(self.reflectance)
        images = draw_with_primitives(primitives, library.context(device), tensors, frame, model)
        color, depth, masks, ids, normals = images
        dtype = home.dtype if scene.objects else torch.float32
        parts = (self._averaged(part).to(home.device, dtype) for part in (color.movedim(-1, 0), depth[None], masks))
        small_color, small_depth, small_masks = parts
        center = slice(self.samples // 2, None, self.samples)
        turned = normals[center, center] @ fine.camera_from_scene[:3, :3]
        return Render(
            small_color.movedim(0, -1), small_depth[0], small_masks, ids[center, center].to(home.device),
            turned.to(home.device, dtype),
        )  # fmt: skip

    def _averaged(self, image: Tensor) -> Tensor:
        return avg_pool2d(image[None], self.samples)[0] if len(image) else image[:, :: self.samples, :: self.samples]
