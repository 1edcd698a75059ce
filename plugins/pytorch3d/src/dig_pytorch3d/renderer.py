"""PyTorch3D as a renderer of dig_framework."""

from __future__ import annotations

import functools
from typing import Literal

from pydantic import Field

from dig_framework.camera import Camera
from dig_framework.interfaces.shaded_renderer import LayeredRenderer
from dig_framework.render import Render
from dig_framework.scene import Scene
from dig_pytorch3d.library import check_device, library
from dig_pytorch3d.nearest_faces import nearest_faces


class Pytorch3dRenderer(LayeredRenderer):
    """Draw what PyTorch3D's rasteriser finds, shaded and composed as the framework's other renderers do.

    PyTorch3D tells which face every pixel centre sees and where in it, and has the gradient of that; it works in
    float32. Silhouettes are averaged over pixels by their distance, which is measured here: PyTorch3D's own distance is
    to the nearest side of a triangle, and inside a mesh that is mostly one that another triangle shares.

    What is hidden has zero gradient. Lines where surfaces pass through each other, through the plane, or where an
    object hides a part of itself are hard and their place has no gradient. Faces seen from behind and faces that reach
    behind `near` are not drawn. Sums of gradients depend on the order of threads.
    """

    device: Literal["cpu", "cuda"] = Field(default="cpu", description="Where PyTorch3D looks for faces")
    own_gradients: bool = Field(
        default=True,
        description="Whether gradients inside surfaces are PyTorch3D's, which on the CPU take most of the time, or "
        "those of the same formula in torch",
    )
    bin_size: int | None = Field(
        default=None, ge=0, description="On CUDA, side of PyTorch3D's bins [px]; 0 for none, by default it chooses"
    )
    max_faces_per_bin: int | None = Field(
        default=None, ge=1, description="On CUDA, room for faces in each bin; by default PyTorch3D chooses"
    )

    def render(self, scene: Scene, camera: Camera) -> Render:
        """Return the images of a scene, in the dtype of the vertices; differentiable in the scene and the camera.

        Raises:
            ComponentError: If PyTorch3D is not there, or CUDA is asked for and not there.
        """
        from dig_framework.layering.draw import Look, draw_layers

        meshes, rasterize = library()
        check_device(self.device)
        ask = functools.partial(
            nearest_faces,
            meshes=meshes,
            rasterize=rasterize,
            device=self.device,
            bins=(self.bin_size, self.max_faces_per_bin),
            own_gradients=self.own_gradients,
        )
        look = Look(self.softness, self.near, self.shading == "flat", self.reflectance, self.background)
        return draw_layers(scene, camera, look, ask)
